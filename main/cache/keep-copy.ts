import { join } from "node:path";
import type { CloneFile } from "../disk/clone-file.ts";
import { toFileStamp } from "../disk/file-stamp.ts";
import { flushFile } from "../disk/flush-file.ts";
import { findAt } from "../disk/stat-file.ts";
import { syncFolder } from "../disk/sync-folder.ts";
import type { CacheFolders, KeptFolder } from "./cache-folders.ts";
import type { CacheJournal } from "./cache-journal.ts";
import type { Entry } from "./entry.ts";
import { isOfVersion } from "./entry.ts";
import { deleteIfSame } from "./evict.ts";
import { isUnchanged } from "./is-unchanged.ts";

export type KeepPorts = {
  readonly journal: Pick<CacheJournal, "commit" | "entriesOf">;
  readonly folders: CacheFolders;
  readonly clone: CloneFile;
  /** Evicts until so many bytes more fit under the folder's quota; false where they cannot. */
  readonly makeRoom: (folder: KeptFolder, bytes: number) => Promise<boolean>;
  /** Pairs of disk and cache folder between which nothing can be shared, as found out. */
  readonly unable: Set<string>;
};

/**
 * Keeps a managed copy of a user's file that shares its bytes, so that it outlives the file and takes
 * no room while it is there. Where no cache folder's file system can, the file itself is all there is:
 * nothing is stored twice.
 *
 * @param own The entry of the file, as it was put into the journal.
 * @returns the copy's entry; null where none was made.
 * @throws {LonghaulError} `disk-full`, `disk-failed`, and what the journal says.
 */
export async function keepCopy(own: Entry, ports: KeepPorts): Promise<Entry | null> {
  if (own.sizeBytes === 0 || (await isKept(own, ports))) return null;
  for (const folder of ports.folders.list()) {
    const pair = `${own.stamp.dev} ${folder.path}`;
    if (ports.unable.has(pair)) continue;
    const open = await ports.folders.open(folder).catch(() => null);
    if (open === null || !(await isOnDisk(open, own))) continue;
    if (!(await ports.makeRoom(open, own.sizeBytes))) continue;
    const made = await make(own, open, ports);
    if (made !== "unable") return made;
    ports.unable.add(pair);
  }
  return null;
}

/** A managed copy of the same version is there already. */
async function isKept(own: Entry, { journal, folders }: KeepPorts): Promise<boolean> {
  const others = await journal.entriesOf({ origin: own.origin, keys: [own.key] });
  for (const other of others) {
    const isLike = other.kind === "managed" && other.trouble === null && isOfVersion(other, own);
    if (isLike && folders.of(other.path) !== undefined && (await isUnchanged(other))) return true;
  }
  return false;
}

/** Bytes are shared within one file system only. */
async function isOnDisk({ path }: KeptFolder, { stamp }: Entry): Promise<boolean> {
  return String((await findAt(path))?.dev) === stamp.dev;
}

async function make(
  own: Entry,
  folder: KeptFolder,
  { journal, clone }: KeepPorts,
): Promise<Entry | null | "unable"> {
  const random = crypto.getRandomValues(Buffer.alloc(12)).toString("hex");
  const path = join(folder.path, `${random}.blob`);
  await journal.commit([{ type: "intent-put", path, intent: { kind: "making" } }]);
  if (!(await clone(own.path, path))) {
    await journal.commit([{ type: "intent-removed", path }]);
    return "unable";
  }
  await flushFile(path);
  await syncFolder(folder.path);
  const stats = await findAt(path);
  // What was written to the file meanwhile may be in the copy.
  if (stats === undefined || !(await isUnchanged(own))) {
    if (stats !== undefined) await deleteIfSame({ path, stamp: toFileStamp(stats) });
    await journal.commit([{ type: "intent-removed", path }]);
    return null;
  }
  const entry: Entry = {
    ...own,
    path,
    stamp: toFileStamp(stats),
    kind: "managed",
    isPinned: false,
  };
  await journal.commit([
    { type: "entry-put", entry },
    { type: "intent-removed", path },
  ]);
  return entry;
}
