import type { Limits, Pace } from "./settings.ts";
import type { PaceMode } from "./week.ts";

type Rate = (bytesPerSecond: number) => string;
type Clock = (wallMs: number) => string;

/** What comes after, by mode. */
const THEN: Readonly<Record<PaceMode, string>> = {
  full: "then full speed",
  limited: "then limited",
  paused: "then paused",
};

/** `Now limited to 5 MB/s until 18:00, then full speed.` */
export function paceSentence(pace: Pace, rate: Rate, clock: Clock): string {
  const { untilMs, next } = pace;
  const until = untilMs === null ? "" : ` until ${clock(untilMs)}`;
  const then = next === null || untilMs === null ? "" : `, ${THEN[next]}`;
  return `Now ${nowWords(pace, rate)}${until}${then}.`;
}

function nowWords({ mode, limits }: Pace, rate: Rate): string {
  if (mode === "full") return "at full speed";
  if (mode === "paused") return "paused";
  return limitedWords(limits, rate);
}

function limitedWords({ downBytesPerSecond: down, upBytesPerSecond: up }: Limits, rate: Rate) {
  if (down === null && up === null) return "at full speed";
  if (down === up && down !== null) return `limited to ${rate(down)}`;
  if (down === null) return `limited to ${rate(up ?? 0)} up`;
  if (up === null) return `limited to ${rate(down)} down`;
  return `limited to ${rate(down)} down, ${rate(up)} up`;
}
