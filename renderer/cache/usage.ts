import type { CacheFolder } from "#shared/cache.ts";
import type { Formats } from "../common/use-formats.ts";
import { entriesText } from "./work-words.ts";

/** What fills a folder's disk, in percent of it. */
export type Usage = {
  readonly other: number;
  readonly pinned: number;
  readonly kept: number;
  /** Where the folder's limit lies; null where it has none, or the disk ends before. */
  readonly limitAt: number | null;
  /** At the end of the disk. */
  readonly floor: number;
};

/** Null where the disk is not there. */
export function usageOf(folder: CacheFolder): Usage | null {
  const { totalBytes, freeBytes, usedBytes, pinnedBytes, quotaBytes, keepFreeBytes } = folder;
  if (totalBytes === null || freeBytes === null || totalBytes === 0) return null;
  const percent = (bytes: number) => Math.min(100, (100 * bytes) / totalBytes);
  const otherBytes = Math.max(0, totalBytes - freeBytes - usedBytes);
  const limitBytes = quotaBytes === null ? null : otherBytes + quotaBytes;
  return {
    other: percent(otherBytes),
    pinned: percent(pinnedBytes),
    kept: percent(Math.max(0, usedBytes - pinnedBytes)),
    limitAt: limitBytes === null || limitBytes > totalBytes ? null : percent(limitBytes),
    floor: percent(keepFreeBytes),
  };
}

/** `65.4 GB of at most 100 GB kept, 39.6 GB pinned`. */
export function keptText(folder: CacheFolder, { bytes }: Formats): string {
  const { usedBytes, pinnedBytes, quotaBytes } = folder;
  const kept = usedBytes === 0 ? "Nothing" : bytes(usedBytes);
  const most = quotaBytes === null ? " kept, no limit" : ` of at most ${bytes(quotaBytes)} kept`;
  const pinned = pinnedBytes > 0 ? `, ${bytes(pinnedBytes)} pinned` : "";
  return `${kept}${most}${pinned}`;
}

/** `212 GB free of 1 TB`. */
export function freeText({ freeBytes, totalBytes }: CacheFolder, { bytes }: Formats): string {
  return freeBytes === null || totalBytes === null
    ? ""
    : `${bytes(freeBytes)} free of ${bytes(totalBytes)}`;
}

/** What becomes of a folder whose disk is not there. */
export function awayText({ entryCount, usedBytes }: CacheFolder, { bytes }: Formats): string {
  if (entryCount === 0) return "Nothing is kept in it. Connect its disk to use it again.";
  const verbs = entryCount === 1 ? "is remembered and used" : "are remembered and used";
  return `${entriesText(entryCount)}, ${bytes(usedBytes)}, ${verbs} again when its disk is connected.`;
}

/** How much a new limit or floor makes go at once. Bytes. */
export function overBytes(
  folder: CacheFolder,
  next: Pick<CacheFolder, "quotaBytes" | "keepFreeBytes">,
): number {
  const overQuota = next.quotaBytes === null ? 0 : folder.usedBytes - next.quotaBytes;
  const underFloor = folder.freeBytes === null ? 0 : next.keepFreeBytes - folder.freeBytes;
  return Math.max(0, overQuota, underFloor);
}
