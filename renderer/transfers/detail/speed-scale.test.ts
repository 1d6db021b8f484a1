import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PLAIN } from "../../fixture/plain-formats.ts";
import { speedLines, speedTop, speedWords } from "./speed-scale.ts";

describe("the graph's height", () => {
  it.each([
    [0, 2.5],
    [95.8e6, 125e6],
    [111e6, 125e6],
    [121e6, 250e6],
    [4.9e6, 12.5e6],
    [1, 1.25],
  ])("for %d is %d", (fastest, top) => {
    expect(speedTop(fastest)).toBeCloseTo(top);
  });

  it("always has room above the fastest, and never very much", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e11 }), (fastest) => {
        expect(speedTop(fastest)).toBeGreaterThan(fastest);
        expect(speedTop(fastest)).toBeLessThanOrEqual(fastest * 2.7);
      }),
    );
  });

  it("has its lines at round figures below the top", () => {
    expect(speedLines(125e6)).toEqual([0, 50e6, 100e6]);
  });
});

it("is told in words", () => {
  expect(speedWords([0, 10e6, 20e6], PLAIN)).toBe(
    "Speed over the last 3 seconds: 20 MB/s now, 10 MB/s on average, 20 MB/s at most",
  );
});
