import { describe, expect, it } from "vitest";
import { parseWeek, writeWeek } from "#shared/week-text.ts";
import {
  cellLabel,
  cellMode,
  copyDay,
  isInArea,
  paintArea,
  shownWeek,
  stepCell,
} from "./week-cells.ts";

const NONE = { downBytesPerSecond: null, upBytesPerSecond: null };
const full = shownWeek(null, NONE);
const text = (week: typeof full) => writeWeek(week, NONE);

describe("the grid of a week", () => {
  it("without a week shows what holds at all times", () => {
    expect(text(full)).toBe("00:00,off");
    expect(text(shownWeek(null, { ...NONE, upBytesPerSecond: 5000 }))).toBe("00:00,limited");
    const { week } = parseWeek("Mon 08:00,pause 09:00,off");
    expect(shownWeek(week, NONE)).toBe(week);
  });

  it("paints an area from corner to corner, whichever comes first", () => {
    const area = { from: { day: 4, hour: 17 }, to: { day: 0, hour: 8 } };
    const painted = paintArea(full, area, "limited");
    expect(text(painted)).toBe("Mon-Fri 08:00,limited 18:00,off");
    expect(isInArea(area, { day: 2, hour: 12 })).toBe(true);
    expect(isInArea(area, { day: 5, hour: 12 })).toBe(false);
    expect(isInArea(area, { day: 2, hour: 18 })).toBe(false);
    expect(text(paintArea(painted, area, "full"))).toBe("00:00,off");
  });

  it("copies a day to others, also what its text sets within an hour", () => {
    const { week } = parseWeek("Mon 08:30,pause 09:15,off; Tue 03:00,pause 04:00,off");
    expect(text(copyDay(week, 0, [1, 2]))).toBe("Mon-Wed 08:30,pause 09:15,off");
    expect(cellLabel(week, { day: 0, hour: 8 })).toBe(
      "Monday 8:00 to 9:00, full, paused from 8:30",
    );
    expect(cellLabel(week, { day: 1, hour: 3 })).toBe("Tuesday 3:00 to 4:00, paused");
  });

  it("copies a day that goes on from the night before", () => {
    const { week } = parseWeek("Sun 22:00,pause; Mon 07:00,off");
    expect(text(copyDay(week, 0, [1]))).toBe(
      "Mon 07:00,off; Tue 00:00,pause 07:00,off; Sun 22:00,pause",
    );
    expect(cellMode(week, { day: 0, hour: 6 })).toBe("paused");
  });

  it.each([
    ["ArrowLeft", { day: 3, hour: 13 }],
    ["ArrowRight", { day: 3, hour: 15 }],
    ["ArrowUp", { day: 2, hour: 14 }],
    ["ArrowDown", { day: 4, hour: 14 }],
    ["Home", { day: 3, hour: 0 }],
    ["End", { day: 3, hour: 23 }],
    ["a", null],
  ])("moves by %s", (key, cell) => {
    expect(stepCell({ day: 3, hour: 14 }, key)).toEqual(cell);
  });

  it("ends at its edges", () => {
    expect(stepCell({ day: 0, hour: 0 }, "ArrowLeft")).toBeNull();
    expect(stepCell({ day: 6, hour: 23 }, "ArrowDown")).toBeNull();
  });
});
