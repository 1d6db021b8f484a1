import { expect, it } from "vitest";
import { readSize, showSize, writeSize } from "./size-text.ts";

it.each([
  [100e9, "decimal", "100 GB"],
  [1.5e12, "decimal", "1.5 TB"],
  [500 * 2 ** 30, "binary", "500 GiB"],
  [500 * 2 ** 30, "decimal", "500 GiB"],
  [104_723_456_789, "decimal", "104723456789 B"],
  [0, "decimal", "0 B"],
] as const)("%i bytes in %s units are written %s, to the byte", (bytes, units, text) => {
  expect(writeSize(bytes, units)).toBe(text);
  expect(readSize(text)).toEqual({ ok: true, bytes });
});

it("reads nothing as no limit", () => {
  expect(readSize(" ")).toEqual({ ok: true, bytes: null });
  expect(readSize("No limit")).toEqual({ ok: true, bytes: null });
});

it("refuses a number without a unit, and says what to write", () => {
  const read = readSize("100");
  expect(read).toMatchObject({ ok: false });
  expect(read.ok ? "" : read.problem).toContain("MB");
});

it("shows rounded what nobody would write to the byte", () => {
  expect(showSize(104_723_456_789, "decimal")).toBe("105 GB");
  expect(showSize(50e9, "decimal")).toBe("50 GB");
});
