import { describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { afterClean, afterThrottle, newLimit, withCeiling } from "./adaptive-limit.ts";
import type { AdaptiveLimit } from "./adaptive-limit.ts";
import { AdaptiveSlots } from "./adaptive-slots.ts";
import { FakeClock } from "./fake-clock.ts";

const never = new AbortController().signal;

function cleanTimes(state: AdaptiveLimit, count: number): AdaptiveLimit {
  let now = state;
  for (let n = 0; n < count; n += 1) now = afterClean(now);
  return now;
}

describe("how many at once", () => {
  it("is half after a refusal, never less than one", () => {
    let state = newLimit(50);
    const seen = [];
    for (let second = 1; second <= 8; second += 1) {
      state = afterThrottle(state, second * 1000, second * 1000);
      seen.push(state.limit);
    }
    expect(seen).toEqual([25, 12, 6, 3, 1, 1, 1, 1]);
  });

  it("is halved once by a burst: not again within a second, nor by what began before", () => {
    const state = afterThrottle(newLimit(50), 0, 5000);
    expect(afterThrottle(state, 5500, 5999).limit).toBe(25);
    expect(afterThrottle(state, 4999, 9000).limit).toBe(25);
    expect(afterThrottle(state, 5500, 6000).limit).toBe(12);
  });

  it("is one more after every thirty that went well in a row, up to the ceiling", () => {
    const low = afterThrottle(newLimit(6), 0, 0);
    expect(cleanTimes(low, 29).limit).toBe(3);
    expect(cleanTimes(low, 30).limit).toBe(4);
    expect(cleanTimes(low, 10_000).limit).toBe(6);
    const refused = afterThrottle(cleanTimes(low, 29), 100, 200);
    expect(cleanTimes(refused, 29).limit).toBe(3);
  });

  it("follows a new ceiling, unless refusals hold it lower", () => {
    expect(withCeiling(newLimit(8), 50).limit).toBe(50);
    expect(withCeiling(newLimit(50), 8).limit).toBe(8);
    const low = afterThrottle(newLimit(8), 0, 0);
    expect(withCeiling(low, 50)).toMatchObject({ limit: 4, ceiling: 50 });
    expect(withCeiling(low, 2).limit).toBe(2);
  });
});

it("N21 20 % of requests refused: settles between too many and too few, on a clock of its own", async () => {
  const clock = new FakeClock();
  const slots = new AdaptiveSlots(50, clock);
  let draw = 1;
  const request = async () => {
    draw = (draw * 48_271) % 2_147_483_647;
    if (draw % 5 === 0) throw new LonghaulError("throttled", "slow down");
  };
  /** A second of it: as many requests as there are slots, ten times. */
  const second = async () => {
    for (let n = 0; n < 10 * slots.limit; n += 1) await slots.heed(request).catch(() => undefined);
    clock.advance(1000);
  };
  for (let n = 0; n < 60; n += 1) await second();
  expect(slots.limit).toBeLessThanOrEqual(3);
  draw = 1;
  const clean = async () => undefined;
  for (let n = 0; n < 30 * 49; n += 1) await slots.heed(clean);
  expect(slots.limit).toBe(50);
});

it("holds back what waits once there are fewer", async () => {
  const clock = new FakeClock();
  const slots = new AdaptiveSlots(2, clock);
  const giveBack = [await slots.acquire(never), await slots.acquire(never)];
  const refused = slots.heed(async () => {
    throw new LonghaulError("throttled", "slow down");
  });
  await expect(refused).rejects.toMatchObject({ code: "throttled" });
  let isIn = false;
  const third = slots.acquire(never).then(() => (isIn = true));
  giveBack[0]?.();
  await Promise.resolve();
  expect(isIn).toBe(false);
  giveBack[1]?.();
  await third;
});
