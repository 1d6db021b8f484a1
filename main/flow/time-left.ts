import type { Pace } from "#shared/settings.ts";
import type { NextChange, PaceMode, Week } from "#shared/week.ts";
import { nextChange } from "#shared/week.ts";

/** From the end of the one before (the first: from now) until `endMs`; null is for ever. Wall clock, milliseconds. */
export type Span = { readonly mode: PaceMode; readonly endMs: number | null };

/** More than two weeks of the usual four changes a day; what takes longer goes on as it went so far. */
const SPANS_MAX = 64;

/** What holds now, and what the week brings next, by the clock on the wall of the zone. */
export function comingSpans(pace: Pace, week: Week | null, zone: string): readonly Span[] {
  const spans: Span[] = [{ mode: pace.mode, endMs: pace.untilMs }];
  if (week === null) return spans;
  let next = pace.untilMs === null || pace.next === null ? null : nextOf(pace.untilMs, pace.next);
  while (next !== null && spans.length < SPANS_MAX) {
    const after: NextChange | null = nextChange(week, next.atMs, zone);
    spans.push({ mode: next.mode, endMs: after?.atMs ?? null });
    next = after;
  }
  return spans;
}

function nextOf(atMs: number, mode: PaceMode): NextChange {
  return { atMs, mode };
}

type Course = {
  readonly leftBytes: number;
  /** As it is now. What holds now is in it, so it counts for the first span as it is. */
  readonly bytesPerSecond: number;
  /** What the limits leave to it in limited hours; Infinity is no limit. Asked only where it matters. */
  readonly limitedBytesPerSecond: () => number;
  readonly spans: readonly Span[];
  readonly wallMs: number;
};

/**
 * Seconds until all is moved at the rate of now, never faster: limited and paused as the spans say.
 * A rate that a limit holds back now may be higher later; nobody knows how much, so that is not
 * promised. Null where it never ends.
 */
export function secondsOverSpans(course: Course): number | null {
  const { bytesPerSecond, spans, wallMs, limitedBytesPerSecond } = course;
  let { leftBytes } = course;
  let fromMs = wallMs;
  for (const [index, { mode, endMs }] of spans.entries()) {
    const rate = index === 0 ? bytesPerSecond : rateIn(mode, bytesPerSecond, limitedBytesPerSecond);
    const seconds = endMs === null ? Infinity : Math.max(0, endMs - fromMs) / 1000;
    // Without a rate not even an endless span moves anything.
    if (rate > 0 && leftBytes <= rate * seconds) return (fromMs - wallMs) / 1000 + leftBytes / rate;
    if (endMs === null) return null;
    leftBytes -= rate * seconds;
    fromMs = endMs;
  }
  const passedSeconds = (fromMs - wallMs) / 1000;
  const movedBytes = course.leftBytes - leftBytes;
  return movedBytes > 0 ? passedSeconds * (course.leftBytes / movedBytes) : null;
}

function rateIn(mode: PaceMode, bytesPerSecond: number, limited: () => number): number {
  switch (mode) {
    case "full":
      return bytesPerSecond;
    case "limited":
      return Math.min(bytesPerSecond, limited());
    case "paused":
      return 0;
    default:
      return mode satisfies never;
  }
}
