import { describe, expect, it } from "vitest";
import { modeAtMinute, paintWeek } from "./week.ts";
import { parseWeek, writeWeek } from "./week-text.ts";

const none = { downBytesPerSecond: null, upBytesPerSecond: null };
const at = (day: number, hour: number) => (day * 24 + hour) * 60;

describe("a week as text", () => {
  it("has days, times and values that hold until the next", () => {
    const { week, limits } = parseWeek("Mon-Fri 08:00,40Mbit 18:00,off");
    expect(limits).toEqual({ downBytesPerSecond: 5_000_000, upBytesPerSecond: 5_000_000 });
    expect(modeAtMinute(week, at(0, 8))).toBe("limited");
    expect(modeAtMinute(week, at(4, 18))).toBe("full");
    expect(modeAtMinute(week, at(6, 12))).toBe("full");
  });

  it("may have several rules, two rates, and pauses", () => {
    const { week, limits } = parseWeek(
      "mon-fri 8:00,40Mbit/10Mbit 18:00,off; Sun 02:00,pause 05:00,off",
    );
    expect(limits).toEqual({ downBytesPerSecond: 5_000_000, upBytesPerSecond: 1_250_000 });
    expect(modeAtMinute(week, at(6, 3))).toBe("paused");
    expect(modeAtMinute(week, at(6, 5))).toBe("full");
  });

  it("without days is every day, and days may go over the weekend", () => {
    expect(parseWeek("22:00,off 07:00,limited").week).toHaveLength(14);
    expect(parseWeek("Sat-Mon 08:00,pause 09:00,off").week.map((one) => one.atMinute)).toEqual([
      at(0, 8),
      at(0, 9),
      at(5, 8),
      at(5, 9),
      at(6, 8),
      at(6, 9),
    ]);
    expect(parseWeek("Sat,Sun 08:00,pause 09:00,off").week).toHaveLength(4);
  });

  it.each([
    "Mon-Fri 08:00,40Mbit 18:00,off",
    "Mon-Fri 08:00,40Mbit/10Mbit 18:00,off; Sun 02:00,pause 05:00,off",
    "Mon 00:00,limited; Thu 12:30,off",
    "Mon-Sun 07:00,off/1025B 22:00,off",
    "00:00,pause",
  ])("is written as it was read: %s", (text) => {
    const { week, limits } = parseWeek(text);
    expect(writeWeek(week, limits ?? none)).toBe(text);
    expect(parseWeek(writeWeek(week, limits ?? none))).toEqual({ week, limits });
  });

  it("says what was painted", () => {
    const painted = paintWeek([{ atMinute: 0, mode: "full" }], at(6, 23), at(7, 0), "paused");
    expect(writeWeek(painted, none)).toBe("Mon 00:00,off; Sun 23:00,pause");
  });
});

describe("a schedule", () => {
  it.each([
    ["", "a schedule is like Mon-Fri 08:00,40Mbit 18:00,off"],
    ["Mon-Fry 08:00,off", '"Mon-Fry": days are Mon, Tue, Wed, Thu, Fri, Sat and Sun'],
    ["Mon-Tue-Wed 08:00,off", '"Mon-Tue-Wed": days are like Mon-Fri or Sat,Sun'],
    ["Mon 8,off", '"8,off": a change is a time and a value, as 08:00,40Mbit'],
    ["Mon 24:00,off", '"24:00,off": times go from 00:00 to 23:59'],
    ["Mon 08:00,40", '"08:00,40": "40" needs a unit: 10MB or 80Mbit'],
    ["Mon 08:00,10M", '"08:00,10M": "10M" may mean bits or bytes: write 10MB or 80Mbit'],
    ["Mon 08:00,1MB/2MB/3MB", '"08:00,1MB/2MB/3MB": two rates are down/up, as 40Mbit/10Mbit'],
    ["Mon 08:00,1MB 08:00,off", '"08:00,off": Mon 08:00 is set twice'],
    [
      "Mon 08:00,1MB 18:00,2MB",
      '"18:00,2MB": a week has one rate for its limited hours, and 08:00,1MB names it',
    ],
  ])("that cannot be read names the word: %s", (text, message) => {
    expect(() => parseWeek(text)).toThrow(message);
  });
});
