import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { ByteRange } from "./byte-range.ts";
import { RangeSet, RangeSetJson } from "./range-set.ts";

const SPACE = 60;
const anyRange = fc
  .tuple(fc.nat(SPACE), fc.nat(SPACE))
  .map(([a, b]): ByteRange => ({ start: Math.min(a, b), end: Math.max(a, b) }));
const anyStep = fc.record({ isAdded: fc.boolean(), range: anyRange });
const anySteps = fc.array(anyStep, { maxLength: 20 });

/** The plain thing that a RangeSet must equal: one flag for each byte. */
function model(steps: readonly { isAdded: boolean; range: ByteRange }[]): boolean[] {
  const bytes = Array.from({ length: SPACE }, () => false);
  for (const { isAdded, range } of steps) bytes.fill(isAdded, range.start, range.end);
  return bytes;
}

function build(steps: readonly { isAdded: boolean; range: ByteRange }[]): RangeSet {
  return steps.reduce(
    (set, { isAdded, range }) => (isAdded ? set.add(range) : set.remove(range)),
    RangeSet.empty,
  );
}

function bytesOf(ranges: readonly ByteRange[]): boolean[] {
  return model(ranges.map((range) => ({ isAdded: true, range })));
}

it("holds exactly the bytes that were added and not removed", () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      expect(bytesOf(build(steps).ranges)).toEqual(model(steps));
    }),
  );
});

it("keeps its ranges ascending, none empty and none touching", () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const edges = build(steps).ranges.flatMap(({ start, end }) => [start, end]);
      expect(edges.every((edge, index) => index === 0 || edge > Number(edges[index - 1]))).toBe(
        true,
      );
    }),
  );
});

it("counts its bytes", () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      expect(build(steps).totalBytes).toBe(model(steps).filter(Boolean).length);
    }),
  );
});

it("tells what of a range is missing, in order", () => {
  fc.assert(
    fc.property(anySteps, anyRange, (steps, range) => {
      const held = model(steps);
      const expected = held.map((isHeld, at) => !isHeld && at >= range.start && at < range.end);
      const missing = build(steps).missingIn(range);
      expect(bytesOf(missing)).toEqual(expected);
      expect(missing).toEqual(missing.toSorted((a, b) => a.start - b.start));
    }),
  );
});

it("has a range when nothing of it is missing", () => {
  fc.assert(
    fc.property(anySteps, anyRange, (steps, range) => {
      const held = model(steps).slice(range.start, range.end);
      expect(build(steps).has(range)).toBe(held.every(Boolean));
    }),
  );
});

it("survives being stored", () => {
  fc.assert(
    fc.property(anySteps, (steps) => {
      const set = build(steps);
      const stored = RangeSetJson.parse(JSON.parse(JSON.stringify(set)));
      expect(RangeSet.fromJson(stored)).toEqual(set);
    }),
  );
});

it("joins ranges that touch", () => {
  const set = RangeSet.of({ start: 10, end: 20 }, { start: 0, end: 5 }, { start: 5, end: 10 });
  expect(set.toJSON()).toEqual([0, 20]);
});

it("never changes; adding what is there gives an equal set", () => {
  const set = RangeSet.of({ start: 0, end: 10 });
  expect(set.add({ start: 2, end: 3 })).toEqual(set);
  set.remove({ start: 2, end: 3 });
  expect(set.toJSON()).toEqual([0, 10]);
});

it.each([[[5]], [[5, 5]], [[5, 3]], [[0, 4, 4, 8]], [[-1, 4]], [["0", 4]]])(
  "refuses to read %j",
  (stored) => {
    expect(RangeSetJson.safeParse(stored).success).toBe(false);
  },
);
