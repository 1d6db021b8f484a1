import type { Settings } from "#shared/settings.ts";
import { formatBytes } from "#shared/format.ts";

type SizeUnits = Settings["sizeUnits"];

const STEP: Readonly<Record<SizeUnits, number>> = { decimal: 1000, binary: 1024 };
const POWER: Readonly<Record<string, number>> = { B: 0, k: 1, K: 1, M: 2, G: 3, T: 4, P: 5, E: 6 };

/**
 * `19.6 of 42.5 GB`, `88.7 of 145.4 GB`: both in the unit of the whole, and from GB on with a decimal
 * at any size, so that a large one is seen to move. `isOpen`: the whole may still grow, said by `~`.
 */
export function formatPart(
  doneBytes: number,
  totalBytes: number,
  sizeUnits: SizeUnits,
  isOpen = false,
): string {
  const unit = formatBytes(totalBytes, sizeUnits).split(" ").at(-1) ?? "B";
  const power = POWER[unit.charAt(0)] ?? 0;
  const divisor = STEP[sizeUnits] ** power;
  const total = totalBytes / divisor;
  const done = figure(Math.min(doneBytes, totalBytes) / divisor, power);
  const whole = Number.isInteger(total) ? String(total) : figure(total, power);
  return `${done} of ${isOpen ? "~" : ""}${whole} ${unit}`;
}

/** One decimal but for bytes, and for kB and MB from 100 on. */
function figure(value: number, power: number): string {
  const isWhole = power === 0 || (power < 3 && value >= 99.95);
  return isWhole ? String(Math.round(value)) : value.toFixed(1);
}

/** Whole percent; 100 only when every byte is done. Null where there is nothing to be a part of. */
export function percentOf(doneBytes: number, totalBytes: number): number | null {
  return totalBytes > 0 ? Math.floor((Math.min(doneBytes, totalBytes) / totalBytes) * 100) : null;
}

/** `1,204`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}
