import { expect, it } from "vitest";
import type { LibraryRow } from "./library-rows.ts";
import type { Measure } from "./ticks.ts";
import { setTicks, sumTicks, tickedOf } from "./ticks.ts";

const object: LibraryRow = { kind: "object", key: "a", name: "a", sizeBytes: 5, modifiedAtMs: 0 };
const other: LibraryRow = { kind: "object", key: "b", name: "b", sizeBytes: 7, modifiedAtMs: 0 };
const prefix: LibraryRow = { kind: "prefix", key: "p/", name: "p" };

function measures(measure?: Measure) {
  return new Map(measure ? [["p/", measure] as const] : []);
}

it("ticks and unticks many rows at once", () => {
  const both = setTicks(new Map(), [object, prefix], true);
  expect([...setTicks(both, [object], false).keys()]).toEqual(["p/"]);
});

it.each([
  ["still being counted", undefined, { sizeBytes: 5, isAtLeast: true, measuring: 1 }],
  [
    "counted whole",
    { kind: "measured", sizeBytes: 100, objectCount: 3, isCut: false },
    { sizeBytes: 105, isAtLeast: false, measuring: 0 },
  ],
  [
    "too large to count",
    { kind: "measured", sizeBytes: 100, objectCount: 3, isCut: true },
    { sizeBytes: 105, isAtLeast: true, measuring: 0 },
  ],
  ["not countable", { kind: "failed" }, { sizeBytes: 5, isAtLeast: true, measuring: 0 }],
] as const)("adds up with a prefix that is %s", (_name, measure, expected) => {
  const ticks = setTicks(new Map(), [object, prefix], true);
  expect(sumTicks(ticks, measures(measure))).toEqual({ count: 2, ...expected });
});

it("fills the box in the head by what is ticked of the rows shown", () => {
  const ticks = setTicks(new Map(), [object], true);
  expect(tickedOf([object], ticks)).toBe("all");
  expect(tickedOf([object, other], ticks)).toBe("some");
  expect(tickedOf([other], ticks)).toBe("none");
  expect(tickedOf([], ticks)).toBe("none");
});
