import type { Settings } from "#shared/settings.ts";
import { formatBytes, parseSize } from "#shared/format.ts";

const DECIMAL = [
  ["TB", 1e12],
  ["GB", 1e9],
  ["MB", 1e6],
  ["kB", 1e3],
] as const;
const BINARY = [
  ["TiB", 2 ** 40],
  ["GiB", 2 ** 30],
  ["MiB", 2 ** 20],
  ["KiB", 2 ** 10],
] as const;

/** From here on another unit says it better. */
const LONG_TENTHS = 100_000;

export type ReadSize =
  | { readonly ok: true; readonly bytes: number | null }
  | { readonly ok: false; readonly problem: string };

/** A typed size. Empty, or `no limit`, is none; a number without a unit is refused, with what to write. */
export function readSize(text: string): ReadSize {
  const trimmed = text.trim();
  if (trimmed === "" || /^no limit$/i.test(trimmed)) return { ok: true, bytes: null };
  try {
    return { ok: true, bytes: parseSize(trimmed) };
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** To the byte, as it can be typed again: `100 GB`, `1.5 TB`, `104723456789 B`. */
export function writeSize(bytes: number, sizeUnits: Settings["sizeUnits"]): string {
  const own = sizeUnits === "binary" ? BINARY : DECIMAL;
  const other = sizeUnits === "binary" ? DECIMAL : BINARY;
  for (const [unit, factor] of [...own, ...other]) {
    const tenths = (bytes / factor) * 10;
    const isShort = bytes >= factor && tenths < LONG_TENTHS;
    if (isShort && Number.isInteger(tenths)) return `${tenths / 10} ${unit}`;
  }
  return `${bytes} B`;
}

/** To the byte where that is short, as a person would write it; else rounded. */
export function showSize(bytes: number, sizeUnits: Settings["sizeUnits"]): string {
  const exact = writeSize(bytes, sizeUnits);
  return exact.endsWith(" B") ? formatBytes(bytes, sizeUnits) : exact;
}
