import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GiB, KiB, MiB, TiB } from "../bytes/sizes.ts";
import { RangeSet } from "../bytes/range-set.ts";
import type { Piece } from "../stores/store.ts";
import { pieceIndexAt, planRanges } from "./plan-ranges.ts";

function piecesOf(...sizes: readonly number[]): Piece[] {
  let start = 0;
  return sizes.map((size) => {
    const piece = { start, end: start + size, sha256: `${start}` };
    start = piece.end;
    return piece;
  });
}

function plan(
  sizeBytes: number,
  pieces: Piece[] | null,
  maxBytes = 16 * MiB,
  have = RangeSet.empty,
) {
  const within = { start: 0, end: sizeBytes };
  return [...planRanges({ within, pieces, have, maxBytes: () => maxBytes })];
}

const repeat = (size: number, count: number): number[] => Array.from({ length: count }, () => size);

describe("planRanges without digests", () => {
  it.each([
    [0, []],
    [1, [1]],
    [16 * MiB, [16 * MiB]],
    [16 * MiB + 1, [16 * MiB, 16 * MiB + 1]],
    [40 * MiB, [16 * MiB, 32 * MiB, 40 * MiB]],
  ])("cuts %i bytes at %j", (sizeBytes, ends) => {
    const ranges = plan(sizeBytes, null);
    expect(ranges.map(({ end }) => end)).toEqual(ends);
    expect(ranges.every(({ cuts }) => cuts.length === 0)).toBe(true);
  });

  it("asks only for what is missing", () => {
    const have = RangeSet.of({ start: 0, end: 10 }, { start: 20, end: 30 });
    expect(plan(40, null, 8, have).map(({ start, end }) => [start, end])).toEqual([
      [10, 18],
      [18, 20],
      [30, 38],
      [38, 40],
    ]);
  });

  it("plans 45 TiB one range at a time", () => {
    const within = { start: 0, end: 45 * TiB };
    const ranges = planRanges({
      within,
      pieces: null,
      have: RangeSet.empty,
      maxBytes: () => 64 * KiB,
    });
    expect(ranges.next().value).toEqual({ start: 0, end: 64 * KiB, cuts: [], number: 1 });
    expect(ranges.next().value).toMatchObject({ start: 64 * KiB, number: 2 });
  });

  it("follows a cap that changes on the way", () => {
    const sizes = [4, 1, 7];
    const within = { start: 0, end: 10 };
    const maxBytes = () => sizes.shift() ?? 1;
    const ranges = [...planRanges({ within, pieces: null, have: RangeSet.empty, maxBytes })];
    expect(ranges.map(({ end }) => end)).toEqual([4, 5, 10]);
  });
});

describe("planRanges with digests", () => {
  it("takes as many whole pieces of 5 MiB as fit into one range", () => {
    const ranges = plan(23 * MiB, piecesOf(...repeat(5 * MiB, 4), 3 * MiB));
    expect(ranges).toEqual([
      { start: 0, end: 15 * MiB, cuts: [5, 10, 15].map((mib) => mib * MiB), number: 1 },
      { start: 15 * MiB, end: 23 * MiB, cuts: [20 * MiB, 23 * MiB], number: 2 },
    ]);
  });

  it("takes two pieces of 8 MiB at once", () => {
    const ranges = plan(32 * MiB, piecesOf(...repeat(8 * MiB, 4)));
    expect(ranges.map(({ cuts }) => cuts.length)).toEqual([2, 2]);
  });

  it("cuts a piece of 1 GiB into ranges that carry no digest", () => {
    const ranges = plan(2 * GiB, piecesOf(GiB, GiB));
    expect(ranges).toHaveLength(128);
    expect(ranges.every(({ cuts }) => cuts.length === 0)).toBe(true);
  });

  it("crosses no edge of unequal pieces unless it holds both whole", () => {
    const ranges = plan(100, piecesOf(40, 3, 7, 50), 20);
    expect(ranges.map(({ start, end, cuts }) => [start, end, cuts])).toEqual([
      [0, 20, []],
      [20, 40, []],
      [40, 50, [43, 50]],
      [50, 70, []],
      [70, 90, []],
      [90, 100, []],
    ]);
  });

  it("goes on within a piece without its digest, and with digests from the next one", () => {
    const have = RangeSet.of({ start: 0, end: 4 });
    expect(plan(30, piecesOf(10, 10, 10), 20, have).map(({ end, cuts }) => [end, cuts])).toEqual([
      [10, []],
      [30, [20, 30]],
    ]);
  });
});

describe("planRanges of anything", () => {
  it("covers exactly what is missing, whatever the pieces and whatever is there", () => {
    const cases = fc.record({
      sizes: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 12 }),
      maxBytes: fc.integer({ min: 1, max: 80 }),
      have: fc.array(fc.tuple(fc.nat(300), fc.nat(60)), { maxLength: 5 }),
      hasPieces: fc.boolean(),
    });
    fc.assert(
      fc.property(cases, ({ sizes, maxBytes, have, hasPieces }) => {
        const pieces = piecesOf(...sizes);
        const sizeBytes = pieces.at(-1)?.end ?? 0;
        const had = RangeSet.of(...have.map(([start, length]) => ({ start, end: start + length })));
        const ranges = plan(sizeBytes, hasPieces ? pieces : null, maxBytes, had);
        const missing = RangeSet.of(...had.missingIn({ start: 0, end: sizeBytes }));
        expect(RangeSet.of(...ranges).ranges).toEqual(missing.ranges);
        expect(ranges.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(
          missing.totalBytes,
        );
        for (const { start, end, cuts } of ranges) {
          expect(end - start).toBeLessThanOrEqual(maxBytes);
          if (!hasPieces) continue;
          const edges = pieces
            .map((piece) => piece.end)
            .filter((edge) => edge > start && edge < end);
          expect(cuts.slice(0, -1)).toEqual(edges);
        }
      }),
    );
  });
});

describe("pieceIndexAt", () => {
  it("finds the piece of every byte", () => {
    const pieces = piecesOf(3, 1, 4);
    expect([0, 2, 3, 4, 7].map((at) => pieceIndexAt(pieces, at))).toEqual([0, 0, 1, 2, 2]);
  });
});
