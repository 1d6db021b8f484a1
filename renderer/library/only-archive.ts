import { withoutArchiveEnding } from "#shared/archive.ts";
import { lastPart } from "./library-place.ts";
import type { Ticks } from "./ticks.ts";

export type OnlyArchive = {
  readonly key: string;
  /** What the folder is called that it is unpacked into. */
  readonly folderName: string;
};

/** The only thing that is ticked, where that is an archive by its name. */
export function onlyArchive(ticks: Ticks): OnlyArchive | null {
  const [row, ...others] = ticks.size > 1 ? [] : ticks.values();
  if (row?.kind !== "object" || others.length > 0) return null;
  return archiveOf(row.key);
}

export function archiveOf(key: string): OnlyArchive | null {
  const folderName = withoutArchiveEnding(lastPart(key));
  return folderName === null ? null : { key, folderName };
}
