import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { paceWords, steadySeconds, timeLeftText } from "./time-left.ts";

const now = new Date(2026, 10, 20, 14, 0).getTime();

describe("the time left", () => {
  it.each([
    [null, "Estimating…"],
    [12, "less than a minute left"],
    [240, "4 min left"],
    [6_600, "1 h 50 min left"],
    [4 * 3600 + 540, "until about 18:10"],
    [20 * 3600, "until about 10:00"],
    [30 * 3600, "until about 21 Nov, 20:00"],
  ])("of %s seconds reads %s", (seconds, text) => {
    expect(timeLeftText(seconds, now)).toBe(text);
  });
});

describe("a resting figure", () => {
  it("stays until the new one differs by a tenth", () => {
    expect(steadySeconds(600, 650)).toBe(600);
    expect(steadySeconds(600, 661)).toBe(661);
    expect(steadySeconds(600, 539)).toBe(539);
  });

  it("follows at once in the last minute, and where there is no figure", () => {
    expect(steadySeconds(62, 59)).toBe(59);
    expect(steadySeconds(null, 600)).toBe(600);
    expect(steadySeconds(600, null)).toBeNull();
  });

  it("is never further than a tenth from the truth", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 60, max: 1e6 }), { minLength: 1 }), (truths) => {
        let shown: number | null = null;
        for (const truth of truths) {
          shown = steadySeconds(shown, truth);
          expect(Math.abs(truth - (shown ?? 0))).toBeLessThanOrEqual((shown ?? 0) / 10);
        }
      }),
    );
  });
});

describe("what the week changes before the end", () => {
  const five = new Date("2026-11-27T17:00:00").getTime();
  const six = new Date("2026-11-27T18:00:00").getTime();

  it.each([
    ["full", 2 * 3600, ", full speed from 18:00"],
    ["limited", 2 * 3600, ", limited from 18:00"],
    ["paused", 2 * 3600, ", paused from 18:00"],
    ["full", 1800, ""],
  ] as const)("%s, %d s left: %s", (next, seconds, words) => {
    expect(paceWords(seconds, five, { untilMs: six, next })).toBe(words);
  });

  it("is nothing where it changes nothing", () => {
    expect(paceWords(7200, five, { untilMs: null, next: null })).toBe("");
    expect(paceWords(null, five, { untilMs: six, next: "full" })).toBe("");
  });
});
