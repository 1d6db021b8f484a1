import { assert, integer, nat, property, record } from "fast-check";
import { expect, it } from "vitest";
import { drawnRows, scrollFor, visibleRows } from "./visible-rows.ts";

it("draws what is on screen and a few rows around it", () => {
  expect(visibleRows(3400, 340, 34, 1000)).toEqual({ start: 92, end: 118 });
});

it("stays within the list at both ends, and in an empty one", () => {
  expect(visibleRows(0, 340, 34, 5)).toEqual({ start: 0, end: 5 });
  expect(visibleRows(99_999, 340, 34, 5)).toEqual({ start: 5, end: 5 });
  expect(visibleRows(0, 340, 34, 0)).toEqual({ start: 0, end: 0 });
});

it("keeps the row with the focus, in its place", () => {
  expect(drawnRows({ start: 4, end: 7 }, 1, 10)).toEqual([1, 4, 5, 6]);
  expect(drawnRows({ start: 4, end: 7 }, 5, 10)).toEqual([4, 5, 6]);
  expect(drawnRows({ start: 4, end: 7 }, 9, 10)).toEqual([4, 5, 6, 9]);
  expect(drawnRows({ start: 0, end: 0 }, 0, 0)).toEqual([]);
});

it("scrolls no further than needed for a row to be whole on screen", () => {
  const inputs = record({
    row: nat(10_000),
    scrolled: nat(300_000),
    view: integer({ min: 34, max: 2000 }),
  });
  assert(
    property(inputs, ({ row, scrolled, view }) => {
      const to = scrollFor(row, scrolled, view, 34);
      expect(row * 34).toBeGreaterThanOrEqual(to);
      expect(row * 34 + 34).toBeLessThanOrEqual(Math.max(to + view, row * 34 + 34));
      const wasVisible = row * 34 >= scrolled && row * 34 + 34 <= scrolled + view;
      if (wasVisible) expect(to).toBe(scrolled);
    }),
  );
});
