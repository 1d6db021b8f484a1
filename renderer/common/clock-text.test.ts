import { expect, it } from "vitest";
import { clockSeconds, clockText, isSameDay } from "./clock-text.ts";

const noon = new Date(2026, 10, 20, 12, 0, 0).getTime();
const at = (day: number, hour: number, minute: number, second = 0) =>
  new Date(2026, 10, day, hour, minute, second).getTime();

it.each([
  [at(20, 13, 41), "13:41"],
  [at(20, 0, 5), "00:05"],
  [at(19, 23, 59), "19 Nov, 23:59"],
  [at(21, 6, 40), "21 Nov, 06:40"],
])("tells the day only where it is another (%d)", (atMs, text) => {
  expect(clockText(atMs, noon)).toBe(text);
});

it("shows seconds in a log", () => {
  expect(clockSeconds(at(20, 14, 31, 52))).toBe("14:31:52");
});

it("knows where a day ends", () => {
  expect(isSameDay(at(20, 0, 0), at(20, 23, 59))).toBe(true);
  expect(isSameDay(at(20, 23, 59), at(21, 0, 0))).toBe(false);
});
