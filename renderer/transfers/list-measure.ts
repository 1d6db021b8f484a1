import type { TransferId } from "#shared/transfer.ts";
import type { Settings } from "#shared/settings.ts";
import type { ListGroup, ListRow } from "./list-layout.ts";

/** Design pixels; the lower edge's line is inside. */
const HEAD = 28;
const ROW = { comfortable: 64, compact: 40 } as const;
const ROW_ASKING = { comfortable: 100, compact: 76 } as const;

export type MeasuredRow = {
  readonly row: ListRow;
  /** Counted from 0 over all groups. */
  readonly index: number;
  /** Pixels from the top of its group. */
  readonly top: number;
  readonly height: number;
};
export type MeasuredGroup = {
  readonly group: ListGroup;
  /** Pixels from the top of the list. */
  readonly top: number;
  readonly height: number;
  readonly rows: readonly MeasuredRow[];
};

export function rowHeight(
  { isAsking }: ListRow,
  density: Settings["density"],
  pixel: number,
): number {
  return Math.round((isAsking ? ROW_ASKING : ROW)[density] * pixel);
}

/** Where everything stands. Heights are known from the look, so nothing needs to be drawn to know them. */
export function measureList(
  groups: readonly ListGroup[],
  density: Settings["density"],
  pixel: number,
): readonly MeasuredGroup[] {
  const measured: MeasuredGroup[] = [];
  let top = 0;
  let index = 0;
  for (const group of groups) {
    const rows: MeasuredRow[] = [];
    let height = Math.round(HEAD * pixel);
    for (const row of group.rows) {
      const own = rowHeight(row, density, pixel);
      rows.push({ row, index, top: height, height: own });
      height += own;
      index += 1;
    }
    measured.push({ group, top, height, rows });
    top += height;
  }
  return measured;
}

/** Rows of a group that touch the window `start`…`end` of the list, and the one that holds the focus. */
export function rowsWithin(
  { top, rows }: MeasuredGroup,
  window: { readonly start: number; readonly end: number },
  kept: TransferId | null,
): readonly MeasuredRow[] {
  return rows.filter(
    (row) =>
      row.row.id === kept ||
      (top + row.top + row.height > window.start && top + row.top < window.end),
  );
}
