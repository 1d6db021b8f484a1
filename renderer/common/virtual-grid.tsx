import type { KeyboardEvent, ReactNode } from "react";
import { useEffect, useRef, useState } from "react";
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { useSettingsStore } from "../state/settings-store.ts";
import { rangeBetween, stepRow } from "./step-row.ts";
import classes from "./virtual-grid.module.css";

/** Pixels at text size 100 %. */
const ROW_HEIGHT = 34;
/** This many rows before the end the next ones are asked for. */
const END_IS_NEAR = 20;

type VirtualGridProps<Row> = {
  readonly label: string;
  /** A class with `grid-template-columns`, for head and rows alike. */
  readonly columns: string | undefined;
  /** Cells with `role="columnheader"`. */
  readonly head: ReactNode;
  readonly rows: readonly Row[];
  /** There are more than are known. */
  readonly isOpenEnded?: boolean;
  readonly keyOf: (row: Row) => string;
  /** A row as one sentence. */
  readonly labelOf: (row: Row) => string;
  /** Undefined where rows cannot be selected. */
  readonly isSelected?: (row: Row) => boolean;
  /** Cells with `role="gridcell"`. */
  readonly cellsOf: (row: Row) => ReactNode;
  /** Keys that do not move. */
  readonly onRowKey: (event: KeyboardEvent, row: Row) => void;
  /** Rows that moving with Shift went over. */
  readonly onExtend?: (rows: readonly Row[]) => void;
  readonly onOpen?: (row: Row) => void;
  readonly onEndNear?: () => void;
  /** Takes the focus when it appears. */
  readonly hasFocus?: boolean;
  readonly foot?: ReactNode;
};

/** Rows of one height, of which only those on screen exist. One tab stop; keys move inside. */
export function VirtualGrid<Row>(props: VirtualGridProps<Row>) {
  const { rows, columns } = props;
  const body = useRef<HTMLDivElement>(null);
  const { at, moveTo, wantsFocus } = useActiveRow(rows.length, props.hasFocus ?? false);
  const percent = useSettingsStore((state) => state.settings.textSizePercent);
  const rowHeight = Math.round((ROW_HEIGHT * percent) / 100);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => body.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    // The row with the focus stays, wherever the list is scrolled to.
    rangeExtractor: (range) =>
      [...new Set([...defaultRangeExtractor(range), ...(at < rows.length ? [at] : [])])].sort(
        (one, other) => one - other,
      ),
  });
  const shown = virtual.getVirtualItems();
  const lastShown = virtual.range?.endIndex ?? 0;

  useEffect(() => virtual.measure(), [virtual, rowHeight]);
  useEffect(() => {
    if (rows.length > 0 && lastShown >= rows.length - END_IS_NEAR) props.onEndNear?.();
  });
  useEffect(() => {
    if (!wantsFocus.current || rows.length === 0) return;
    wantsFocus.current = false;
    virtual.scrollToIndex(at);
    body.current?.querySelector<HTMLElement>(`[data-index="${at}"]`)?.focus();
  });

  function onKeyDown(event: KeyboardEvent): void {
    const row = rows[at];
    if (!row) return;
    const pageLength = Math.max(1, Math.floor((body.current?.clientHeight ?? 0) / rowHeight) - 1);
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const next = isPlain ? stepRow(event.key, at, rows.length, pageLength) : null;
    if (next === null) {
      props.onRowKey(event, row);
      return;
    }
    event.preventDefault();
    if (event.shiftKey) {
      const { start, end } = rangeBetween(at, next);
      props.onExtend?.(rows.slice(start, end));
    }
    moveTo(next);
  }

  return (
    <div
      className={classes.grid}
      role="grid"
      aria-label={props.label}
      aria-rowcount={props.isOpenEnded ? -1 : rows.length + 1}
      aria-multiselectable={props.isSelected ? true : undefined}
    >
      <div className={classes.head} role="rowgroup">
        <div className={`${classes.headRow} ${columns ?? ""}`} role="row" aria-rowindex={1}>
          {props.head}
        </div>
      </div>
      <div ref={body} className={classes.body} role="rowgroup" onKeyDown={onKeyDown}>
        <div className={classes.rows} role="presentation" style={{ height: virtual.getTotalSize() }}>
          {shown.map(({ index, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <div
                key={props.keyOf(row)}
                data-index={index}
                className={`${classes.row} ${columns ?? ""} lh-focus-inside`}
                role="row"
                aria-rowindex={index + 2}
                aria-label={props.labelOf(row)}
                aria-selected={props.isSelected?.(row)}
                tabIndex={index === at ? 0 : -1}
                style={{ height: rowHeight, transform: `translateY(${start}px)` }}
                onFocus={() => moveTo(index, false)}
                onClick={(event) => event.currentTarget.focus()}
                onDoubleClick={() => props.onOpen?.(row)}
              >
                {props.cellsOf(row)}
              </div>
            );
          })}
        </div>
        {props.foot}
      </div>
    </div>
  );
}

/** The row that the tab key comes to. `wantsFocus` is true when it should take the focus next. */
function useActiveRow(count: number, startsFocused: boolean) {
  const [active, setActive] = useState(0);
  const wantsFocus = useRef(startsFocused);
  const moveTo = (index: number, withFocus = true) => {
    wantsFocus.current ||= withFocus;
    setActive(index);
  };
  return { at: Math.min(active, Math.max(0, count - 1)), moveTo, wantsFocus };
}
