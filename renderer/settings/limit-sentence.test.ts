import { expect, it } from "vitest";
import { limitSentence } from "./limit-sentence.ts";

const rate = (bytesPerSecond: number) => `${bytesPerSecond} B/s`;

it.each([
  [5, 2, "Limited now: 5 B/s down, 2 B/s up."],
  [5, null, "Limited now: 5 B/s down, full speed up."],
  [null, 2, "Limited now: full speed down, 2 B/s up."],
  [null, null, null],
])("says what holds for %j down and %j up", (downBytesPerSecond, upBytesPerSecond, sentence) => {
  expect(limitSentence({ downBytesPerSecond, upBytesPerSecond }, rate)).toBe(sentence);
});
