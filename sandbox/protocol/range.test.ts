import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { contentRange, parseRange } from "./range.ts";

describe("parseRange", () => {
  it.each([
    ["bytes=0-9", 100, { start: 0, end: 10 }],
    ["bytes=90-", 100, { start: 90, end: 100 }],
    ["bytes=90-1000", 100, { start: 90, end: 100 }],
    ["bytes=-10", 100, { start: 90, end: 100 }],
    ["bytes=-1000", 100, { start: 0, end: 100 }],
    [undefined, 100, undefined],
    ["bytes=9-0", 100, undefined],
    ["bytes=0-1,5-6", 100, undefined],
    ["items=0-9", 100, undefined],
    ["bytes=-", 100, undefined],
  ])("reads %s of %d bytes", (header, size, expected) => {
    expect(parseRange(header, size)).toEqual(expected);
  });

  it.each([
    ["bytes=100-", 100],
    ["bytes=100-200", 100],
    ["bytes=-0", 100],
    ["bytes=0-", 0],
    ["bytes=-5", 0],
  ])("refuses %s of %d bytes", (header, size) => {
    expect(() => parseRange(header, size)).toThrow(
      expect.objectContaining({ code: "InvalidRange", fields: { ActualObjectSize: String(size) } }),
    );
  });

  it("never leaves the object", () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), fc.integer({ min: 51, max: 100 }), (a, b, size) => {
        const range = parseRange(`bytes=${Math.min(a, b)}-${Math.max(a, b) + 40}`, size);
        expect(range?.start).toBe(Math.min(a, b));
        expect(range?.end).toBe(Math.min(size, Math.max(a, b) + 41));
      }),
    );
  });
});

describe("contentRange", () => {
  it("counts both ends in, as HTTP does", () => {
    expect(contentRange({ start: 5, end: 10 }, 20)).toBe("bytes 5-9/20");
  });
});
