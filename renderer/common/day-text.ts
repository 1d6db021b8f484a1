import { isSameDay } from "./clock-text.ts";
import { formatDay, formatDayOfMonth } from "./format-date.ts";

const DAY_MS = 86_400_000;
const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

/** `today, 14:20`, `yesterday`, `3 Nov`, `9 May 2025`. Wall clock, milliseconds. */
export function dayText(atMs: number, nowMs: number): string {
  if (isSameDay(atMs, nowMs)) return `today, ${TIME.format(atMs)}`;
  if (isSameDay(atMs, nowMs - DAY_MS)) return "yesterday";
  const isThisYear = new Date(atMs).getFullYear() === new Date(nowMs).getFullYear();
  return isThisYear ? formatDayOfMonth(atMs) : formatDay(atMs);
}
