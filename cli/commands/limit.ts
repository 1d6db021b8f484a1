import { LonghaulError } from "#shared/errors.ts";
import type { Limits } from "#shared/settings.ts";
import { formatRate } from "#shared/format.ts";
import type { CommandContext } from "../context.ts";
import { withSession } from "../session.ts";

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
  const options = {
    command: "limit",
    runs: "own",
    profiles: [],
    isTransient: false,
    connections: null,
    roots: null,
  } as const;
  return withSession(context.openEngine, options, async ({ client }) => {
    const { limits } = await client.call("settings.get", null);
    const shown = change === null ? limits : change(limits);
    if (change !== null) await client.call("limit.set", shown);
    context.terminal.out(flags.json ? JSON.stringify({ type: "limits", ...shown }) : show(shown));
    return 0;
  });
}

function show({ downBytesPerSecond, upBytesPerSecond }: Limits): string {
  return `down ${rate(downBytesPerSecond)}, up ${rate(upBytesPerSecond)}`;
}

function rate(bytesPerSecond: number | null): string {
  if (bytesPerSecond === null) return "unlimited";
  const inBits = formatRate(bytesPerSecond, "bits", "decimal");
  return `${formatRate(bytesPerSecond, "bytes", "decimal")} (${inBits})`;
}
