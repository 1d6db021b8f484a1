import { formatRate, parseRate } from "#shared/format.ts";

export type ReadRate =
  | { readonly ok: true; readonly bytesPerSecond: number | null }
  | { readonly ok: false; readonly problem: string };

/** A typed cap. Empty is none; a number without a unit is refused, with what to write. */
export function readRate(text: string): ReadRate {
  const trimmed = text.trim();
  if (trimmed === "" || /^no limit$/i.test(trimmed)) return { ok: true, bytesPerSecond: null };
  try {
    return { ok: true, bytesPerSecond: parseRate(trimmed) };
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** As it can be typed again; empty for no limit. */
export function writeRate(bytesPerSecond: number | null): string {
  return bytesPerSecond === null ? "" : formatRate(bytesPerSecond, "bytes", "decimal");
}

/** `= 320 Mbit/s` under `40 MB/s`, and the other way round; a space where there is no limit, so that nothing jumps. */
export function otherUnit(bytesPerSecond: number | null, typed: string): string {
  if (bytesPerSecond === null) return "\u00a0";
  const isBits = /bit/i.test(typed);
  return `= ${formatRate(bytesPerSecond, isBits ? "bytes" : "bits", "decimal")}`;
}
