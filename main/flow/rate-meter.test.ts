import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addSample, newRate, readRate, secondsLeft } from "./rate-meter.ts";
import type { RateState } from "./rate-meter.ts";

/** A meter after one sample a second. */
function after(samples: readonly number[], from: RateState = newRate(0)): RateState {
  return samples.reduce(
    (state, bytes) => addSample(state, { nowMs: state.sampledAtMs + 1000, bytes }),
    from,
  );
}

const times = (count: number, bytes: number) => Array.from({ length: count }, () => bytes);

describe("the rate meter", () => {
  it("shows a steady speed as it is, from the first sample on", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 1e9 }),
        (count, bytes) => {
          const { shownBytesPerSecond, leftBytesPerSecond } = readRate(
            after(times(count, bytes)),
            count * 1000,
          );
          expect(shownBytesPerSecond).toBeCloseTo(bytes, 3);
          expect(leftBytesPerSecond).toBeCloseTo(bytes, 3);
        },
      ),
    );
  });

  it("forgets half of what it showed in 4 s, and half of what it promises in 30 s", () => {
    const steady = after(times(600, 1000));
    expect(readRate(after(times(4, 0), steady), 604_000).shownBytesPerSecond).toBeCloseTo(500, 0);
    const alternating = after(times(30, 3000), steady);
    expect(readRate(alternating, 630_000).leftBytesPerSecond).toBeCloseTo(2000, 0);
  });

  it("does not depend on how often it is asked to sample", () => {
    const coarse = addSample(after(times(60, 1000)), { nowMs: 62_000, bytes: 5000 });
    const fine = after([2500, 2500], after(times(60, 1000)));
    const [a, b] = [readRate(coarse, 62_000), readRate(fine, 62_000)];
    expect(a.shownBytesPerSecond).toBeCloseTo(b.shownBytesPerSecond, 6);
  });

  it("calls it stalled after 5 s without a byte, and then stands at zero", () => {
    const moving = after([1000]);
    expect(readRate(after(times(4, 0), moving), 5000).isStalled).toBe(false);
    expect(readRate(after(times(5, 0), moving), 6000)).toEqual({
      shownBytesPerSecond: 0,
      leftBytesPerSecond: 0,
      isStalled: true,
    });
  });

  it("moves again with the first byte", () => {
    const again = after([1000, ...times(9, 0), 1000]);
    expect(readRate(again, 11_000).isStalled).toBe(false);
    expect(readRate(again, 11_000).shownBytesPerSecond).toBeGreaterThan(0);
  });

  it("keeps the bytes of a sample that came at the same time for the next", () => {
    const state = after([1000]);
    expect(addSample(state, { nowMs: 1000, bytes: 0 })).toBe(state);
  });
});

describe("the time that is left", () => {
  const amounts = { doneBytes: 5000, leftBytes: 10_000 };

  it("is what is left at the promised speed", () => {
    expect(secondsLeft(after(times(5, 1000)), 5000, amounts)).toBeCloseTo(10, 6);
  });

  it.each([
    ["before 5 s", after(times(4, 1000)), 4000, amounts],
    ["before 1 %", after(times(9, 1000)), 9000, { doneBytes: 9000, leftBytes: 1e9 }],
    ["while stalled", after([1000, ...times(9, 0)]), 10_000, amounts],
    ["while nothing moved", after(times(4, 0)), 4000, amounts],
  ])("is not promised %s", (_name, state, nowMs, left) => {
    expect(secondsLeft(state, nowMs, left)).toBeNull();
  });
});
