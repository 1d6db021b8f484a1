import { LonghaulError } from "#shared/errors.ts";
import type { Limits, Pace } from "#shared/settings.ts";
import type { Week } from "#shared/week.ts";
import type { WeekText } from "#shared/week-text.ts";
import { formatRate } from "#shared/format.ts";
import { paceSentence } from "#shared/pace-words.ts";
import { parseWeek, writeWeek } from "#shared/week-text.ts";
import type { CommandContext } from "../context.ts";
import { withSession } from "../session.ts";

const SESSION = {
  command: "limit",
  runs: "own",
  profiles: [],
  isTransient: false,
  connections: null,
  roots: null,
} as const;

/** What to make of the limits; null shows them. */
export type LimitChange = (limits: Limits) => Limits;

/** Both directions off. */
export const noLimits: LimitChange = () => ({ downBytesPerSecond: null, upBytesPerSecond: null });

/**
 * One rate for both directions, or one each; what is not named stays.
 * @throws {LonghaulError} `invalid` when no rate is named, or one twice.
 */
export function setLimits(
  both: number | null,
  down: number | null,
  up: number | null,
): LimitChange {
  if ((both === null) === (down === null && up === null)) {
    throw new LonghaulError("invalid", "name one rate for both directions, or --down and --up");
  }
  return (limits) => ({
    downBytesPerSecond: both ?? down ?? limits.downBytesPerSecond,
    upBytesPerSecond: both ?? up ?? limits.upBytesPerSecond,
  });
}

/** `longhaul limit show|set|off`: the kept limits of this home. */
export async function limitRates(
  change: LimitChange | null,
  flags: { readonly json: boolean },
  context: CommandContext,
): Promise<number> {
  return withSession(context.openEngine, SESSION, async ({ client }) => {
    const { limits, week } = await client.call("settings.get", null);
    const shown = change === null ? limits : change(limits);
    if (change !== null) await client.call("limit.set", shown);
    const pace = await client.call("limit.now", null);
    if (flags.json) {
      context.terminal.out(
        JSON.stringify({ type: "limits", ...shown, ...scheduleFacts(week, pace, shown) }),
      );
      return 0;
    }
    context.terminal.out(show(shown));
    if (week !== null) context.terminal.out(nowWords(pace));
    return 0;
  });
}

/** `longhaul limit schedule 'TEXT' | show | off`: the kept week of this home. */
export async function limitSchedule(
  wish: ScheduleWish,
  flags: { readonly json: boolean },
  context: CommandContext,
): Promise<number> {
  return withSession(context.openEngine, SESSION, async ({ client }) => {
    if (wish.kind === "off") await client.call("settings.set", { week: null, paceOverride: null });
    if (wish.kind === "set") {
      const { week, limits } = wish.given;
      await client.call("settings.set", {
        week: [...week],
        paceOverride: null,
        ...(limits && { limits }),
      });
    }
    const { limits, week } = await client.call("settings.get", null);
    const pace = await client.call("limit.now", null);
    const lines = flags.json
      ? [JSON.stringify({ type: "schedule", ...limits, ...scheduleFacts(week, pace, limits) })]
      : [week === null ? "no schedule" : writeWeek(week, limits), nowWords(pace)];
    for (const line of lines) context.terminal.out(line);
    return 0;
  });
}

export type ScheduleWish =
  | { readonly kind: "show" | "off" }
  | { readonly kind: "set"; readonly given: WeekText };

/** @throws {LonghaulError} `invalid` as `parseWeek`. */
export function readScheduleWish(text: string): ScheduleWish {
  const kind = text.trim();
  if (kind === "show" || kind === "off") return { kind };
  return { kind: "set", given: parseWeek(text) };
}

function scheduleFacts(week: Week | null, pace: Pace, limits: Limits) {
  const { mode, untilMs, next } = pace;
  return week === null ? {} : { schedule: writeWeek(week, limits), mode, untilMs, next };
}

function nowWords(pace: Pace): string {
  return paceSentence(pace, rate, (atMs) => clockWords(atMs, Date.now()));
}

/** `18:00`, with its day where that is another one. */
function clockWords(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const time = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (at.toDateString() === new Date(nowMs).toDateString()) return time;
  return `${at.toLocaleDateString("en-GB", { weekday: "long" })} ${time}`;
}

function show({ downBytesPerSecond, upBytesPerSecond }: Limits): string {
  return `down ${rate(downBytesPerSecond)}, up ${rate(upBytesPerSecond)}`;
}

function rate(bytesPerSecond: number | null): string {
  if (bytesPerSecond === null) return "unlimited";
  const inBits = formatRate(bytesPerSecond, "bits", "decimal");
  return `${formatRate(bytesPerSecond, "bytes", "decimal")} (${inBits})`;
}
