import { expect, it } from "vitest";
import { filterRows, rowsOfPage } from "./library-rows.ts";

const page = {
  prefixes: ["m/llama/", "m/qwen/"],
  objects: [
    { key: "m/", sizeBytes: 0, modifiedAtMs: 1, etag: "e" },
    { key: "m/README.md", sizeBytes: 12, modifiedAtMs: 2, etag: "e" },
  ],
  cursor: null,
};

it("names rows by what is below the prefix, and leaves out the prefix's own marker", () => {
  expect(rowsOfPage(page, "m/").map((row) => `${row.kind} ${row.name}`)).toEqual([
    "prefix llama",
    "prefix qwen",
    "object README.md",
  ]);
});

it("finds names whatever their case", () => {
  const rows = rowsOfPage(page, "m/");
  expect(filterRows(rows, " readme ").map((row) => row.name)).toEqual(["README.md"]);
  expect(filterRows(rows, "")).toBe(rows);
});
