import type { CacheFolder } from "#shared/cache.ts";
import type { CallOutput } from "#shared/contract.ts";
import { formatCount } from "../common/byte-figures.ts";
import type { Formats } from "../common/use-formats.ts";
import type { Counts } from "./use-counts.ts";
import type { Preview } from "./use-preview.ts";
import { entriesText } from "./work-words.ts";

/** `5 entries, 104.7 GB`, and whether that is what was asked for. */
export function sumText({ total, freedBytes, isEnough }: Preview, { bytes }: Formats): string {
  const sum = `${entriesText(total)}, ${bytes(freedBytes)}`;
  return isEnough ? sum : `${sum}. That is all that can go.`;
}

/** `212 GB free now, 317 GB after`; empty where several disks are meant. */
export function afterText(
  { goal, freedBytes }: Preview,
  folders: readonly CacheFolder[],
  { bytes }: Formats,
): string {
  const meant = folders.filter(
    ({ path, isThere }) => isThere && (goal.folder === null || goal.folder === path),
  );
  const [only] = meant;
  if (!only || meant.length > 1 || only.freeBytes === null) return "";
  return `${bytes(only.freeBytes)} free now, ${bytes(only.freeBytes + freedBytes)} after`;
}

/** To the byte: it is what is going to be deleted. */
export function buttonText({ freedBytes }: Preview): string {
  return `Free ${formatCount(freedBytes)} bytes`;
}

/** What stays whatever is asked for, and why. */
export function protectedText(counts: Counts | null, { bytes }: Formats): string {
  const amount = (filter: "pinned" | "own") => {
    const found = counts?.get(filter);
    return found ? ` (${entriesText(found.total)}, ${bytes(found.sizeBytes)})` : "";
  };
  return (
    "Deleting cannot be undone; what goes can be fetched again from its bucket. " +
    `Never offered: what is pinned${amount("pinned")}, your own files${amount("own")}, ` +
    "what a transfer uses, and copies that share their bytes with a file of yours."
  );
}

type Freed = CallOutput<"cache.free">;

/** What was deleted, and what was left alone. */
export function freedText({ freedBytes, count, keptCount }: Freed, { bytes }: Formats): string {
  const kept =
    keptCount > 0
      ? ` ${entriesText(keptCount)} stayed, because somebody wrote to the file since.`
      : "";
  return `${bytes(freedBytes)} freed, ${entriesText(count)} deleted.${kept}`;
}
