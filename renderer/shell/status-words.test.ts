import { describe, expect, it } from "vitest";
import { PLAIN } from "../fixture/plain-formats.ts";
import { makeTransfer } from "../fixture/make-transfer.ts";
import { longestLeft } from "./status-bar.tsx";
import { wordsOf } from "./connection-bar.tsx";
import { isHeldBack, limitWords } from "./limit-words.ts";

describe("the limit", () => {
  it.each([
    [null, null, "No limit"],
    [40e6, 5e6, "Limited to 40 MB/s down, 5 MB/s up"],
    [40e6, null, "Down limited to 40 MB/s"],
    [null, 5e6, "Up limited to 5 MB/s"],
  ])("of %s down and %s up reads %s", (downBytesPerSecond, upBytesPerSecond, words) => {
    const limits = { downBytesPerSecond, upBytesPerSecond };
    const pace = { mode: "limited", limits, untilMs: null, next: null, isOverride: false } as const;
    expect(limitWords(pace, PLAIN, String)).toBe(words);
    const weekly = { ...pace, untilMs: 18, next: "full" } as const;
    expect(limitWords(weekly, PLAIN, String)).toBe(`${words} until 18`);
    expect(limitWords({ ...weekly, mode: "paused" }, PLAIN, String)).toBe(
      "Paused by the schedule until 18",
    );
    expect(limitWords({ ...weekly, mode: "paused", isOverride: true }, PLAIN, String)).toBe(
      "Paused by you until 18",
    );
  });

  it("is what holds the speed back only near the cap", () => {
    expect(isHeldBack(4.9e6, 5e6)).toBe(true);
    expect(isHeldBack(3e6, 5e6)).toBe(false);
    expect(isHeldBack(3e6, null)).toBe(false);
    expect(isHeldBack(0, 5e6)).toBe(false);
  });
});

describe("the line to the engine", () => {
  it("is not spoken of while it is well", () => {
    expect(wordsOf({ phase: "open" })).toBeNull();
    expect(wordsOf({ phase: "connecting" })).toBeNull();
  });

  it("says what to do when the engine is gone, or the key is wrong", () => {
    expect(wordsOf({ phase: "lost", sinceMs: 0 })?.what).toBe(
      "The engine stopped. Start Longhaul again.",
    );
    expect(wordsOf({ phase: "refused" })?.next).toContain("address that Longhaul printed");
  });
});

describe("the time left of all that moves", () => {
  const moving = (secondsLeft: number | null) => makeTransfer("a", { total: 4 }, { secondsLeft });
  const paused = { phase: "paused", cause: "user", sinceMs: 0, error: null } as const;

  it("is the longest, and nothing while one cannot be told", () => {
    expect(longestLeft([moving(60), moving(240)])).toBe(240);
    expect(longestLeft([moving(60), moving(null)])).toBeNull();
    expect(longestLeft([{ ...moving(60), state: paused }])).toBeNull();
    expect(longestLeft([])).toBeNull();
  });
});
