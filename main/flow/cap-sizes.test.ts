import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  afterFreeChunk,
  chunkBytesUnderCap,
  FIRST_FREE_PACE,
  rangeBytesUnderCap,
  streamsUnderCap,
} from "./cap-sizes.ts";
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
  expect([1024, 50_000, 625_000, 62_500_000].map(chunkBytesUnderCap)).toEqual([
    153,
    4 * KiB,
    31_250,
    64 * KiB,
  ]);
});

describe("a chunk without a cap", () => {
  const STALL_SECONDS = 30;

  /** The chunks of a body that the system's buffers swallow the first bytes of, and the line the rest. */
  function secondsPerChunk(bufferBytes: number, bytesPerSecond: number): number[] {
    const seconds: number[] = [];
    let pace = FIRST_FREE_PACE;
    for (let sentBytes = 0; sentBytes < 16 * MiB; sentBytes += pace.chunkBytes) {
      const isSwallowed = sentBytes + pace.chunkBytes <= bufferBytes;
      const took = isSwallowed ? 0 : pace.chunkBytes / bytesPerSecond;
      seconds.push(took);
      pace = afterFreeChunk(pace, took * 1000);
    }
    return seconds;
  }

  it("is gone before its stream counts as dead, on any line above the rate floor times three", () => {
    for (const bufferBytes of [0, 256 * KiB, 4 * MiB - 1]) {
      expect(Math.max(...secondsPerChunk(bufferBytes, 3 * KiB))).toBeLessThan(STALL_SECONDS);
    }
  });

  it("is large where the line is fast: few calls for much", () => {
    expect(secondsPerChunk(0, 100 * MiB).length).toBeLessThan(120);
  });
});

it("keeps as many streams as a capped line feeds, and at least one", () => {
  expect([null, 1024, 625_000, 62_500_000].map(streamsUnderCap)).toEqual([Infinity, 1, 4, 476]);
});

it("finds the module beside, in the sources and in the bundle", () => {
  const { href } = siblingModule("file:///srv/main/wire/wire-thread.ts", "wire-worker");
  expect(href).toBe("file:///srv/main/wire/wire-worker.ts");
  const bundled = siblingModule("file:///opt/app%20one/out/app/chunk-X.js?v=1", "wire-worker");
  expect(bundled.href).toBe("file:///opt/app%20one/out/app/wire-worker.js");
});
