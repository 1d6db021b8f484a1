/** Rows drawn above and below those on screen, so that a fast scroll meets no hole. */
const OVERSCAN = 8;

export type Rows = { readonly start: number; readonly end: number };

/** Which rows of one height to draw, half-open. Pixels. */
export function visibleRows(
  scrolledPixels: number,
  viewPixels: number,
  rowPixels: number,
  count: number,
): Rows {
  const first = Math.floor(scrolledPixels / rowPixels) - OVERSCAN;
  const last = Math.ceil((scrolledPixels + viewPixels) / rowPixels) + OVERSCAN;
  const end = Math.min(count, Math.max(0, last));
  return { start: Math.min(end, Math.max(0, first)), end };
}

/** The rows to draw, in order: those visible, and the one with the focus wherever it is. */
export function drawnRows({ start, end }: Rows, focused: number, count: number): number[] {
  const rows = Array.from({ length: Math.max(0, end - start) }, (_none, at) => start + at);
  if (focused >= count || (focused >= start && focused < end)) return rows;
  return focused < start ? [focused, ...rows] : [...rows, focused];
}

/** How far to scroll so that a row is on screen whole; as little as possible. Pixels. */
export function scrollFor(
  row: number,
  scrolledPixels: number,
  viewPixels: number,
  rowPixels: number,
): number {
  const top = row * rowPixels;
  if (top < scrolledPixels) return top;
  return Math.max(scrolledPixels, top + rowPixels - viewPixels);
}
