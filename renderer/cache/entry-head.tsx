import type { ReactNode } from "react";
import { VisuallyHidden } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import type { CacheSort } from "#shared/cache.ts";
import { TickBox } from "../common/tick-box.tsx";
import { sortBy, useCacheStore } from "./cache-store.ts";
import classes from "./entry-list.module.css";

type EntryHeadProps = {
  readonly total: number;
  readonly onTickAll: (isTicked: boolean) => void;
};

export function EntryHead({ total, onTickAll }: EntryHeadProps) {
  const tickedCount = useCacheStore((state) => state.ticked.size);
  const isAll = total > 0 && tickedCount >= total;
  return (
    <>
      <span role="columnheader" className={classes.tick}>
        <TickBox
          label="Tick everything listed"
          isTicked={isAll}
          isPartly={tickedCount > 0 && !isAll}
          onTick={() => onTickAll(tickedCount === 0)}
        />
      </span>
      <SortHead sort="key">Entry</SortHead>
      <span role="columnheader" className={classes.kind}>
        Whose
      </span>
      <SortHead sort="size" className={classes.size}>
        Size
      </SortHead>
      <span
        role="columnheader"
        className={classes.frees}
        title="What deleting it gives back on its disk"
      >
        Frees
      </span>
      <SortHead sort="used" className={classes.used}>
        Last used
      </SortHead>
      <SortHead sort="verified" className={classes.verified}>
        Verified
      </SortHead>
      <span role="columnheader">
        <VisuallyHidden>Actions</VisuallyHidden>
      </span>
    </>
  );
}

type SortHeadProps = {
  readonly sort: CacheSort;
  readonly className?: string | undefined;
  readonly children: ReactNode;
};

/** A head that sorts by its column, and says which way it is. */
function SortHead({ sort, className, children }: SortHeadProps) {
  const order = useCacheStore((state) => (state.sort === sort ? state.order : null));
  const Arrow = order === "up" ? IconArrowUp : IconArrowDown;
  const spoken = { up: "ascending", down: "descending" } as const;
  return (
    <span
      role="columnheader"
      aria-sort={order === null ? "none" : spoken[order]}
      className={className}
    >
      <button type="button" className={`${classes.sort} lh-focus`} onClick={() => sortBy(sort)}>
        {children}
        {order !== null && <Arrow size={12} aria-hidden />}
      </button>
    </span>
  );
}
