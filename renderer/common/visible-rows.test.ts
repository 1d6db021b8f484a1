import { assert, integer, nat, property, record } from "fast-check";
import { expect, it } from "vitest";
import { drawnRows, scrollFor, stretchAt, trackOf, visibleRows } from "./visible-rows.ts";

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

it("scrolls a list of usual length pixel by pixel, its rows where they are", () => {
  const track = trackOf(34 * 10_000, 600);
  expect(track.heightPixels).toBe(340_000);
  expect([track.toOffset(1234), track.toScrolled(1234)]).toEqual([1234, 1234]);
  expect(stretchAt(track, 1234, 34)).toEqual({ firstRow: 0, topPixels: 0 });
});

it("comes to both ends of a list that is taller than a browser draws", () => {
  const inputs = record({ count: integer({ min: 442_000, max: 50_000_000 }), view: nat(2000) });
  assert(
    property(inputs, ({ count, view }) => {
      const track = trackOf(count * 34, view);
      expect(track.heightPixels).toBe(15_000_000);
      expect(track.toOffset(0)).toBe(0);
      const last = track.toOffset(track.heightPixels - view);
      expect(last).toBeCloseTo(count * 34 - view, 3);
      expect(track.toScrolled(last)).toBeCloseTo(track.heightPixels - view, 3);
    }),
  );
});

it("draws the rows on screen where the scroll bar is, however long the list", () => {
  const inputs = record({
    scrolled: nat(14_999_000),
    count: integer({ min: 10, max: 50_000_000 }),
  });
  assert(
    property(inputs, ({ scrolled, count }) => {
      const track = trackOf(count * 34, 600);
      const { firstRow, topPixels } = stretchAt(track, scrolled, 34);
      const row = Math.floor(track.toOffset(scrolled) / 34);
      const drawnAt = topPixels + (row - firstRow) * 34;
      expect(drawnAt).toBeGreaterThan(scrolled - 34.1);
      expect(drawnAt).toBeLessThanOrEqual(scrolled + 0.1);
      // Far from the top of the stretch numbers would be too large to be drawn exactly.
      if (count * 34 > 15_000_000) expect(row - firstRow).toBeLessThan(1000);
    }),
  );
});
