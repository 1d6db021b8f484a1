import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { startDeadline } from "./deadline.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("aborts when its time has passed, and says why", () => {
  const { signal } = startDeadline(60_000);
  vi.advanceTimersByTime(59_999);
  expect(signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(signal.reason).toMatchObject({ name: "TimeoutError" });
});

it("leaves nothing behind once it is ended", () => {
  const { signal, end } = startDeadline(60_000);
  end();
  end();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(60_000);
  expect(signal.aborted).toBe(false);
});
