import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { onDisk } from "../disk/disk-errors.ts";
import { toFsPath } from "../disk/local-path.ts";
import { findAt } from "../disk/stat-file.ts";
import { walkFolder } from "../disk/walk.ts";
import { runLanes } from "../parts/run-lanes.ts";
import type { Journal } from "./journal.ts";
import type { Unpacked, UnpackedFile } from "./unpacked.ts";
import { FILES_PER_PAGE } from "./unpacked.ts";

/** Files looked at on disk at once. */
const LOOK_LANES = 16;

/**
 * Keeps what lies below a destination as what came out of an archive, a page at a time; it counts
 * once all of it is kept.
 *
 * @param committedAtNs When it was put in place, by the clock of its disk: what somebody made or
 * changed since, maybe long ago, is nothing of ours. Null: not known.
 */
export async function keepUnpacked(
  journal: Journal,
  unpacked: Unpacked,
  committedAtNs: bigint | null,
  signal: AbortSignal,
): Promise<void> {
  const { destination } = unpacked;
  await journal.commit([{ type: "unpacked", unpacked: { kind: "forgotten", destination } }]);
  let files: UnpackedFile[] = [];
  const keep = async () => {
    const page = files;
    files = [];
    await journal.commit([
      { type: "unpacked", unpacked: { kind: "files", destination, files: page } },
    ]);
  };
  for await (const entry of walkFolder(destination, { followSymlinks: false }, signal)) {
    if (entry.kind !== "file") continue;
    const { name, sizeBytes, stamp } = entry;
    if (committedAtNs !== null && BigInt(stamp.ctimeNs) > committedAtNs) continue;
    files.push({ path: name, sizeBytes, mtimeNs: stamp.mtimeNs });
    if (files.length >= FILES_PER_PAGE) await keep();
  }
  await keep();
  await journal.commit([{ type: "unpacked", unpacked: { kind: "put", unpacked } }]);
}

/** Whether every file that came out of an archive is below a destination as it was put there. */
export async function isUnpackedWhole(
  journal: Pick<Journal, "unpackedFiles">,
  destination: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (!(await isFolder(destination))) return false;
  for await (const files of pagesOf(journal, destination)) {
    const changed = new AbortController();
    const look = async ({ path, sizeBytes, mtimeNs }: UnpackedFile) => {
      const found = await findAt(join(destination, path)).catch(() => undefined);
      const isSame =
        found?.isFile() === true &&
        Number(found.size) === sizeBytes &&
        String(found.mtimeNs) === mtimeNs;
      if (!isSame) changed.abort();
      changed.signal.throwIfAborted();
    };
    try {
      await runLanes(LOOK_LANES, files.values(), look, signal);
    } catch (error) {
      if (changed.signal.aborted && !signal.aborted) return false;
      throw error;
    }
  }
  return true;
}

/**
 * Whether nothing is in a folder but what came out of an archive, as it was put there: no file of
 * anybody else.
 *
 * @param destination Where the archive was unpacked; the folder may have another name by now.
 */
export async function isOnlyUnpacked(
  journal: Pick<Journal, "unpackedFiles">,
  { destination, folder = destination }: { readonly destination: string; readonly folder?: string },
  signal: AbortSignal,
): Promise<boolean> {
  const ours = new Map<string, string>();
  for await (const files of pagesOf(journal, destination)) {
    for (const { path, sizeBytes, mtimeNs } of files) ours.set(path, `${sizeBytes} ${mtimeNs}`);
  }
  for await (const entry of walkFolder(folder, { followSymlinks: false }, signal)) {
    if (entry.kind === "empty-folder") continue;
    if (entry.kind !== "file") return false;
    if (ours.get(entry.name) !== `${entry.sizeBytes} ${entry.stamp.mtimeNs}`) return false;
  }
  return true;
}

async function* pagesOf(
  journal: Pick<Journal, "unpackedFiles">,
  destination: string,
): AsyncGenerator<readonly UnpackedFile[]> {
  for (let after: string | null = null; ;) {
    const query = { destination, after, limit: FILES_PER_PAGE };
    const files: readonly UnpackedFile[] = await journal.unpackedFiles(query);
    yield files;
    after = files.at(-1)?.path ?? after;
    if (files.length < FILES_PER_PAGE) return;
  }
}

async function isFolder(path: string): Promise<boolean> {
  const stats = await onDisk(path, "read", () => lstat(toFsPath(path))).catch(() => undefined);
  return stats?.isDirectory() === true;
}
