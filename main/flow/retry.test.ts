import { describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import type { ErrorCode } from "#shared/errors.ts";
import { FakeClock } from "./fake-clock.ts";
import { LASTING_PATIENCE, ONE_SHOT_PATIENCE, Patience, patienceOf } from "./patience.ts";
import { retryDelayMs, withRetries } from "./retry.ts";
import type { RetryWait } from "./retry.ts";

const never = new AbortController().signal;

function rig(limits = LASTING_PATIENCE) {
  const clock = new FakeClock();
  const patience = new Patience(limits, clock);
  const waits: RetryWait[] = [];
  const onWait = (wait: RetryWait) => waits.push(wait);
  return { clock, patience, waits, tools: { clock, random: () => 0.5, patience, onWait } };
}

/** Fails with each of the codes in turn, then succeeds. */
function failing(...codes: readonly ErrorCode[]): () => Promise<string> {
  const left = [...codes];
  return async () => {
    const code = left.shift();
    if (code === undefined) return "done";
    throw new LonghaulError(code, code);
  };
}

it("waits longer after every failure and then answers", async () => {
  const { clock, tools } = rig();
  const attempt = failing("unreachable", "server-failed", "unreachable");
  await expect(withRetries(attempt, tools, never)).resolves.toBe("done");
  expect(clock.sleptMs).toEqual([250, 500, 1000]);
});

it("says what it waits for", async () => {
  const { waits, tools } = rig();
  await withRetries(failing("throttled"), tools, never);
  expect(waits).toMatchObject([{ attempt: 2, delayMs: 500, error: { code: "throttled" } }]);
});

it.each<ErrorCode>(["throttled", "server-failed", "unreachable", "unknown-host"])(
  "repeats for as long as patience lasts what may be over by itself: %s",
  async (code) => {
    const { clock, tools } = rig();
    const attempt = async () => {
      throw new LonghaulError(code, code);
    };
    await expect(withRetries(attempt, tools, never)).rejects.toMatchObject({ code });
    expect(clock.nowMs()).toBe(LASTING_PATIENCE.sinceLastByteMs);
    expect(clock.sleptMs.length).toBeGreaterThan(2880);
  },
);

it.each<ErrorCode>([
  "access-denied",
  "bucket-missing",
  "object-missing",
  "invalid",
  "unsupported",
  "proxy-refused",
  "untrusted-certificate",
  "clock-skewed",
  "credentials-expired",
  "credentials-wrong",
  "conflict",
  "object-changed",
  "source-changed",
  "upload-gone",
  "disk-full",
  "disk-failed",
])("does not repeat what repeating cannot mend: %s", async (code) => {
  const { clock, tools } = rig();
  await expect(withRetries(failing(code), tools, never)).rejects.toMatchObject({ code });
  expect(clock.sleptMs).toEqual([]);
});

it("does not repeat a bug", async () => {
  const { clock, tools } = rig();
  const attempt = async () => {
    throw new TypeError("a bug");
  };
  await expect(withRetries(attempt, tools, never)).rejects.toThrow("a bug");
  expect(clock.sleptMs).toEqual([]);
});

it.each<ErrorCode>(["protocol", "corrupt"])("believes the fourth %s in a row", async (code) => {
  const { clock, tools } = rig();
  const attempt = failing(code, code, code, code);
  await expect(withRetries(attempt, tools, never)).rejects.toMatchObject({ code });
  expect(clock.sleptMs).toHaveLength(3);
});

it.each<ErrorCode>(["protocol", "corrupt"])(
  "counts only one %s after another: an outage before it says nothing of it",
  async (code) => {
    const { tools } = rig();
    const outage: readonly ErrorCode[] = Array.from({ length: 10 }, () => "unreachable");
    const attempt = failing(...outage, code, code, "unreachable", code, code, code);
    await expect(withRetries(attempt, tools, never)).resolves.toBe("done");
  },
);

it.each<[ErrorCode, number]>([
  ["clock-skewed", 2],
  ["access-denied", 2],
  ["credentials-expired", 1],
])("believes %s after %i other signatures", async (code, most) => {
  const { clock, tools } = rig();
  const cause = new LonghaulError(code, code);
  const attempt = async () => {
    throw new LonghaulError("server-failed", "will be signed otherwise", { cause });
  };
  await expect(withRetries(attempt, tools, never)).rejects.toBe(cause);
  expect(clock.sleptMs).toHaveLength(most);
});

it("goes on for a day without a byte, and no longer", async () => {
  const { clock, tools } = rig();
  const attempt = async () => {
    throw new LonghaulError("unreachable", "no");
  };
  await expect(withRetries(attempt, tools, never)).rejects.toMatchObject({ code: "unreachable" });
  expect(clock.nowMs()).toBe(LASTING_PATIENCE.sinceLastByteMs);
});

it("ends one command after 2 min of waiting when nothing was ever reached", async () => {
  const { clock, tools } = rig(ONE_SHOT_PATIENCE);
  const attempt = async () => {
    throw new LonghaulError("unknown-host", "no");
  };
  await expect(withRetries(attempt, tools, never)).rejects.toMatchObject({
    code: "unknown-host",
  });
  expect(clock.nowMs()).toBe(120_000);
});

it("has more patience with what moved before", async () => {
  const { clock, patience, tools } = rig(ONE_SHOT_PATIENCE);
  patience.progressed();
  const attempt = async () => {
    throw new LonghaulError("unreachable", "no");
  };
  await expect(withRetries(attempt, tools, never)).rejects.toMatchObject({ code: "unreachable" });
  expect(clock.nowMs()).toBe(ONE_SHOT_PATIENCE.sinceLastByteMs);
});

it("stops waiting when canceled, and starts nothing afterwards", async () => {
  const { clock, tools } = rig();
  const canceling = new AbortController();
  clock.sleep = async () => {
    canceling.abort();
    canceling.signal.throwIfAborted();
  };
  const attempt = failing("unreachable");
  await expect(withRetries(attempt, tools, canceling.signal)).rejects.toMatchObject({
    name: "AbortError",
  });
  await expect(withRetries(attempt, tools, canceling.signal)).rejects.toMatchObject({
    name: "AbortError",
  });
});

it("asks a resolver that blinks again at once, once, and counts it as no failure", async () => {
  const { clock, waits, tools } = rig();
  const attempt = failing("unknown-host", "unknown-host", "unreachable");
  await expect(withRetries(attempt, tools, never)).resolves.toBe("done");
  expect(clock.sleptMs).toEqual([250, 500]);
  expect(waits.map((wait) => wait.attempt)).toEqual([2, 3]);
});

it("without a network looks again after 2 s, then less often, up to 30 s, and counts no attempt against it", async () => {
  const { clock, tools } = rig(patienceOf(Infinity));
  let left = 40;
  const attempt = async () => {
    if ((left -= 1) < 0) return "done";
    throw new LonghaulError("unreachable", "no way", { details: { cause: "ENETUNREACH" } });
  };
  const steady = { ...tools, random: () => 0 };
  await expect(withRetries(attempt, steady, never)).resolves.toBe("done");
  expect(clock.sleptMs.slice(0, 6)).toEqual([2000, 4000, 8000, 16_000, 30_000, 30_000]);
  expect(clock.sleptMs).toHaveLength(40);
});

it("goes on for ever where somebody wants that", () => {
  const clock = new FakeClock();
  const patience = new Patience(patienceOf(Infinity), clock);
  clock.advance(1e12);
  expect(patience.leftMs()).toBe(Infinity);
});

describe("retryDelayMs", () => {
  const throttled = (retryAfterMs: number) =>
    new LonghaulError("throttled", "slow down", { details: { retryAfterMs } });

  it.each([
    [throttled(700), 1, 0.5, 700],
    [throttled(0), 1, 0.5, 500],
    [throttled(1e12), 1, 0.5, 300_000],
    [new LonghaulError("unreachable", ""), 1, 0, 0],
    [new LonghaulError("unreachable", ""), 20, 0.999, 29_970],
    [new LonghaulError("unreachable", ""), 2000, 0.5, 15_000],
  ])("asks for patience with %s after %i failures", (error, failureCount, random, expectedMs) => {
    expect(retryDelayMs(error, failureCount, () => random)).toBe(expectedMs);
  });
});
