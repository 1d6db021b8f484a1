import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatCount, formatPart, percentOf } from "./byte-figures.ts";

describe("a part of a whole", () => {
  it.each([
    [19.6e9, 42.5e9, "19.6 of 42.5 GB"],
    [0.34e9, 42.5e9, "0.3 of 42.5 GB"],
    [172.1e9, 281.2e9, "172.1 of 281.2 GB"],
    [9.9e9, 281.2e9, "9.9 of 281.2 GB"],
    [345e6, 932.2e6, "345 of 932 MB"],
    [512, 900, "512 of 900 B"],
    [1_500, 12_000, "1.5 of 12 kB"],
    [12_000, 12_000, "12.0 of 12 kB"],
    [0, 42.5e9, "0.0 of 42.5 GB"],
  ])("of %d in %d bytes reads %s", (done, total, text) => {
    expect(formatPart(done, total, "decimal")).toBe(text);
  });

  it("is in the whole's unit in binary units too", () => {
    expect(formatPart(512 * 1024, 3 * 1024 ** 2, "binary")).toBe("0.5 of 3 MiB");
  });

  it("says that the whole may still grow", () => {
    expect(formatPart(1e9, 2e9, "decimal", true)).toBe("1.0 of ~2 GB");
  });

  it("never claims more than the whole", () => {
    expect(formatPart(3e9, 2e9, "decimal")).toBe("2.0 of 2 GB");
  });
});

describe("percent", () => {
  it("is 100 only when every byte is done", () => {
    expect(percentOf(999_999_999, 1_000_000_000)).toBe(99);
    expect(percentOf(1_000_000_000, 1_000_000_000)).toBe(100);
  });

  it("is nothing of nothing", () => {
    expect(percentOf(0, 0)).toBeNull();
  });

  it("stays within 0 and 100 and never goes back while bytes come in", () => {
    fc.assert(
      fc.property(fc.nat(1e12), fc.nat(1e12), fc.integer({ min: 1, max: 1e12 }), (a, b, total) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        const before = percentOf(less, total) ?? -1;
        const after = percentOf(more, total) ?? -1;
        expect(before).toBeGreaterThanOrEqual(0);
        expect(after).toBeLessThanOrEqual(100);
        expect(after).toBeGreaterThanOrEqual(before);
      }),
    );
  });
});

it("parts thousands by a comma", () => {
  expect([7, 1_204, 45_000_000].map(formatCount)).toEqual(["7", "1,204", "45,000,000"]);
});
