import { expect, it } from "vitest";
import type { LibraryRow } from "./library-rows.ts";
import type { Measure } from "./ticks.ts";
import { setTicks, sumTicks, tickedOf } from "./ticks.ts";

const object: LibraryRow = {
  kind: "object",
  key: "a",
  name: "a",
  sizeBytes: 5,
  modifiedAtMs: 0,
  etag: "e",
};
const other: LibraryRow = {
  kind: "object",
  key: "b",
  name: "b",
  sizeBytes: 7,
  modifiedAtMs: 0,
  etag: "e",
};
const prefix: LibraryRow = { kind: "prefix", key: "p/", name: "p" };

function measures(measure?: Measure) {
  return new Map(measure ? [["p/", measure] as const] : []);
}

it("ticks and unticks many rows at once", () => {
  const both = setTicks(new Map(), [object, prefix], true);
  expect([...setTicks(both, [object], false).keys()]).toEqual(["p/"]);
});

it.each([
  ["still being counted", undefined, { sizeBytes: 5, hereBytes: 0, isAtLeast: true, measuring: 1 }],
  [
    "counted whole",
    { kind: "measured", sizeBytes: 100, objectCount: 3, hereBytes: 40, isCut: false },
    { sizeBytes: 105, hereBytes: 40, isAtLeast: false, measuring: 0 },
  ],
  [
    "too large to count",
    { kind: "measured", sizeBytes: 100, objectCount: 3, hereBytes: 0, isCut: true },
    { sizeBytes: 105, hereBytes: 0, isAtLeast: true, measuring: 0 },
  ],
  [
    "not countable",
    { kind: "failed" },
    { sizeBytes: 5, hereBytes: 0, isAtLeast: true, measuring: 0 },
  ],
] as const)("adds up with a prefix that is %s", (_name, measure, expected) => {
  const ticks = setTicks(new Map(), [object, prefix], true);
  expect(sumTicks(ticks, measures(measure))).toEqual({ count: 2, ...expected });
});

it("counts what is here of objects, too", () => {
  const ticks = setTicks(new Map(), [object, other], true);
  expect(sumTicks(ticks, new Map(), 7)).toMatchObject({ sizeBytes: 12, hereBytes: 7 });
});

it("fills the box in the head by what is ticked of the rows shown", () => {
  const ticks = setTicks(new Map(), [object], true);
  expect(tickedOf([object], ticks)).toBe("all");
  expect(tickedOf([object, other], ticks)).toBe("some");
  expect(tickedOf([other], ticks)).toBe("none");
  expect(tickedOf([], ticks)).toBe("none");
});
