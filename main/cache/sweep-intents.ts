import { unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { isAbort } from "#shared/errors.ts";
import { onDisk } from "../disk/disk-errors.ts";
import { toFsPath } from "../disk/local-path.ts";
import type { PartFile } from "../disk/part-file.ts";
import { findPartFile, isOnlyIntended, removePartFile } from "../disk/part-file.ts";
import { findAt } from "../disk/stat-file.ts";
import type { CacheFolders } from "./cache-folders.ts";
import type { CacheJournal, IntentRow } from "./cache-journal.ts";
import type { EntryId } from "./entry.ts";
import { deleteIfSame } from "./evict.ts";

type SweepPorts = {
  readonly journal: Pick<CacheJournal, "commit" | "cacheIntents" | "entriesAt">;
  readonly folders: Pick<CacheFolders, "of" | "isThere">;
  readonly onTrouble: (path: string, error: unknown) => void;
};

/**
 * Finishes what a crash cut short, before anything else is done with the cache: a copy that was being
 * evicted goes, one that was being made and has no record goes, and what lies beside a file that was
 * being repaired goes. What cannot be finished now stays noted.
 *
 * @returns the entries whose repair was cut short.
 */
export async function sweepIntents(ports: SweepPorts): Promise<readonly EntryId[]> {
  const { journal, onTrouble } = ports;
  const cut: EntryId[] = [];
  for (const row of await journal.cacheIntents()) {
    try {
      if (!(await finish(row, ports))) continue;
      await journal.commit([{ type: "intent-removed", path: row.path }]);
      if (row.intent.kind === "repairing") cut.push(row.intent.id);
    } catch (error) {
      if (isAbort(error)) throw error;
      onTrouble(row.path, error);
    }
  }
  return cut;
}

/** @returns false where its disk is not there: another time. */
async function finish({ path, intent }: IntentRow, ports: SweepPorts): Promise<boolean> {
  if (intent.kind === "repairing") return await removeBeside(intent.part);
  const folder = ports.folders.of(path);
  // A folder that was forgotten: its files are nobody's business any more.
  if (folder === undefined) return true;
  if (!(await ports.folders.isThere(folder))) return false;
  if (intent.kind === "evicting") await deleteIfSame({ path, stamp: intent.stamp });
  else await deleteUnrecorded(path, ports);
  return true;
}

/** @returns false where its disk may not be there. */
async function removeBeside(part: PartFile): Promise<boolean> {
  const found = isOnlyIntended(part) ? part : await findPartFile(part);
  if (found !== undefined) await removePartFile(found);
  const folder = await findAt(dirname(part.path));
  if (found !== undefined && folder !== undefined) return true;
  return folder !== undefined && String(folder.dev) === part.dev;
}

/** Its name was made up for it, at random: it is nobody else's. */
async function deleteUnrecorded(path: string, { journal }: SweepPorts): Promise<void> {
  const entries = await journal.entriesAt([path]);
  const found = await findAt(path);
  if (entries.length > 0 || found?.isFile() !== true) return;
  await onDisk(path, "write", () => unlink(toFsPath(path)));
}
