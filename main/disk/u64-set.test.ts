import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { U64Set } from "./u64-set.ts";

describe("U64Set", () => {
  it("holds what a Set would, through every growth", () => {
    const value = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 3000 }), fc.array(value), (added, asked) => {
        const set = new U64Set();
        for (const each of added) set.add(each);
        for (const each of added) set.add(each);
        const expected = new Set(added);
        expect([...added, ...asked].map((each) => set.has(each))).toEqual(
          [...added, ...asked].map((each) => expected.has(each)),
        );
      }),
      { numRuns: 30 },
    );
  });

  it("holds values that want the same slot, and 0", () => {
    const set = new U64Set();
    const values = [0n, 1024n, 2048n, 2n ** 64n - 1024n];
    expect(values.map((value) => set.has(value))).toEqual([false, false, false, false]);
    for (const value of values) set.add(value);
    expect(values.map((value) => set.has(value))).toEqual([true, true, true, true]);
    expect(set.has(3072n)).toBe(false);
  });
});
