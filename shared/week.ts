import { z } from "zod";

/** `limited`: under the kept limits; `paused`: nothing moves. */
export const PaceMode = z.enum(["full", "limited", "paused"]);
export type PaceMode = z.infer<typeof PaceMode>;

const MINUTES_PER_DAY = 24 * 60;
export const MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY;
const MS_PER_MINUTE = 60_000;

/** From this minute on, counted from Monday 0:00 on the clock on the wall, until the next change. */
export const WeekChange = z.strictObject({
  atMinute: z
    .int()
    .min(0)
    .max(MINUTES_PER_WEEK - 1),
  mode: PaceMode,
});
export type WeekChange = z.infer<typeof WeekChange>;

/** A week's changes in ascending order; before the first one, the last one of the week before holds. */
export const Week = z
  .array(WeekChange)
  .min(1)
  .max(1000)
  .refine(isAscending, "the changes of a week stand in order, each at a time of its own");
export type Week = readonly WeekChange[];

export type NextChange = { readonly atMs: number; readonly mode: PaceMode };

/** What holds at a moment, in a time zone. */
export function modeAt(week: Week, wallMs: number, zone: string): PaceMode {
  return modeAtMinute(week, minuteOfWeek(wallMs, zone));
}

export function modeAtMinute(week: Week, minute: number): PaceMode {
  const change = week.findLast(({ atMinute }) => atMinute <= minute) ?? week.at(-1);
  return change?.mode ?? "full";
}

/**
 * The first moment after `wallMs` at which another mode holds; null where the week has but one.
 * By the clock on the wall: an hour that the clock skips is skipped, one that it repeats holds twice.
 */
export function nextChange(week: Week, wallMs: number, zone: string): NextChange | null {
  const before = modeAt(week, wallMs, zone);
  // A week, and a day for clocks that are put back.
  const latestMs = wallMs + (MINUTES_PER_WEEK + MINUTES_PER_DAY) * MS_PER_MINUTE;
  let atMs = wallMs;
  while (atMs < latestMs) {
    atMs = nextEdge(week, atMs, zone);
    const mode = modeAt(week, atMs, zone);
    if (mode !== before) return { atMs, mode };
  }
  return null;
}

/** The same week with one mode from `start` to `end` (exclusive, at most the week's last minute + 1). */
export function paintWeek(week: Week, start: number, end: number, mode: PaceMode): Week {
  const after = modeAtMinute(week, end % MINUTES_PER_WEEK);
  const kept = week.filter(({ atMinute }) => atMinute < start || atMinute >= end);
  const isSet = kept.some(({ atMinute }) => atMinute === end % MINUTES_PER_WEEK);
  const painted = [
    ...kept,
    { atMinute: start, mode },
    ...(isSet || (end === MINUTES_PER_WEEK && start === 0)
      ? []
      : [{ atMinute: end % MINUTES_PER_WEEK, mode: after }]),
  ];
  return tidyWeek(painted);
}

/** In order and without changes that change nothing. */
export function tidyWeek(changes: readonly WeekChange[]): Week {
  const sorted = changes.toSorted((a, b) => a.atMinute - b.atMinute);
  const told = sorted.filter(({ mode }, index) => mode !== sorted.at(index - 1)?.mode);
  return told.length > 0 ? told : [{ atMinute: 0, mode: sorted[0]?.mode ?? "full" }];
}

/** Where the next listed change would be, or the clock is put forward or back before it. */
function nextEdge(week: Week, wallMs: number, zone: string): number {
  const minute = minuteOfWeek(wallMs, zone);
  const next = week.find(({ atMinute }) => atMinute > minute) ?? week[0];
  const minutes = modulo((next?.atMinute ?? 0) - minute - 1, MINUTES_PER_WEEK) + 1;
  const startMs = Math.floor(wallMs / MS_PER_MINUTE) * MS_PER_MINUTE;
  const drift = driftAt(startMs, zone);
  if (driftAt(startMs + minutes * MS_PER_MINUTE, zone) === drift) {
    return startMs + minutes * MS_PER_MINUTE;
  }
  let [same, other] = [0, minutes];
  while (other - same > 1) {
    const middle = Math.floor((same + other) / 2);
    if (driftAt(startMs + middle * MS_PER_MINUTE, zone) === drift) same = middle;
    else other = middle;
  }
  return startMs + other * MS_PER_MINUTE;
}

/** How far the clock on the wall is ahead of UTC; changes only where the clock is put forward or back. */
function driftAt(wallMs: number, zone: string): number {
  return modulo(minuteOfWeek(wallMs, zone) - Math.floor(wallMs / MS_PER_MINUTE), MINUTES_PER_WEEK);
}

export function minuteOfWeek(wallMs: number, zone: string): number {
  const parts = formatterOf(zone).formatToParts(wallMs);
  const read = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  const day = DAY_NAMES.findIndex((name) => name === read("weekday"));
  return day * MINUTES_PER_DAY + Number(read("hour")) * 60 + Number(read("minute"));
}

export const DAY_NAMES = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Making one takes a hundred times as long as using it. */
function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  formatters.set(zone, made);
  return made;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

function isAscending(changes: readonly WeekChange[]): boolean {
  return changes.every(({ atMinute }, index) => {
    const before = changes[index - 1];
    return before === undefined || before.atMinute < atMinute;
  });
}
