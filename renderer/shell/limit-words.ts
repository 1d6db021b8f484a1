import type { Pace } from "#shared/settings.ts";
import type { Formats } from "../common/use-formats.ts";

/** The limit in the status bar, with the hour at which the week changes it. */
export function limitWords(
  pace: Pace,
  formats: Pick<Formats, "rate">,
  clock: (wallMs: number) => string,
): string {
  const until = pace.untilMs === null ? "" : ` until ${clock(pace.untilMs)}`;
  return `${wordsOf(pace, formats)}${until}`;
}

function wordsOf({ mode, limits, isOverride }: Pace, formats: Pick<Formats, "rate">): string {
  if (mode === "paused") return `Paused by ${isOverride ? "you" : "the schedule"}`;
  const down = limits.downBytesPerSecond;
  const up = limits.upBytesPerSecond;
  if (down === null && up === null) return "No limit";
  if (down === null) return `Up limited to ${formats.rate(up ?? 0)}`;
  if (up === null) return `Down limited to ${formats.rate(down)}`;
  return `Limited to ${formats.rate(down)} down, ${formats.rate(up)} up`;
}

/** The share of a cap at which it, and not the network, holds the speed back. */
const HOLDS_FROM = 0.93;

export function isHeldBack(bytesPerSecond: number, cap: number | null): boolean {
  return cap !== null && bytesPerSecond >= cap * HOLDS_FROM;
}
