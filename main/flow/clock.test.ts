import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { systemClock } from "./clock.ts";
import { FakeClock } from "./fake-clock.ts";
import { LASTING_PATIENCE, ONE_SHOT_PATIENCE, Patience, patienceOf } from "./patience.ts";

const never = new AbortController().signal;

it("shows the same time in every thread", async () => {
  const source = `
    import { parentPort } from "node:worker_threads";
    const { systemClock } = await import(${JSON.stringify(new URL("./clock.ts", import.meta.url).href)});
    parentPort.postMessage(systemClock.nowMs());
  `;
  const beforeMs = systemClock.nowMs();
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  const [insideMs] = await once(worker, "message");
  expect(insideMs).toBeGreaterThanOrEqual(beforeMs);
  expect(insideMs).toBeLessThanOrEqual(systemClock.nowMs());
});

it("ends a sleep at once when it is canceled", async () => {
  const canceling = new AbortController();
  const sleeping = systemClock.sleep(3_600_000, canceling.signal);
  canceling.abort();
  await expect(sleeping).rejects.toMatchObject({ name: "AbortError" });
});

it("lets a test sleep without waiting", async () => {
  const clock = new FakeClock(1000);
  await clock.sleep(250, never);
  clock.advance(50);
  expect([clock.nowMs(), clock.wallMs(), clock.sleptMs]).toEqual([300, 1300, [250]]);
  await expect(clock.sleep(1, AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" });
});

it("has patience since the last byte, and less before the first", () => {
  const clock = new FakeClock();
  const patience = new Patience(ONE_SHOT_PATIENCE, clock);
  clock.advance(15_000);
  expect(patience.leftMs()).toBe(105_000);
  patience.progressed();
  expect(patience.leftMs()).toBe(ONE_SHOT_PATIENCE.sinceLastByteMs);
  clock.advance(60_000);
  expect(patience.leftMs()).toBe(ONE_SHOT_PATIENCE.sinceLastByteMs - 60_000);
  patience.progressed();
  expect(patience.leftMs()).toBe(ONE_SHOT_PATIENCE.sinceLastByteMs);
});

it("lasts a day in a window; in a command 2 min before the first byte and 30 min after it", () => {
  const minute = 60_000;
  const day = 24 * 60 * minute;
  expect(LASTING_PATIENCE).toEqual({ beforeFirstByteMs: day, sinceLastByteMs: day });
  expect(patienceOf(null)).toEqual({
    beforeFirstByteMs: 2 * minute,
    sinceLastByteMs: 30 * minute,
  });
  expect(patienceOf(minute)).toEqual({ beforeFirstByteMs: minute, sinceLastByteMs: minute });
});

it("begins anew with an answer, which is no byte", () => {
  const clock = new FakeClock();
  const patience = new Patience(ONE_SHOT_PATIENCE, clock);
  clock.advance(60_000);
  patience.answered();
  expect(patience.leftMs()).toBe(ONE_SHOT_PATIENCE.beforeFirstByteMs);
});
