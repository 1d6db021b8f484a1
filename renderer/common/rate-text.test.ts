import { describe, expect, it } from "vitest";
import { otherUnit, readRate, writeRate } from "./rate-text.ts";

describe("a typed cap", () => {
  it.each([
    ["40MB", 40_000_000],
    ["40 MB/s", 40_000_000],
    ["40Mbit", 5_000_000],
    ["", null],
    ["  ", null],
    ["no limit", null],
  ])("%j is read", (text, bytesPerSecond) => {
    expect(readRate(text)).toEqual({ ok: true, bytesPerSecond });
  });

  it.each(["40", "40M", "fast", "-3MB"])("%j is refused, with what to write", (text) => {
    const read = readRate(text);
    expect(read.ok).toBe(false);
    expect(!read.ok && read.problem).toMatch(/10MB|80Mbit|slow/);
  });

  it("can be typed again as it is shown", () => {
    for (const rate of [1_500_000, 5_000_000, 40_000_000, 2_500_000_000]) {
      expect(readRate(writeRate(rate))).toEqual({ ok: true, bytesPerSecond: rate });
    }
  });

  it("is empty for no limit", () => {
    expect(writeRate(null)).toBe("");
  });
});

describe("the other unit", () => {
  it("is bits under bytes, and bytes under bits", () => {
    expect(otherUnit(40_000_000, "40 MB/s")).toBe("= 320 Mbit/s");
    expect(otherUnit(5_000_000, "40Mbit")).toBe("= 5 MB/s");
  });

  it("keeps its line where there is no limit", () => {
    expect(otherUnit(null, "")).toBe("\u00a0");
  });
});
