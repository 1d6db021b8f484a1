import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lengthOf } from "../bytes/byte-range.ts";
import { GiB, KiB, MiB, TiB } from "../bytes/sizes.ts";
import { choosePartSize, planParts } from "./plan-parts.ts";

const s3 = { minPartBytes: 5 * MiB, maxPartBytes: 5 * GiB, maxParts: 10_000 };

describe("choosePartSize", () => {
  it.each([
    ["an empty file", 0, null, 16 * MiB],
    ["1 byte", 1, null, 16 * MiB],
    ["140 GiB", 140 * GiB, null, 16 * MiB],
    ["141 GiB, more than 9,000 parts of 16 MiB", 141 * GiB, null, 17 * MiB],
    ["3 TiB", 3 * TiB, null, 350 * MiB],
    ["43 TiB", 43 * TiB, null, 5010 * MiB],
    ["45 TiB, where a nine-thousandth is more than a part", 45 * TiB, null, 4_947_802_325],
    ["the most that fits", 10_000 * 5 * GiB, null, 5 * GiB],
    ["an asked 64 MiB", GiB, 64 * MiB, 64 * MiB],
    ["an asked size that is no whole MiB", GiB, 8 * MiB + 1, 9 * MiB],
    ["an asked size below the least", GiB, MiB, 5 * MiB],
    ["an asked size above the most", GiB, 6 * GiB, 5 * GiB],
    ["a file too large for the asked size", 3 * TiB, 8 * MiB, 350 * MiB],
  ])("for %s is as the design says", (_, sizeBytes, askedBytes, expected) => {
    expect(choosePartSize(sizeBytes, askedBytes, s3)).toBe(expected);
  });

  it("follows a store that allows fewer parts, or wants larger ones", () => {
    expect(choosePartSize(100 * GiB, null, { ...s3, maxParts: 1000 })).toBe(114 * MiB);
    expect(choosePartSize(GiB, null, { ...s3, minPartBytes: 64 * MiB })).toBe(64 * MiB);
  });

  it("refuses a file that the store cannot hold", () => {
    expect(() => choosePartSize(10_000 * 5 * GiB + 1, null, s3)).toThrow(
      expect.objectContaining({ code: "unsupported" }),
    );
  });
});

describe("planParts", () => {
  it.each([
    [0, 0],
    [1, 1],
    [16 * MiB - 1, 1],
    [16 * MiB, 1],
    [16 * MiB + 1, 2],
    [64 * MiB, 4],
  ])("cuts %i bytes into %i parts of 16 MiB", (sizeBytes, count) => {
    expect(planParts(sizeBytes, 16 * MiB)).toHaveLength(count);
  });

  it("plans 140 GiB, 3 TiB and 45 TiB within what S3 takes", () => {
    for (const sizeBytes of [140 * GiB, 3 * TiB, 45 * TiB]) {
      const parts = planParts(sizeBytes, choosePartSize(sizeBytes, null, s3));
      expect(parts.length).toBeLessThanOrEqual(10_000);
      expect(parts.at(-1)?.end).toBe(sizeBytes);
      expect(Math.max(...parts.map(lengthOf))).toBeLessThanOrEqual(5 * GiB);
    }
  });

  it("covers every file once, in order, in equal parts but the last", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 48 * TiB }),
        fc.option(fc.integer({ min: 5 * MiB, max: 5 * GiB })),
        (sizeBytes, askedBytes) => {
          const partBytes = choosePartSize(sizeBytes, askedBytes, s3);
          const parts = planParts(sizeBytes, partBytes);
          expect(parts.length).toBeLessThanOrEqual(s3.maxParts);
          expect(partBytes).toBeLessThanOrEqual(s3.maxPartBytes);
          expect(parts.at(-1)?.end).toBe(sizeBytes);
          expect(
            parts.every(
              (part, index) =>
                part.number === index + 1 &&
                part.start === (parts[index - 1]?.end ?? 0) &&
                (index === parts.length - 1 || lengthOf(part) === partBytes),
            ),
          ).toBe(true);
          expect(lengthOf(parts.at(-1) ?? { start: 0, end: 0 })).toBeGreaterThan(0);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("takes any size of part, as a resumed upload brings it", () => {
    expect(planParts(10, 4)).toEqual([
      { number: 1, start: 0, end: 4 },
      { number: 2, start: 4, end: 8 },
      { number: 3, start: 8, end: 10 },
    ]);
    expect(planParts(64 * KiB, KiB)).toHaveLength(64);
  });
});
