import { expect, it } from "vitest";
import { dayText } from "./day-text.ts";

const at = (...parts: [number, number, number, number?, number?]) => new Date(...parts).getTime();
const now = at(2026, 10, 27, 15, 0);

it.each([
  [at(2026, 10, 27, 9, 5), "today, 09:05"],
  [at(2026, 10, 26, 23, 59), "yesterday"],
  [at(2026, 10, 3), "3 Nov"],
  [at(2025, 4, 9), "9 May 2025"],
  [at(2026, 8, 8), "8 Sep"],
])("says a day no finer than it is asked for", (atMs, words) =>
  expect(dayText(atMs, now)).toBe(words),
);
