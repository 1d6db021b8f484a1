import { createContext, use } from "react";
import { ActionIcon, Button } from "@mantine/core";
import {
  IconAlertTriangle,
  IconDots,
  IconPin,
  IconPinFilled,
  IconTransfer,
} from "@tabler/icons-react";
import type { CacheEntry } from "#shared/cache.ts";
import { homePath } from "../common/home-path.ts";
import { dayText } from "../common/day-text.ts";
import type { RowPages } from "../common/row-pages.ts";
import { TickBox } from "../common/tick-box.tsx";
import { useFormats } from "../common/use-formats.ts";
import { useNow } from "../common/use-now.ts";
import { useStatusStore } from "../state/status-store.ts";
import { useWorkStore } from "../state/work-store.ts";
import { tickEntries, useCacheStore } from "./cache-store.ts";
import type { RunEntryCommand } from "./use-entry-commands.ts";
import {
  FREES_WHY,
  freesText,
  idText,
  KIND_WORDS,
  nameOf,
  placeOf,
  TROUBLE_WORDS,
  verifiedText,
} from "./entry-words.ts";
import classes from "./entry-list.module.css";

type EntryContextValue = {
  readonly pages: RowPages<CacheEntry>;
  readonly run: RunEntryCommand;
  readonly openMenu: (index: number, anchor: DOMRect) => void;
};

export const EntryContext = createContext<EntryContextValue | null>(null);

/** One row of the list, by its index. */
export function EntryCells({ row }: { readonly row: number }) {
  const context = use(EntryContext);
  const formats = useFormats();
  const nowMs = useNow(false);
  const entry = context?.pages.at(row);
  if (!context || !entry) {
    return (
      <span role="gridcell" className={classes.waiting}>
        …
      </span>
    );
  }
  return (
    <>
      <TickCell entry={entry} />
      <NameCell entry={entry} />
      <span role="gridcell" className={classes.kind}>
        {KIND_WORDS[entry.kind]}
      </span>
      <span role="gridcell" className={`${classes.size} lh-number`}>
        {formats.bytes(entry.sizeBytes)}
      </span>
      <span
        role="gridcell"
        className={`${classes.frees} lh-number`}
        data-quiet={entry.frees !== "all" || undefined}
        title={FREES_WHY[entry.frees]}
      >
        {freesText(entry, formats)}
      </span>
      <span role="gridcell" className={classes.used}>
        {dayText(entry.usedAtMs, nowMs)}
      </span>
      <span
        role="gridcell"
        className={classes.verified}
        data-quiet={entry.verifiedAtMs === null || undefined}
      >
        {verifiedText(entry, nowMs)}
      </span>
      <ActionCell entry={entry} index={row} context={context} />
    </>
  );
}

function TickCell({ entry }: { readonly entry: CacheEntry }) {
  const isTicked = useCacheStore((state) => state.ticked.has(idText(entry)));
  return (
    <span role="gridcell" className={classes.tick}>
      <TickBox
        tabIndex={-1}
        label={`Tick ${entry.key}`}
        isTicked={isTicked}
        onTick={(tick) => tickEntries([entry], tick)}
      />
    </span>
  );
}

function NameCell({ entry }: { readonly entry: CacheEntry }) {
  const host = useStatusStore((state) => state.host);
  const trouble = entry.trouble && TROUBLE_WORDS[entry.trouble];
  return (
    <span role="gridcell" className={classes.name} title={homePath(entry.path, host)}>
      <span className={`${classes.title} lh-cut`}>{nameOf(entry.key)}</span>
      <span className={`${classes.place} lh-cut`}>{placeOf(entry)}</span>
      {trouble && (
        <span className={classes.trouble} title={trouble.why}>
          <IconAlertTriangle size={14} aria-hidden />
          {trouble.short}
        </span>
      )}
      {entry.isQueued && (
        <span className={classes.queued} title="A transfer that is not finished uses it.">
          <IconTransfer size={14} aria-hidden />
          In use
        </span>
      )}
    </span>
  );
}

type ActionCellProps = {
  readonly entry: CacheEntry;
  readonly index: number;
  readonly context: EntryContextValue;
};

/** Out of the tab order: the row's keys do the same. */
function ActionCell({ entry, index, context: { run, openMenu } }: ActionCellProps) {
  const isWorking = useWorkStore((state) => state.now !== null);
  const Pin = entry.isPinned ? IconPinFilled : IconPin;
  return (
    <span role="gridcell" className={classes.actions}>
      {entry.trouble === "damaged" && !isWorking && (
        <Button
          size="xs"
          tabIndex={-1}
          aria-label={`Repair ${entry.key}`}
          onClick={() => run("repair", [entry])}
        >
          Repair
        </Button>
      )}
      <ActionIcon
        tabIndex={-1}
        className={classes.pin ?? ""}
        data-pinned={entry.isPinned || undefined}
        aria-label={`${entry.isPinned ? "Unpin" : "Pin"} ${entry.key}`}
        title={entry.isPinned ? "Pinned: it stays. Unpin" : "Pin: it stays until you unpin it"}
        onClick={() => run(entry.isPinned ? "unpin" : "pin", [entry])}
      >
        <Pin size={15} stroke={1.6} aria-hidden />
      </ActionIcon>
      <ActionIcon
        tabIndex={-1}
        aria-label={`More for ${entry.key}`}
        aria-haspopup="menu"
        onClick={(event) => openMenu(index, event.currentTarget.getBoundingClientRect())}
      >
        <IconDots size={16} aria-hidden />
      </ActionIcon>
    </span>
  );
}
