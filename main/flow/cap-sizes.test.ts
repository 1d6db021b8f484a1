import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkBytesUnderCap, rangeBytesUnderCap, streamsUnderCap } from "./cap-sizes.ts";
import { siblingModule } from "./sibling-module.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const anyRate = fc.integer({ min: 1024, max: 10_000_000_000 });

describe("the size of a range under a cap", () => {
  it.each([
    [null, 16 * MiB],
    [1024, 64 * KiB],
    [625_000, 64 * KiB],
    [6_250_000, 640 * KiB],
    [62_500_000, 6080 * KiB],
    [1_000_000_000, 16 * MiB],
  ])("at %s bytes per second is %i", (bytesPerSecond, expected) => {
    expect(rangeBytesUnderCap(bytesPerSecond)).toBe(expected);
  });

  it("is always a multiple of 64 KiB up to 16 MiB", () => {
    fc.assert(
      fc.property(anyRate, (rate) => {
        const bytes = rangeBytesUnderCap(rate);
        expect(bytes % (64 * KiB)).toBe(0);
        expect(bytes).toBeGreaterThan(0);
        expect(bytes).toBeLessThanOrEqual(16 * MiB);
      }),
    );
  });
});

it("pays for a twentieth of a second at a time while sending, and never for longer than lets fifty streams take turns", () => {
  expect([null, 1024, 50_000, 625_000, 62_500_000].map(chunkBytesUnderCap)).toEqual([
    256 * KiB,
    153,
    4 * KiB,
    31_250,
    64 * KiB,
  ]);
});

it("keeps as many streams as a capped line feeds, and at least one", () => {
  expect([null, 1024, 625_000, 62_500_000].map(streamsUnderCap)).toEqual([Infinity, 1, 38, 3814]);
});

it("finds the module beside, in the sources and in the bundle", () => {
  const { href } = siblingModule("file:///srv/main/wire/wire-thread.ts", "wire-worker");
  expect(href).toBe("file:///srv/main/wire/wire-worker.ts");
  const bundled = siblingModule("file:///opt/app%20one/out/app/chunk-X.js?v=1", "wire-worker");
  expect(bundled.href).toBe("file:///opt/app%20one/out/app/wire-worker.js");
});
