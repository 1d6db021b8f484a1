import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { findTests, readRows, tableOf, tablePath, titlesIn } from "./faults-table.mjs";

it("finds the tests that are named after a row, whatever way they are declared", () => {
  const source = [
    'it("N1 silence: ends", () => {});',
    "it.skipIf(system === 'win32')(\n  `S16 object changed: said`, () => {});",
    'describe("S40 a bucket that is versioned", () => {});',
    'it("takes part N2 of it", () => {});',
  ].join("\n");
  expect(titlesIn(source)).toEqual([
    { id: "N1", title: "silence: ends" },
    { id: "S16", title: "object changed: said" },
    { id: "S40", title: "a bucket that is versioned" },
  ]);
});

it("has a test, or a reason why not, for each fault", () => {
  const tested = new Set(findTests().map(({ id }) => id));
  const open = Object.entries(readRows()).filter(
    ([id, { leftOut }]) => leftOut === undefined && !tested.has(id),
  );
  expect(open.map(([id]) => id)).toEqual([]);
});

it("knows every fault that a test is named after", () => {
  const rows = readRows();
  expect(findTests().filter(({ id }) => !(id in rows))).toEqual([]);
});

it("is the table that docs/faults.md has (`npm run faults` writes it)", () => {
  expect(readFileSync(tablePath, "utf8")).toBe(tableOf(readRows(), findTests()));
});
