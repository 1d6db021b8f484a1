import { expect, it } from "vitest";
import { NO_SYNC } from "#shared/sync.ts";
import { everyFlag, everyWords, lastWords, nextWords } from "./follow-words.ts";

const noon = new Date(2026, 10, 20, 12).getTime();

it.each([
  [900_000, "every 15 minutes", "15min"],
  [3_600_000, "every hour", "1h"],
  [86_400_000, "every day", "1d"],
  [5_400_000, "every 90 minutes", "90min"],
  [90_000, "every 90 seconds", "90s"],
])("says %d ms as people and as the command line do", (everyMs, words, flag) => {
  expect(everyWords(everyMs)).toBe(words);
  expect(everyFlag(everyMs)).toBe(flag);
});

const ran = (moves: number, same: number) => ({
  last: { atMs: noon, error: null, counts: { ...NO_SYNC, moves, same } },
});

it("says how the last run ended", () => {
  expect(lastWords({ last: null }, noon)).toBe("Has not run yet");
  expect(lastWords(ran(0, 12), noon)).toBe("12:00: nothing had changed, 12 files equal");
  expect(lastWords(ran(1, 11), noon)).toBe("12:00: 1 file fetched");
  const error = { code: "bucket-missing", message: "no", details: { bucket: "lab" } } as const;
  const failed = { last: { atMs: noon, error, counts: NO_SYNC } };
  expect(lastWords(failed, noon)).toContain("12:00: There is no bucket lab");
});

it("says when it runs next", () => {
  const view = { isRunning: false, nextAtMs: noon + 900_000 };
  expect(nextWords(view, noon)).toBe("Next at 12:15");
  expect(nextWords({ ...view, nextAtMs: noon }, noon)).toBe("Runs in a moment");
  expect(nextWords({ ...view, isRunning: true }, noon)).toBe("Runs now");
});
