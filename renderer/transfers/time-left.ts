import type { Pace } from "#shared/settings.ts";
import { formatTimeLeft } from "#shared/format.ts";
import { clockText } from "../common/clock-text.ts";

/** From here on a clock time says more than a number of hours. */
const CLOCK_FROM_SECONDS = 3 * 3600;
const DAY_SECONDS = 24 * 3600;

/** `4 min left`, `1 h 50 min left`, then `until about 18:10`. */
export function timeLeftText(seconds: number | null, nowMs: number): string {
  if (seconds === null) return "Estimating…";
  if (seconds >= CLOCK_FROM_SECONDS) {
    const atMs = toTenMinutes(nowMs + seconds * 1000);
    // Within a day the time alone is clear, past midnight too.
    return `until about ${clockText(atMs, seconds < DAY_SECONDS ? atMs : nowMs)}`;
  }
  return formatTimeLeft(seconds);
}

/** What the week changes before the end: `, full speed from 18:00`; empty where it changes nothing. */
export function paceWords(
  seconds: number | null,
  nowMs: number,
  { untilMs, next }: Pick<Pace, "untilMs" | "next">,
): string {
  if (seconds === null || untilMs === null || next === null) return "";
  return untilMs < nowMs + seconds * 1000
    ? `, ${NEXT[next]} from ${clockText(untilMs, nowMs)}`
    : "";
}

const NEXT = { full: "full speed", limited: "limited", paused: "paused" } as const;

const TEN_MINUTES_MS = 600_000;

function toTenMinutes(atMs: number): number {
  return Math.round(atMs / TEN_MINUTES_MS) * TEN_MINUTES_MS;
}

/** What to show next: the old figure until the new one differs by a tenth, so that text rests. */
export function steadySeconds(shown: number | null, next: number | null): number | null {
  if (shown === null || next === null || next < 60) return next;
  return Math.abs(next - shown) > shown / 10 ? next : shown;
}
