import type { Settings } from "#shared/settings.ts";
import { formatBytes } from "#shared/format.ts";

type SizeUnits = Settings["sizeUnits"];

const STEP: Readonly<Record<SizeUnits, number>> = { decimal: 1000, binary: 1024 };
const POWER: Readonly<Record<string, number>> = { B: 0, k: 1, K: 1, M: 2, G: 3, T: 4, P: 5, E: 6 };

/** `19.6 of 42.5 GB`: both in the unit of the whole. `isOpen`: the whole may still grow, said by `~`. */
export function formatPart(
  doneBytes: number,
  totalBytes: number,
  sizeUnits: SizeUnits,
  isOpen = false,
): string {
  const total = formatBytes(totalBytes, sizeUnits);
  const unit = total.split(" ").at(-1) ?? "B";
  const divisor = STEP[sizeUnits] ** (POWER[unit.charAt(0)] ?? 0);
  const done = figure(Math.min(doneBytes, totalBytes) / divisor, divisor === 1);
  return `${done} of ${isOpen ? "~" : ""}${total}`;
}

/** One decimal below 100, none above, and none for bytes: as `formatBytes` writes it. */
function figure(value: number, isWhole: boolean): string {
  return isWhole || value >= 99.95 ? String(Math.round(value)) : value.toFixed(1);
}

/** Whole percent; 100 only when every byte is done. Null where there is nothing to be a part of. */
export function percentOf(doneBytes: number, totalBytes: number): number | null {
  return totalBytes > 0 ? Math.floor((Math.min(doneBytes, totalBytes) / totalBytes) * 100) : null;
}

/** `1,204`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}
