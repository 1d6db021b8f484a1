import type { CacheEntry, CacheFolder } from "#shared/cache.ts";
import { writeSize } from "../common/size-text.ts";
import { shellWord } from "../common/shell-word.ts";

export type CacheVerb = "pin" | "unpin" | "verify" | "repair" | "forget";

/** What the command line does to the same entries; without any, to all. */
export function cacheCommand(
  verb: CacheVerb,
  entries: readonly Pick<CacheEntry, "path">[],
): string {
  const paths = [...new Set(entries.map(({ path }) => path))].map(shellWord);
  return ["longhaul cache", verb, ...paths].join(" ");
}

type Goal = { readonly freeBytes: number; readonly folder: string | null };

/** The same as freeing so much, to the byte. */
export function pruneCommand({ freeBytes, folder }: Goal): string {
  const size = writeSize(freeBytes, "decimal").replace(" ", "");
  const place = folder === null ? "" : ` --folder ${shellWord(folder)}`;
  return `longhaul cache prune --free ${size}${place}`;
}

type Limits = Pick<CacheFolder, "path" | "quotaBytes" | "keepFreeBytes">;

/** Gives a folder the limits that it has. */
export function limitsCommand({ path, quotaBytes, keepFreeBytes }: Limits): string {
  const size = (bytes: number) => writeSize(bytes, "decimal").replace(" ", "");
  const quota = quotaBytes === null ? "off" : size(quotaBytes);
  return `longhaul cache set-folder ${shellWord(path)} --quota ${quota} --keep-free ${size(keepFreeBytes)}`;
}

export function removeFolderCommand(path: string): string {
  return `longhaul cache remove-folder ${shellWord(path)}`;
}
