/** Rows drawn above and below those on screen, so that a fast scroll meets no hole. */
const OVERSCAN = 8;

/**
 * Higher than this no element is made: Firefox draws nothing beyond some 17 million pixels, Chromium
 * beyond 33. A million rows of 34 pixels are more than either.
 */
const TALLEST_PIXELS = 15_000_000;

/** The body's place moves on by this many rows at a time, so that rows stay where they are drawn. */
const ROWS_PER_STRETCH = 1000;

export type Rows = { readonly start: number; readonly end: number };

/** What the scroll bar covers. In a list that is too tall, a pixel of it stands for more than one. */
export type Track = {
  /** Of the element that scrolls. Pixels. */
  readonly heightPixels: number;
  /** How far into the list a place of the scroll bar is, and back. Pixels. */
  readonly toOffset: (scrolledPixels: number) => number;
  readonly toScrolled: (offsetPixels: number) => number;
};

export function trackOf(listPixels: number, viewPixels: number): Track {
  const heightPixels = Math.min(listPixels, TALLEST_PIXELS);
  const isWhole = heightPixels === listPixels;
  const factor = isWhole ? 1 : (listPixels - viewPixels) / (heightPixels - viewPixels);
  return {
    heightPixels,
    toOffset: (scrolled) => scrolled * factor,
    toScrolled: (offset) => offset / factor,
  };
}

/** Where rows are drawn: each at `(index - firstRow) * rowPixels` below `topPixels`. */
export type Stretch = { readonly firstRow: number; readonly topPixels: number };

/** The whole list from its top on where it is not too tall; else the rows around those on screen. */
export function stretchAt(track: Track, scrolledPixels: number, rowPixels: number): Stretch {
  const offset = track.toOffset(scrolledPixels);
  if (offset === scrolledPixels) return { firstRow: 0, topPixels: 0 };
  const firstRow = Math.floor(offset / rowPixels / ROWS_PER_STRETCH) * ROWS_PER_STRETCH;
  return { firstRow, topPixels: scrolledPixels - offset + firstRow * rowPixels };
}

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
