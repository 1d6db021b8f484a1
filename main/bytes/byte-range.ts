/** `end` is exclusive, as in `slice`; HTTP's inclusive form exists only inside a store. */
export type ByteRange = { readonly start: number; readonly end: number };

export function lengthOf(range: ByteRange): number {
  return range.end - range.start;
}
