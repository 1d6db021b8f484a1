import type { ByteRange } from "../bytes/byte-range.ts";
import type { RangeSet } from "../bytes/range-set.ts";
import type { Piece } from "../stores/store.ts";

export type PlannedRange = ByteRange & {
  /** Counted from 1, in the order of asking. */
  readonly number: number;
  /** Where the digests of the pieces that it holds whole end; empty when it is within one piece. */
  readonly cuts: readonly number[];
};

export type RangePlan = {
  readonly within: ByteRange;
  /** Cover `within` in order; null where the origin has no digests. */
  readonly pieces: readonly Piece[] | null;
  /** Not asked for again. */
  readonly have: RangeSet;
  /** Most bytes in one range; asked before each, because the cap may change. At least 1. */
  readonly maxBytes: () => number;
};

/**
 * The ranges to ask for, in order: together every byte that is missing, each at most `maxBytes` long,
 * and either whole pieces or within one piece. One at a time, so that a plan of a million ranges
 * takes no memory.
 */
export function* planRanges({
  within,
  pieces,
  have,
  maxBytes,
}: RangePlan): Generator<PlannedRange> {
  let number = 0;
  for (const gap of have.missingIn(within)) {
    for (let start = gap.start; start < gap.end;) {
      const { end, cuts } = nextRange({ start, end: gap.end }, pieces, maxBytes());
      yield { start, end, cuts, number: (number += 1) };
      start = end;
    }
  }
}

type Stretch = { readonly end: number; readonly cuts: readonly number[] };

/** From the gap's start on: as many whole pieces as fit, else as much of one piece as does. */
function nextRange(gap: ByteRange, pieces: readonly Piece[] | null, maxBytes: number): Stretch {
  const limit = Math.min(gap.end, gap.start + maxBytes);
  if (pieces === null) return { end: limit, cuts: [] };
  let index = pieceIndexAt(pieces, gap.start);
  const cuts: number[] = [];
  if (pieces[index]?.start === gap.start) {
    for (
      let end = pieces[index]?.end;
      end !== undefined && end <= limit;
      end = pieces[index]?.end
    ) {
      cuts.push(end);
      index += 1;
    }
  }
  const end = cuts.at(-1) ?? Math.min(limit, pieces[index]?.end ?? limit);
  return { end, cuts };
}

/** Index of the piece that holds a byte; pieces cover the object in order. */
export function pieceIndexAt(pieces: readonly Piece[], at: number): number {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle]?.end ?? Infinity) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}
