import type { Limits } from "./settings.ts";
import type { PaceMode, Week, WeekChange } from "./week.ts";
import { LonghaulError } from "./errors.ts";
import { parseRate } from "./format.ts";
import { DAY_NAMES, MINUTES_PER_WEEK, modeAtMinute, tidyWeek } from "./week.ts";

const MINUTES_PER_DAY = MINUTES_PER_WEEK / 7;
const EXAMPLE = "Mon-Fri 08:00,40Mbit 18:00,off";

export type WeekText = {
  readonly week: Week;
  /** The rates that `limited` stands for; null where the text names none. */
  readonly limits: Limits | null;
};

/**
 * `Mon-Fri 08:00,40Mbit 18:00,off; Sun 02:00,pause 05:00,off`: each value holds until the next one.
 * `off` is no limit, `pause` nothing moves, `limited` the limits that are set, `40Mbit/10Mbit` down
 * and up. Without days it is every day.
 *
 * @throws {LonghaulError} `invalid`, naming the word that cannot be read and what to write.
 */
export function parseWeek(text: string): WeekText {
  const changes = new Map<number, PaceMode>();
  const rates: { word: string; limits: Limits }[] = [];
  for (const rule of text.split(";")) {
    let days = [0, 1, 2, 3, 4, 5, 6];
    for (const word of rule.trim().split(/\s+/)) {
      if (word === "") continue;
      const named = /^[a-z]/i.test(word) ? parseDays(word) : null;
      if (named !== null) {
        days = named;
        continue;
      }
      const { minute, value } = parseChange(word);
      const { mode, limits } = parseValue(word, value);
      if (limits !== null) rates.push({ word, limits });
      for (const day of days) {
        const atMinute = day * MINUTES_PER_DAY + minute;
        if (changes.has(atMinute)) throw refuse(word, `${clock(atMinute)} is set twice`);
        changes.set(atMinute, mode);
      }
    }
  }
  if (changes.size === 0) throw new LonghaulError("invalid", `a schedule is like ${EXAMPLE}`);
  const listed = [...changes].map(([atMinute, mode]): WeekChange => ({ atMinute, mode }));
  return { week: tidyWeek(listed), limits: onlyLimits(rates) };
}

/** The same week as text that `parseWeek` reads back, days of the same hours together. */
export function writeWeek(week: Week, limits: Limits): string {
  const days = DAY_NAMES.map((_, day) => writeDay(week, limits, day));
  if (days.every((words) => words === "")) {
    return `00:00,${writeValue(modeAtMinute(week, 0), limits)}`;
  }
  const rules: string[] = [];
  for (let first = 0; first < days.length;) {
    let last = first;
    while (last + 1 < days.length && days[last + 1] === days[first]) last += 1;
    const name = last === first ? DAY_NAMES[first] : `${DAY_NAMES[first]}-${DAY_NAMES[last]}`;
    if (days[first] !== "") rules.push(`${name} ${days[first]}`);
    first = last + 1;
  }
  return rules.join("; ");
}

function writeDay(week: Week, limits: Limits, day: number): string {
  return week
    .filter(({ atMinute }) => Math.floor(atMinute / MINUTES_PER_DAY) === day && week.length > 1)
    .map(({ atMinute, mode }) => `${time(atMinute)},${writeValue(mode, limits)}`)
    .join(" ");
}

function writeValue(mode: PaceMode, { downBytesPerSecond, upBytesPerSecond }: Limits): string {
  if (mode === "full") return "off";
  if (mode === "paused") return "pause";
  if (downBytesPerSecond === null && upBytesPerSecond === null) return "limited";
  const [down, up] = [writeRate(downBytesPerSecond), writeRate(upBytesPerSecond)];
  return down === up ? down : `${down}/${up}`;
}

/** Exact, in the largest unit that needs no fraction. */
function writeRate(bytesPerSecond: number | null): string {
  if (bytesPerSecond === null) return "off";
  if (bytesPerSecond % 125_000 === 0) return `${bytesPerSecond / 125_000}Mbit`;
  if (bytesPerSecond % 1000 === 0) return `${bytesPerSecond / 1000}kB`;
  return `${bytesPerSecond}B`;
}

function parseDays(word: string): number[] {
  return word.split(",").flatMap((part) => {
    const [first = "", last, more] = part.split("-");
    const start = dayOf(first, word);
    const end = last === undefined ? start : dayOf(last, word);
    if (more !== undefined) throw refuse(word, "days are like Mon-Fri or Sat,Sun");
    const count = ((end - start + 7) % 7) + 1;
    return Array.from({ length: count }, (_, index) => (start + index) % 7);
  });
}

function dayOf(name: string, word: string): number {
  const day = DAY_NAMES.findIndex((known) => known.toLowerCase() === name.toLowerCase());
  if (day === -1) throw refuse(word, "days are Mon, Tue, Wed, Thu, Fri, Sat and Sun");
  return day;
}

function parseChange(word: string): { minute: number; value: string } {
  const match = /^(\d{1,2}):(\d{2}),(.+)$/.exec(word);
  if (match === null) throw refuse(word, "a change is a time and a value, as 08:00,40Mbit");
  const [hour, minute] = [Number(match[1]), Number(match[2])];
  if (hour > 23 || minute > 59) throw refuse(word, "times go from 00:00 to 23:59");
  return { minute: hour * 60 + minute, value: match[3] ?? "" };
}

function parseValue(word: string, value: string): { mode: PaceMode; limits: Limits | null } {
  const name = value.toLowerCase();
  if (name === "off" || name === "full") return { mode: "full", limits: null };
  if (name === "pause" || name === "paused") return { mode: "paused", limits: null };
  if (name === "limited") return { mode: "limited", limits: null };
  const [down = "", up = down, more] = value.split("/");
  if (more !== undefined) throw refuse(word, "two rates are down/up, as 40Mbit/10Mbit");
  const limits = { downBytesPerSecond: rateOf(word, down), upBytesPerSecond: rateOf(word, up) };
  return { mode: "limited", limits };
}

function rateOf(word: string, text: string): number | null {
  if (text.toLowerCase() === "off") return null;
  try {
    return parseRate(text);
  } catch (error) {
    throw error instanceof LonghaulError ? refuse(word, error.message) : error;
  }
}

/** One, because "limited" has one meaning in the window, in the week and on the command line. */
function onlyLimits(rates: readonly { word: string; limits: Limits }[]): Limits | null {
  const [first] = rates;
  if (first === undefined) return null;
  const other = rates.find(({ limits }) => JSON.stringify(limits) !== JSON.stringify(first.limits));
  if (other === undefined) return first.limits;
  throw refuse(other.word, `a week has one rate for its limited hours, and ${first.word} names it`);
}

function refuse(word: string, why: string): LonghaulError {
  const shown = word.length > 40 ? `${word.slice(0, 40)}…` : word;
  return new LonghaulError("invalid", `${JSON.stringify(shown)}: ${why}`);
}

function clock(atMinute: number): string {
  return `${DAY_NAMES[Math.floor(atMinute / MINUTES_PER_DAY)]} ${time(atMinute)}`;
}

function time(atMinute: number): string {
  const minute = atMinute % MINUTES_PER_DAY;
  const [hour, rest] = [Math.floor(minute / 60), minute % 60];
  return `${String(hour).padStart(2, "0")}:${String(rest).padStart(2, "0")}`;
}
