import { describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import type { Clock } from "../flow/clock.ts";
import { FakeClock } from "../flow/fake-clock.ts";
import { ONE_SHOT_PATIENCE, Patience } from "../flow/patience.ts";
import type { RetryNotice } from "../parts/ports.ts";
import { Retries } from "./retries.ts";
import { Wake } from "./wake.ts";

const never = new AbortController().signal;

function observed(clock: Clock = new FakeClock()) {
  const seen: (RetryNotice | "retried")[] = [];
  const observer = {
    retrying: (notice: RetryNotice) => void seen.push(notice),
    retried: () => void seen.push("retried"),
  };
  const newPatience = () => new Patience(ONE_SHOT_PATIENCE, clock);
  const retries = new Retries({ clock, random: () => 1, newPatience });
  return { retries, retry: retries.for(observer), seen };
}

/** Fails so many times. */
function failing(count: number, code: "unreachable" | "credentials-expired" | "access-denied") {
  let attempts = 0;
  return {
    attempt: async () => {
      attempts += 1;
      if (attempts <= count) throw new LonghaulError(code, `attempt ${attempts}`);
      return attempts;
    },
    count: () => attempts,
  };
}

describe("a request that fails", () => {
  it("tells when it is tried again, and that it was", async () => {
    const clock = new FakeClock(0);
    const { retry, seen } = observed(clock);
    expect(await retry.run(3, failing(2, "unreachable").attempt, never)).toBe(3);
    expect(seen).toMatchObject([
      { attempt: 2, atMs: 500, part: 3, error: { message: "attempt 1" } },
      "retried",
      { attempt: 3, atMs: 1500, part: 3 },
      "retried",
    ]);
  });

  it("is given up when patience ends", async () => {
    const { retry } = observed();
    await expect(retry.run(1, failing(1e6, "unreachable").attempt, never)).rejects.toMatchObject({
      code: "unreachable",
    });
  });

  it("is not repeated when that cannot help", async () => {
    const { retry, seen } = observed();
    const denied = failing(9, "access-denied");
    await expect(retry.run(1, denied.attempt, never)).rejects.toThrow("attempt 1");
    expect([denied.count(), seen]).toEqual([1, []]);
  });

  it("is repeated once at once with new keys when the keys ended", async () => {
    const { retry, seen } = observed();
    expect(await retry.run(1, failing(1, "credentials-expired").attempt, never)).toBe(2);
    expect(seen).toEqual([]);
    const ended = failing(9, "credentials-expired");
    await expect(retry.run(1, ended.attempt, never)).rejects.toMatchObject({
      code: "credentials-expired",
    });
    expect(ended.count()).toBe(2);
  });
});

describe("a wait", () => {
  /** Sleeps until aborted, however long. */
  function sleepy(): { clock: Clock; asleep: Promise<void> } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const clock: Clock = {
      nowMs: () => 0,
      wallMs: () => 0,
      sleep: async (_ms, signal) => {
        resolve();
        await new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        });
      },
    };
    return { clock, asleep: promise };
  }

  it("ends when somebody wants it now", async () => {
    const { clock, asleep } = sleepy();
    const { retries, retry, seen } = observed(clock);
    const running = retry.run(1, failing(1, "unreachable").attempt, never);
    await asleep;
    retries.poke();
    expect(await running).toBe(2);
    expect(seen.at(-1)).toBe("retried");
  });

  it("ends when it is canceled, and nothing is tried any more", async () => {
    const { clock, asleep } = sleepy();
    const { retry, seen } = observed(clock);
    const failure = failing(9, "unreachable");
    const stop = new AbortController();
    const running = retry.run(1, failure.attempt, stop.signal);
    await asleep;
    stop.abort();
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    expect(failure.count()).toBe(1);
    expect(seen.at(-1)).toBe("retried");
  });

  it("is not shortened by a wish from before", async () => {
    const { clock, asleep } = sleepy();
    const { retries, retry } = observed(clock);
    retries.poke();
    const stop = new AbortController();
    const failure = failing(9, "unreachable");
    const running = retry.run(1, failure.attempt, stop.signal);
    await asleep;
    expect(failure.count()).toBe(1);
    stop.abort();
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("Wake", () => {
  it("remembers a wake that came before the wait, once", async () => {
    const wake = new Wake();
    wake.wake();
    wake.wake();
    await wake.wait(never);
    const stop = new AbortController();
    const second = wake.wait(stop.signal);
    stop.abort();
    await expect(second).rejects.toMatchObject({ name: "AbortError" });
  });

  it("ends the wait under way, also after one that was given up", async () => {
    const wake = new Wake();
    const stop = new AbortController();
    const given = wake.wait(stop.signal);
    stop.abort();
    await expect(given).rejects.toMatchObject({ name: "AbortError" });
    const waiting = wake.wait(never);
    wake.wake();
    await waiting;
    await expect(wake.wait(AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" });
  });
});
