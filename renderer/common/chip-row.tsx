import type { ReactNode } from "react";
import { Chip } from "@mantine/core";
import { formatCount } from "./byte-figures.ts";
import classes from "./chip-row.module.css";

type ChipRowProps<Value extends string> = {
  readonly chips: readonly {
    readonly value: Value;
    readonly label: string;
    /** How many it would show; null while nobody knows. */
    readonly count: number | null;
  }[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  /** On the right, what the list adds up to. */
  readonly note: ReactNode;
};

/** Filters above a list, one at a time; the first is everything. */
export function ChipRow<Value extends string>(props: ChipRowProps<Value>) {
  const { chips, onChange, note } = props;
  return (
    <div className={classes.filters}>
      <div className={classes.chips} role="group" aria-label="Show">
        {chips.map(({ value, label, count }) => (
          <Chip
            key={value}
            size="xs"
            variant="outline"
            checked={value === props.value}
            classNames={{ label: classes.chip ?? "", iconWrapper: classes.icon ?? "" }}
            onChange={() => onChange(value)}
          >
            {label} {count !== null && <span className={classes.count}>{formatCount(count)}</span>}
          </Chip>
        ))}
      </div>
      <span className={`${classes.note} lh-number`}>{note}</span>
    </div>
  );
}
