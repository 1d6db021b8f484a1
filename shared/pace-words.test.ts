import { expect, it } from "vitest";
import { paceSentence } from "./pace-words.ts";

const rate = (bytesPerSecond: number) => `${bytesPerSecond} B/s`;
const clock = (ms: number) => `${ms}:00`;

it.each([
  ["full", null, null, null, "Now at full speed."],
  ["full", null, 8, "limited", "Now at full speed until 8:00, then limited."],
  ["limited", [5, 5], 18, "full", "Now limited to 5 B/s until 18:00, then full speed."],
  ["limited", [5, 2], null, null, "Now limited to 5 B/s down, 2 B/s up."],
  ["limited", [null, 2], null, null, "Now limited to 2 B/s up."],
  ["limited", [5, null], 18, "paused", "Now limited to 5 B/s down until 18:00, then paused."],
  ["limited", null, null, null, "Now at full speed."],
  ["paused", [5, 5], 22, "full", "Now paused until 22:00, then full speed."],
] as const)("says what holds now in %s hours", (...row) => {
  const [mode, given, untilMs, next, sentence] = row;
  const [downBytesPerSecond, upBytesPerSecond] = given ?? [null, null];
  const limits = { downBytesPerSecond, upBytesPerSecond };
  expect(paceSentence({ mode, limits, untilMs, next, isOverride: false }, rate, clock)).toBe(
    sentence,
  );
});
