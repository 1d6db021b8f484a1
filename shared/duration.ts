import { LonghaulError } from "./errors.ts";

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["s", 1_000],
  ["min", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);
const EXAMPLE = "90s, 45min, 2h or 1d";

/**
 * `45min`, `1h 30min`, as milliseconds.
 *
 * @throws {LonghaulError} `invalid`, saying what to write: a bare number may mean anything.
 */
export function parseDuration(text: string): number {
  const trimmed = text.trim();
  const parts = [...trimmed.matchAll(/(\d{1,6}) ?(s|min|h|d)(?![a-z])\s*/gi)];
  const isWhole = parts.length > 0 && parts.map(([part]) => part).join("") === trimmed;
  const ms = parts.reduce((sum, [, amount, unit = ""]) => sum + Number(amount) * msOf(unit), 0);
  if (isWhole && ms > 0) return ms;
  const shown = JSON.stringify(trimmed.slice(0, 40));
  throw new LonghaulError("invalid", `${shown} is no time: write ${EXAMPLE}`);
}

function msOf(unit: string): number {
  return UNIT_MS.get(unit.toLowerCase()) ?? 0;
}
