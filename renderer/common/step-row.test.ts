import { expect, it } from "vitest";
import { rangeBetween, stepRow } from "./step-row.ts";

it.each([
  ["ArrowDown", 3, 4],
  ["ArrowDown", 9, 9],
  ["ArrowUp", 3, 2],
  ["ArrowUp", 0, 0],
  ["PageDown", 3, 8],
  ["PageDown", 8, 9],
  ["PageUp", 3, 0],
  ["Home", 7, 0],
  ["End", 2, 9],
  ["a", 2, null],
])("%s goes from row %i to %j", (key, at, to) => {
  expect(stepRow(key, at, 10, 5)).toBe(to);
});

it("goes nowhere in an empty list", () => {
  expect(stepRow("ArrowDown", 0, 0, 5)).toBeNull();
});

it("spans from one row to the other either way", () => {
  expect([rangeBetween(2, 5), rangeBetween(5, 2)]).toEqual([
    { start: 2, end: 6 },
    { start: 2, end: 6 },
  ]);
});
