import { describe, expect, it } from "vitest";
import type { WeekChange } from "./week.ts";
import { minuteOfWeek, modeAt, nextChange, paintWeek, tidyWeek, Week } from "./week.ts";

const BERLIN = "Europe/Berlin";
const at = (day: number, hour: number, minute = 0) => (day * 24 + hour) * 60 + minute;
const iso = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString());

/** Monday to Friday from 8 to 18 limited. */
const office: WeekChange[] = [0, 1, 2, 3, 4].flatMap((day) => [
  { atMinute: at(day, 8), mode: "limited" as const },
  { atMinute: at(day, 18), mode: "full" as const },
]);
/** Sunday, the day on which clocks are changed, from `start` to `end` paused. */
const sunday = (start: number, end: number): WeekChange[] => [
  { atMinute: at(6, 0, start), mode: "paused" },
  { atMinute: at(6, 0, end), mode: "full" },
];

describe("a week", () => {
  it("holds by the clock on the wall of the zone", () => {
    const monday = Date.UTC(2027, 0, 4, 7, 30);
    expect(minuteOfWeek(monday, BERLIN)).toBe(at(0, 8, 30));
    expect(modeAt(office, monday, BERLIN)).toBe("limited");
    expect(modeAt(office, monday, "UTC")).toBe("full");
    expect(modeAt(office, monday, "Asia/Kolkata")).toBe("limited");
  });

  it("before its first change is as it ended", () => {
    const week: WeekChange[] = [
      { atMinute: at(2, 0), mode: "paused" },
      { atMinute: at(4, 0), mode: "limited" },
    ];
    expect(modeAt(week, Date.UTC(2027, 0, 4), "UTC")).toBe("limited");
  });

  it("says when it changes next, also over the weekend", () => {
    const monday = Date.UTC(2027, 0, 4, 7, 30, 15);
    expect(nextChange(office, monday, BERLIN)).toEqual({
      atMs: Date.UTC(2027, 0, 4, 17),
      mode: "full",
    });
    const saturday = Date.UTC(2027, 0, 9, 12);
    expect(iso(nextChange(office, saturday, BERLIN)?.atMs)).toBe("2027-01-11T07:00:00.000Z");
  });

  it("of one mode never changes", () => {
    expect(
      nextChange([{ atMinute: 77, mode: "limited" }], Date.UTC(2027, 0, 4), BERLIN),
    ).toBeNull();
  });

  it("in order is accepted, and out of order or twice at once is not", () => {
    expect(Week.safeParse(office).success).toBe(true);
    expect(Week.safeParse(office.toReversed()).success).toBe(false);
    expect(Week.safeParse([office[0], office[0]]).success).toBe(false);
    expect(Week.safeParse([]).success).toBe(false);
  });
});

/** Every minute of a stretch, as UTC, at which `mode` holds: as [first, last + 1). */
function spans(week: WeekChange[], mode: string, startMs: number, endMs: number): string[] {
  const found: string[] = [];
  let isIn = false;
  for (let ms = startMs; ms <= endMs; ms += 60_000) {
    if ((modeAt(week, ms, BERLIN) === mode) === isIn) continue;
    isIn = !isIn;
    found.push(new Date(ms).toISOString().slice(11, 16));
  }
  return found;
}

/** What one who only ever sleeps until the next change would see. */
function changesFrom(week: WeekChange[], startMs: number, endMs: number): string[] {
  const found: string[] = [];
  for (let next = nextChange(week, startMs, BERLIN); next !== null && next.atMs <= endMs;) {
    found.push(new Date(next.atMs).toISOString().slice(11, 16));
    next = nextChange(week, next.atMs, BERLIN);
  }
  return found;
}

describe("E8 when clocks are put forward in Berlin, on 28 March 2027 at 2:00", () => {
  const [start, end] = [Date.UTC(2027, 2, 27, 23), Date.UTC(2027, 2, 28, 12)];

  it("a span inside the skipped hour is skipped", () => {
    expect(spans(sunday(125, 175), "paused", start, end)).toEqual([]);
    expect(changesFrom(sunday(125, 175), start, end)).toEqual([]);
  });

  it("a span that begins in it begins at 3:00", () => {
    expect(spans(sunday(150, 300), "paused", start, end)).toEqual(["01:00", "03:00"]);
    expect(changesFrom(sunday(150, 300), start, end)).toEqual(["01:00", "03:00"]);
  });

  it("a span that ends in it ends at 3:00, and one around it is an hour shorter", () => {
    expect(changesFrom(sunday(60, 150), start, end)).toEqual(["00:00", "01:00"]);
    expect(changesFrom(sunday(60, 300), start, end)).toEqual(["00:00", "03:00"]);
  });
});

describe("E8 when clocks are put back in Berlin, on 31 October 2027 at 3:00", () => {
  const [start, end] = [Date.UTC(2027, 9, 30, 22), Date.UTC(2027, 9, 31, 12)];

  it("a span inside the repeated hour holds twice", () => {
    const twice = ["00:05", "00:55", "01:05", "01:55"];
    expect(spans(sunday(125, 175), "paused", start, end)).toEqual(twice);
    expect(changesFrom(sunday(125, 175), start, end)).toEqual(twice);
  });

  it("a span that begins in it begins twice, with what was before in between", () => {
    const found = ["00:30", "01:00", "01:30", "04:00"];
    expect(spans(sunday(150, 300), "paused", start, end)).toEqual(found);
    expect(changesFrom(sunday(150, 300), start, end)).toEqual(found);
  });

  it("a span around it is an hour longer", () => {
    expect(changesFrom(sunday(60, 300), start, end)).toEqual(["23:00", "04:00"]);
  });
});

describe("painting", () => {
  const full: WeekChange[] = [{ atMinute: 0, mode: "full" }];

  it("an hour leaves the rest as it was", () => {
    const painted = paintWeek(full, at(3, 14), at(3, 15), "limited");
    expect(painted).toEqual([
      { atMinute: at(3, 14), mode: "limited" },
      { atMinute: at(3, 15), mode: "full" },
    ]);
    expect(paintWeek(painted, at(3, 14), at(3, 15), "full")).toEqual(full);
  });

  it("the last hour of the week ends with it", () => {
    const painted = paintWeek(full, at(6, 23), at(7, 0), "paused");
    expect(painted).toEqual([
      { atMinute: 0, mode: "full" },
      { atMinute: at(6, 23), mode: "paused" },
    ]);
  });

  it("over changes takes them away, and everything is one mode", () => {
    expect(paintWeek(office, at(0, 0), at(1, 9), "paused")[0]).toEqual({
      atMinute: 0,
      mode: "paused",
    });
    expect(paintWeek(office, 0, at(7, 0), "limited")).toEqual([{ atMinute: 0, mode: "limited" }]);
  });

  it("keeps no change that changes nothing", () => {
    expect(tidyWeek([...office, { atMinute: at(5, 3), mode: "full" }])).toEqual(office);
  });
});
