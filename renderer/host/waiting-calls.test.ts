import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { NO_ENGINE, WaitingCalls } from "./waiting-calls.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("answers each call by its own number, in any order", async () => {
  const calls = new WaitingCalls();
  const ids: number[] = [];
  const first = calls.begin((id) => ids.push(id));
  const second = calls.begin((id) => ids.push(id));
  expect(new Set(ids).size).toBe(2);
  calls.settle(ids[1] ?? -1, { ok: true, value: "second" });
  calls.settle(ids[0] ?? -1, { ok: true, value: "first" });
  expect(await Promise.all([first, second])).toEqual([
    { ok: true, value: "first" },
    { ok: true, value: "second" },
  ]);
});

it("gives a call up that is never answered", async () => {
  const calls = new WaitingCalls();
  const reply = calls.begin(() => undefined);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(await reply).toEqual(NO_ENGINE);
});

it("answers all at once when the line is gone", async () => {
  const calls = new WaitingCalls();
  const replies = [calls.begin(() => undefined), calls.begin(() => undefined)];
  calls.settleAll(NO_ENGINE);
  expect(await Promise.all(replies)).toEqual([NO_ENGINE, NO_ENGINE]);
  expect(vi.getTimerCount()).toBe(0);
});

it("drops an answer that nobody waits for", () => {
  expect(() => new WaitingCalls().settle(7, { ok: true, value: null })).not.toThrow();
});
