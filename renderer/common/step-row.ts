/**
 * The row that a key goes to, stopping at the ends; null for keys that go nowhere.
 * `pageLength` is how many rows are on screen.
 */
export function stepRow(key: string, at: number, count: number, pageLength: number): number | null {
  const last = count - 1;
  if (last < 0) return null;
  switch (key) {
    case "ArrowDown":
      return Math.min(last, at + 1);
    case "ArrowUp":
      return Math.max(0, at - 1);
    case "PageDown":
      return Math.min(last, at + pageLength);
    case "PageUp":
      return Math.max(0, at - pageLength);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}

/** Both ends and what lies between, whichever comes first. Half-open. */
export function rangeBetween(one: number, other: number): { start: number; end: number } {
  return { start: Math.min(one, other), end: Math.max(one, other) + 1 };
}
