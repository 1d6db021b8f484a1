import type { PaceMode, Week } from "#shared/week.ts";
import type { Limits } from "#shared/settings.ts";
import { MINUTES_PER_WEEK, modeAtMinute, paintWeek } from "#shared/week.ts";

/** One hour of one day; Monday is 0. */
export type Cell = { readonly day: number; readonly hour: number };
/** From where it was begun to where it has come: the cells between are in it. */
export type Area = { readonly from: Cell; readonly to: Cell };

const DAYS = 7;
const HOURS = 24;
const MINUTES_PER_HOUR = 60;
const MINUTES_PER_DAY = MINUTES_PER_WEEK / DAYS;

export const FULL_DAY_NAMES = [
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
  "Sunday",
] as const;

/** What the grid shows: without a week the limits hold at all times. */
export function shownWeek(week: Week | null, limits: Limits): Week {
  if (week !== null) return week;
  const isFree = limits.downBytesPerSecond === null && limits.upBytesPerSecond === null;
  return [{ atMinute: 0, mode: isFree ? "full" : "limited" }];
}

export function cellMode(week: Week, cell: Cell): PaceMode {
  return modeAtMinute(week, startOf(cell));
}

/** `Thursday 14:00 to 15:00, limited`; text can also change the mode within the hour. */
export function cellLabel(week: Week, cell: Cell): string {
  const start = startOf(cell);
  const inside = week.find(
    ({ atMinute }) => atMinute > start && atMinute < start + MINUTES_PER_HOUR,
  );
  const later = inside
    ? `, ${inside.mode} from ${cell.hour}:${String(inside.atMinute % MINUTES_PER_HOUR).padStart(2, "0")}`
    : "";
  const hours = `${cell.hour}:00 to ${cell.hour + 1}:00`;
  return `${FULL_DAY_NAMES[cell.day]} ${hours}, ${cellMode(week, cell)}${later}`;
}

export function isInArea({ from, to }: Area, { day, hour }: Cell): boolean {
  const isDay = day >= Math.min(from.day, to.day) && day <= Math.max(from.day, to.day);
  return isDay && hour >= Math.min(from.hour, to.hour) && hour <= Math.max(from.hour, to.hour);
}

export function paintArea(week: Week, { from, to }: Area, mode: PaceMode): Week {
  const [first, last] = [Math.min(from.day, to.day), Math.max(from.day, to.day)];
  const hours = [Math.min(from.hour, to.hour), Math.max(from.hour, to.hour) + 1] as const;
  let painted = week;
  for (let day = first; day <= last; day += 1) {
    const [start, end] = hours.map((hour) => startOf({ day, hour }));
    painted = paintWeek(painted, start ?? 0, end ?? 0, mode);
  }
  return painted;
}

/** The other days as this one. */
export function copyDay(week: Week, from: number, days: readonly number[]): Week {
  const edges = week
    .map(({ atMinute }) => atMinute - from * MINUTES_PER_DAY)
    .filter((minute) => minute > 0 && minute < MINUTES_PER_DAY);
  const starts = [0, ...edges];
  let copied = week;
  for (const day of days) {
    for (const [index, start] of starts.entries()) {
      const end = starts[index + 1] ?? MINUTES_PER_DAY;
      const mode = modeAtMinute(week, from * MINUTES_PER_DAY + start);
      copied = paintWeek(copied, day * MINUTES_PER_DAY + start, day * MINUTES_PER_DAY + end, mode);
    }
  }
  return copied;
}

/** Where a key leads from a cell; null for a key that does not move, or not further. */
export function stepCell({ day, hour }: Cell, key: string): Cell | null {
  const steps: Readonly<Record<string, Cell>> = {
    ArrowLeft: { day, hour: hour - 1 },
    ArrowRight: { day, hour: hour + 1 },
    ArrowUp: { day: day - 1, hour },
    ArrowDown: { day: day + 1, hour },
    Home: { day, hour: 0 },
    End: { day, hour: HOURS - 1 },
  };
  const next = steps[key];
  if (next === undefined) return null;
  const isInside = next.day >= 0 && next.day < DAYS && next.hour >= 0 && next.hour < HOURS;
  return isInside ? next : null;
}

function startOf({ day, hour }: Cell): number {
  return day * MINUTES_PER_DAY + hour * MINUTES_PER_HOUR;
}
