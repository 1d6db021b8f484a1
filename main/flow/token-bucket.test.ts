import * as fc from "fast-check";
import { expect, it } from "vitest";
import { FakeClock } from "./fake-clock.ts";
import { createBucketCells, TokenBucket } from "./token-bucket.ts";

const never = new AbortController().signal;

function rig(perSecond: number | null) {
  const clock = new FakeClock();
  const cells = createBucketCells();
  const bucket = new TokenBucket(cells, clock);
  bucket.setRate(perSecond);
  return { clock, cells, bucket };
}

it("lets everything pass without a limit", async () => {
  const { clock, bucket } = rig(null);
  await bucket.take(1e12, never);
  expect(clock.sleptMs).toEqual([]);
  expect(bucket.perSecond).toBeNull();
});

it("starts empty, so that a new limit holds at once", async () => {
  const { clock, bucket } = rig(1000);
  await bucket.take(500, never);
  expect(clock.nowMs()).toBe(500);
});

it("saves up no more than a twentieth of a second", async () => {
  const { clock, bucket } = rig(1000);
  clock.advance(60_000);
  await bucket.take(300, never);
  expect(clock.nowMs()).toBe(60_250);
});

it("keeps the average rate whatever the sizes", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 100_000, max: 125_000_000 }),
      fc.array(fc.integer({ min: 1, max: 16_000_000 }), { minLength: 1, maxLength: 20 }),
      async (perSecond, sizes) => {
        const { clock, bucket } = rig(perSecond);
        for (const size of sizes) await bucket.take(size, never);
        const total = sizes.reduce((sum, size) => sum + size, 0);
        const dueMs = (total / perSecond) * 1000;
        // Never early; late by the rounding of naps to whole milliseconds, and of time to microseconds.
        expect(clock.nowMs()).toBeGreaterThanOrEqual(dueMs - 0.001);
        expect(clock.nowMs()).toBeLessThan(dueMs * 1.0001 + 2 * sizes.length);
      },
    ),
    { numRuns: 30 },
  );
});

it("is one bucket for all that share its cells", async () => {
  const { clock, cells, bucket } = rig(1000);
  const other = new TokenBucket(cells, clock);
  await bucket.take(400, never);
  await other.take(400, never);
  expect(clock.nowMs()).toBe(800);
  expect(other.perSecond).toBe(1000);
});

it("serves in the order of asking", async () => {
  const { bucket } = rig(1000);
  const order: string[] = [];
  const large = bucket.take(5000, never).then(() => order.push("large"));
  const small = bucket.take(1, never).then(() => order.push("small"));
  await Promise.all([large, small]);
  expect(order).toEqual(["large", "small"]);
});

it("takes a new rate for those who already wait", async () => {
  const { clock, bucket } = rig(1000);
  const sleep = clock.sleep.bind(clock);
  clock.sleep = async (ms, signal) => {
    await sleep(ms, signal);
    if (clock.nowMs() === 1000) bucket.setRate(100_000);
  };
  await bucket.take(101_000, never);
  expect(clock.nowMs()).toBe(2000);
});

it("lets go of those who wait when the limit goes", async () => {
  const { clock, bucket } = rig(1000);
  const sleep = clock.sleep.bind(clock);
  clock.sleep = async (ms, signal) => {
    await sleep(ms, signal);
    bucket.setRate(null);
  };
  await bucket.take(1e9, never);
  expect(clock.nowMs()).toBe(50);
});

it("remembers neither debt nor savings from a time without a limit", async () => {
  const { clock, bucket } = rig(1000);
  bucket.setRate(null);
  await bucket.take(1e9, never);
  clock.advance(10_000);
  bucket.setRate(1000);
  const fromMs = clock.nowMs();
  await bucket.take(100, never);
  expect(clock.nowMs() - fromMs).toBe(100);
});

it("gives tokens back when the wait is canceled", async () => {
  const { clock, bucket } = rig(1000);
  const canceling = new AbortController();
  const sleep = clock.sleep.bind(clock);
  clock.sleep = async () => {
    canceling.abort();
    canceling.signal.throwIfAborted();
  };
  await expect(bucket.take(1e9, canceling.signal)).rejects.toMatchObject({ name: "AbortError" });
  clock.sleep = sleep;
  await bucket.take(100, never);
  expect(clock.nowMs()).toBe(100);
});

it("ends the wait for what a new rate makes too much, and gives its tokens back", async () => {
  const { clock, bucket } = rig(1000);
  const sleep = clock.sleep.bind(clock);
  clock.sleep = async (ms, signal) => {
    await sleep(ms, signal);
    bucket.setRate(100);
  };
  const isWorthIt = (perSecond: number) => perSecond > 500;
  await expect(bucket.take(1e9, never, isWorthIt)).resolves.toBe(false);
  await bucket.take(40, never);
  expect(clock.nowMs()).toBe(50);
});

it("asks again for what was paid under another rate, once that change is old", () => {
  const { clock, bucket } = rig(1000);
  const paidEpoch = bucket.epoch;
  clock.advance(60_000);
  expect(bucket.mustPayAgain(paidEpoch)).toBe(false);
  bucket.setRate(100);
  expect(bucket.mustPayAgain(paidEpoch)).toBe(false);
  clock.advance(1000);
  expect(bucket.mustPayAgain(paidEpoch)).toBe(true);
  expect(bucket.mustPayAgain(bucket.epoch)).toBe(false);
  bucket.setRate(null);
  clock.advance(1000);
  expect(bucket.mustPayAgain(paidEpoch)).toBe(false);
});

it("keeps of what is given back no more than 0.4 s", async () => {
  const { clock, bucket } = rig(1000);
  await bucket.take(5000, never);
  bucket.giveBack(5000);
  clock.advance(60_000);
  const fromMs = clock.nowMs();
  await bucket.take(1000, never);
  expect(clock.nowMs() - fromMs).toBe(600);
});

it("gives back what was not spent", async () => {
  const { clock, bucket } = rig(1000);
  await bucket.take(300, never);
  bucket.giveBack(300);
  await bucket.take(300, never);
  expect(clock.nowMs()).toBe(300);
});

it("tells one rate's time from another's", () => {
  const { bucket } = rig(1000);
  const before = bucket.epoch;
  bucket.setRate(1000);
  expect(bucket.epoch).toBe(before);
  bucket.setRate(2000);
  expect(bucket.epoch).not.toBe(before);
});
