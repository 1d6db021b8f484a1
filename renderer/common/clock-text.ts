import { formatDayOfMonth } from "./format-date.ts";

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const SECONDS = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** `13:41`, or `12 Nov, 13:41` when it is of another day. Wall clock, milliseconds. */
export function clockText(atMs: number, nowMs: number): string {
  const time = TIME.format(atMs);
  return isSameDay(atMs, nowMs) ? time : `${formatDayOfMonth(atMs)}, ${time}`;
}

/** `14:31:52`, for lines of a log. */
export function clockSeconds(atMs: number): string {
  return SECONDS.format(atMs);
}

/** `14:31:52`, or `12 Nov, 14:31:52` when it is of another day: to tell moments near each other apart. */
export function momentText(atMs: number, nowMs: number): string {
  const time = SECONDS.format(atMs);
  return isSameDay(atMs, nowMs) ? time : `${formatDayOfMonth(atMs)}, ${time}`;
}

export function isSameDay(oneMs: number, otherMs: number): boolean {
  return new Date(oneMs).toDateString() === new Date(otherMs).toDateString();
}
