import type { Formats } from "../common/use-formats.ts";
import { formatDuration } from "#shared/format.ts";
import type { TickSum } from "./ticks.ts";
import { MOST_TICKS } from "./ticks.ts";

export type Space = {
  /** Free for this user. */
  readonly freeBytes: number;
  /** Of those, promised to running transfers or kept free. */
  readonly reservedBytes: number;
};

/** `4 ticked, 901 MB`; "at least" while a prefix is not counted whole. */
export function tickedWords(sum: TickSum, formats: Formats): string {
  return `${sum.count.toLocaleString("en")} ticked, ${amountWords(sum, formats)}`;
}

function amountWords(sum: TickSum, formats: Formats): string {
  return `${sum.isAtLeast ? "at least " : ""}${formats.bytes(sum.sizeBytes)}`;
}

/** What would move: all but what is there already. */
export function fetchBytesOf({ sizeBytes, hereBytes }: TickSum): number {
  return Math.max(0, sizeBytes - hereBytes);
}

/** `Get 97.3 GB`; what is here already can still be unpacked. */
export function getWords(sum: TickSum, formats: Formats, isUnpacked = false): string {
  if (isUnpacked) {
    const bytes = fetchBytesOf(sum);
    return bytes === 0 ? "Unpack" : `Get ${formats.bytes(bytes)}, unpack`;
  }
  if (isAllHere(sum)) return "Nothing to get";
  return `Get ${sum.isAtLeast ? "at least " : ""}${formats.bytes(fetchBytesOf(sum))}`;
}

/** `about 13 min`, over a line of that speed; empty where there is no saying. */
export function timeWords(sum: TickSum, bytesPerSecond: number): string {
  const seconds = fetchBytesOf(sum) / bytesPerSecond;
  if (!Number.isFinite(seconds) || sum.isAtLeast || isAllHere(sum)) return "";
  return seconds < 60
    ? "less than a minute"
    : `about ${formatDuration(60 * Math.round(seconds / 60))}`;
}

/** What the folder has, and will have when everything is there; amber when it does not fit. */
export function spaceWords(
  sum: TickSum,
  space: Space | null,
  formats: Formats,
): { readonly text: string; readonly isShort: boolean } {
  if (!space) return { text: "", isShort: false };
  const usable = Math.max(0, space.freeBytes - space.reservedBytes);
  const after = usable - fetchBytesOf(sum);
  if (after < 0) {
    const text = `${formats.bytes(usable)} can be used, ${formats.bytes(-after)} short`;
    return { text, isShort: true };
  }
  const text = `${formats.bytes(usable)} can be used, ${formats.bytes(after)} after`;
  return { text, isShort: false };
}

/** Why nothing can be got now; null when it can. */
export function blockedWords(sum: TickSum, isUnpacked = false): string | null {
  if (isAllHere(sum) && !isUnpacked) return "All of it is in the folder already.";
  if (sum.count <= MOST_TICKS) return null;
  return `At most ${MOST_TICKS.toLocaleString("en")} at once: tick the prefix above them instead.`;
}

/** Nothing would move. Empty files are made all the same. */
export function isAllHere(sum: TickSum): boolean {
  const isKnown = sum.measuring === 0 && !sum.isAtLeast;
  return isKnown && sum.sizeBytes > 0 && sum.hereBytes === sum.sizeBytes;
}
