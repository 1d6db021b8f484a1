import type { CrcAlgorithm, CrcStretch } from "#shared/crc.ts";
import { emptyStretch, joinCrcs } from "#shared/crc.ts";
import type { ByteRange } from "./byte-range.ts";
import { lengthOf } from "./byte-range.ts";
import { RangeSet } from "./range-set.ts";

type Run = ByteRange & { readonly crc: string };

/**
 * The CRCs of ranges of one file, in whatever order they become known. Neighbours become one, so that
 * a file of a million ranges needs as many entries as it has gaps.
 */
export class CrcMap {
  readonly algorithm: CrcAlgorithm;
  /** Ascending, with gaps between. */
  #runs: readonly Run[] = [];

  constructor(algorithm: CrcAlgorithm) {
    this.algorithm = algorithm;
  }

  /** @param crc Hex. @throws when a byte of it is known already: which of two is meant nobody knows. */
  add(range: ByteRange, crc: string): void {
    if (range.start === range.end) return;
    const at = this.#runs.findLastIndex((run) => run.end <= range.start) + 1;
    const [before, after] = [this.#runs[at - 1], this.#runs[at]];
    if (after !== undefined && after.start < range.end) throw new Error("a CRC is known already");
    let run: Run = { ...range, crc };
    const isAfterOne = before?.end === run.start;
    const isBeforeOne = after?.start === run.end;
    if (before !== undefined && isAfterOne) run = this.#join(before, run);
    if (after !== undefined && isBeforeOne) run = this.#join(run, after);
    const from = isAfterOne ? at - 1 : at;
    this.#runs = this.#runs.toSpliced(from, at - from + (isBeforeOne ? 1 : 0), run);
  }

  /** The bytes whose CRC is known. */
  get known(): RangeSet {
    return RangeSet.of(...this.#runs);
  }

  /** Hex, of the first `sizeBytes` bytes; null while some of them are not known. */
  ofWhole(sizeBytes: number): string | null {
    if (sizeBytes === 0) return emptyStretch(this.algorithm).crc;
    const [first] = this.#runs;
    return first?.start === 0 && first.end === sizeBytes ? first.crc : null;
  }

  clear(): void {
    this.#runs = [];
  }

  #join(first: Run, second: Run): Run {
    const { crc } = joinCrcs(this.algorithm, toStretch(first), toStretch(second));
    return { start: first.start, end: second.end, crc };
  }
}

function toStretch(run: Run): CrcStretch {
  return { crc: run.crc, sizeBytes: lengthOf(run) };
}
