import { z } from "zod";
import { lengthOf } from "./byte-range.ts";
import type { ByteRange } from "./byte-range.ts";

/** As it is stored: `[start, end, start, end, …]`, ascending, none touching the next. */
export const RangeSetJson = z
  .array(z.int().nonnegative())
  .refine((edges) => edges.length % 2 === 0 && edges.every(isAbovePrevious), "no set of ranges");
export type RangeSetJson = z.infer<typeof RangeSetJson>;

function isAbovePrevious(edge: number, index: number, edges: readonly number[]): boolean {
  return index === 0 || edge > (edges[index - 1] ?? 0);
}

/** An immutable set of bytes, kept as ranges that do not touch. */
export class RangeSet {
  static readonly empty = new RangeSet([]);

  /** Ascending, none empty, none touching the next. */
  readonly ranges: readonly ByteRange[];

  private constructor(ranges: readonly ByteRange[]) {
    this.ranges = ranges;
  }

  /** In any order; they may overlap. */
  static of(...ranges: readonly ByteRange[]): RangeSet {
    return ranges.reduce((set, range) => set.add(range), RangeSet.empty);
  }

  static fromJson(edges: RangeSetJson): RangeSet {
    const ranges: ByteRange[] = [];
    for (let index = 0; index + 1 < edges.length; index += 2) {
      ranges.push({ start: edges[index] ?? 0, end: edges[index + 1] ?? 0 });
    }
    return new RangeSet(ranges);
  }

  toJSON(): RangeSetJson {
    return this.ranges.flatMap(({ start, end }) => [start, end]);
  }

  get totalBytes(): number {
    return this.ranges.reduce((sum, range) => sum + lengthOf(range), 0);
  }

  /** The set with these bytes in it. */
  add(range: ByteRange): RangeSet {
    if (range.end <= range.start) return this;
    const first = this.#indexOfFirstEnding((end) => end >= range.start);
    let next = first;
    let { start, end } = range;
    for (; next < this.ranges.length; next += 1) {
      const touched = this.ranges[next];
      if (touched === undefined || touched.start > end) break;
      start = Math.min(start, touched.start);
      end = Math.max(end, touched.end);
    }
    return new RangeSet([
      ...this.ranges.slice(0, first),
      { start, end },
      ...this.ranges.slice(next),
    ]);
  }

  /** The set without these bytes. */
  remove(range: ByteRange): RangeSet {
    const kept = this.ranges.flatMap(({ start, end }) => [
      { start, end: Math.min(end, range.start) },
      { start: Math.max(start, range.end), end },
    ]);
    if (range.end <= range.start) return this;
    return new RangeSet(kept.filter(({ start, end }) => start < end));
  }

  /** True when every byte of the range is in the set; always for an empty range. */
  has(range: ByteRange): boolean {
    return this.missingIn(range).length === 0;
  }

  /** The bytes of `range` that are not in the set, ascending. */
  missingIn(range: ByteRange): readonly ByteRange[] {
    const missing: ByteRange[] = [];
    let { start } = range;
    for (
      let index = this.#indexOfFirstEnding((end) => end > range.start);
      index < this.ranges.length && start < range.end;
      index += 1
    ) {
      const held = this.ranges[index];
      if (held === undefined || held.start >= range.end) break;
      if (held.start > start) missing.push({ start, end: held.start });
      start = held.end;
    }
    if (start < range.end) missing.push({ start, end: range.end });
    return missing;
  }

  /** Index of the first range whose end passes `test`, which holds from some end on. */
  #indexOfFirstEnding(test: (end: number) => boolean): number {
    let low = 0;
    let high = this.ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (test(this.ranges[middle]?.end ?? Infinity)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
