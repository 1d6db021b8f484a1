import { crc32 } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CrcMap } from "./crc-map.ts";

const crcOf = (bytes: Uint8Array) => crc32(bytes).toString(16).padStart(8, "0");

describe("the CRCs of a file's ranges", () => {
  it("give that of the whole, in whatever order they come", () => {
    const anyCase = fc
      .array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 12 })
      .chain((chunks) =>
        fc.record({
          chunks: fc.constant(chunks),
          order: fc.shuffledSubarray([...chunks.keys()], { minLength: chunks.length }),
        }),
      );
    fc.assert(
      fc.property(anyCase, ({ chunks, order }) => {
        const map = new CrcMap("crc32");
        const whole = Buffer.concat(chunks);
        for (const index of order) {
          const start = chunks.slice(0, index).reduce((sum, { length }) => sum + length, 0);
          const chunk = chunks[index] ?? Buffer.alloc(0);
          map.add({ start, end: start + chunk.length }, crcOf(chunk));
        }
        expect(map.ofWhole(whole.length)).toBe(crcOf(whole));
        expect(map.known.totalBytes).toBe(whole.length);
      }),
    );
  });

  it("give none while a range is missing, and none when all are forgotten", () => {
    const map = new CrcMap("crc32");
    map.add({ start: 0, end: 2 }, crcOf(Buffer.from("ab")));
    map.add({ start: 3, end: 4 }, crcOf(Buffer.from("d")));
    expect(map.ofWhole(4)).toBeNull();
    expect([...map.known.ranges]).toEqual([
      { start: 0, end: 2 },
      { start: 3, end: 4 },
    ]);
    map.add({ start: 2, end: 3 }, crcOf(Buffer.from("c")));
    expect(map.ofWhole(4)).toBe(crcOf(Buffer.from("abcd")));
    map.clear();
    expect(map.ofWhole(4)).toBeNull();
  });

  it("takes no byte twice", () => {
    const map = new CrcMap("crc32");
    map.add({ start: 2, end: 5 }, crcOf(Buffer.from("abc")));
    expect(() => map.add({ start: 0, end: 3 }, "00000000")).toThrow("known already");
    expect(() => map.add({ start: 4, end: 6 }, "00000000")).toThrow("known already");
  });
});
