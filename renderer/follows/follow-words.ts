import { explainInOneLine } from "#shared/error-words.ts";
import type { FollowView } from "#shared/follow.ts";
import { formatCount } from "../common/byte-figures.ts";
import { clockText } from "../common/clock-text.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The intervals that are offered. */
export const INTERVALS = [
  { everyMs: 15 * MINUTE_MS, label: "15 minutes" },
  { everyMs: HOUR_MS, label: "Hour" },
  { everyMs: DAY_MS, label: "Day" },
] as const;

const UNITS = [
  { ms: DAY_MS, one: "day", many: "days", short: "d" },
  { ms: HOUR_MS, one: "hour", many: "hours", short: "h" },
  { ms: MINUTE_MS, one: "minute", many: "minutes", short: "min" },
  { ms: 1_000, one: "second", many: "seconds", short: "s" },
] as const;

const SECONDS = UNITS[3];

/** `every 15 minutes`, `every day`. */
export function everyWords(everyMs: number): string {
  const { count, unit } = inUnits(everyMs);
  return count === 1 ? `every ${unit.one}` : `every ${formatCount(count)} ${unit.many}`;
}

/** As `--every` takes it: `15min`. */
export function everyFlag(everyMs: number): string {
  const { count, unit } = inUnits(everyMs);
  return `${count}${unit.short}`;
}

/** In the largest unit that it is a whole number of. */
function inUnits(everyMs: number) {
  const unit = UNITS.find(({ ms }) => everyMs % ms === 0) ?? SECONDS;
  return { unit, count: Math.max(1, Math.round(everyMs / unit.ms)) };
}

/** How its last run ended. */
export function lastWords({ last }: Pick<FollowView, "last">, nowMs: number): string {
  if (last === null) return "Has not run yet";
  const at = clockText(last.atMs, nowMs);
  if (last.error !== null)
    return `${at}: ${explainInOneLine(last.error, { direction: "download" })}`;
  const { moves, same } = last.counts;
  if (moves === 0) return `${at}: nothing had changed, ${filesText(same)} equal`;
  return `${at}: ${filesText(moves)} fetched`;
}

function filesText(count: number): string {
  return count === 1 ? "1 file" : `${formatCount(count)} files`;
}

/** When it runs next. */
export function nextWords(
  { isRunning, nextAtMs }: Pick<FollowView, "isRunning" | "nextAtMs">,
  nowMs: number,
): string {
  if (isRunning) return "Runs now";
  return nextAtMs <= nowMs ? "Runs in a moment" : `Next at ${clockText(nextAtMs, nowMs)}`;
}
