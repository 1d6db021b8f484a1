import { constants } from "node:fs";
import { open, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { onDisk } from "./disk-errors.ts";
import { toFsPath } from "./local-path.ts";
import { openPatiently, WITHOUT_DESCRIPTOR } from "./open-patiently.ts";
import { findAt } from "./stat-file.ts";

/** Names a partial file so surely that another file at its path is not taken for it. */
export const PartFile = z.strictObject({
  path: z.string(),
  /** Decimal, as in `FileStamp`; both empty for a file that is only intended. */
  dev: z.string(),
  ino: z.string(),
  sizeBytes: z.int().nonnegative(),
});
export type PartFile = z.infer<typeof PartFile>;

/** In place of `dev` and `ino` as long as there is no file. */
const NOT_MADE = "";

/**
 * Names the partial file of `finalPath`, in the same folder, so that the last rename stays on one
 * file system. Nothing is made yet: whoever is to remember the name can do so first, so that no
 * crash leaves a file behind that nobody knows of.
 */
export function intendPartFile(finalPath: string, sizeBytes: number): PartFile {
  // Random enough to be nobody else's: a file at this name will be taken for ours after a crash.
  const random = crypto.getRandomValues(Buffer.alloc(8)).toString("hex");
  const path = join(dirname(finalPath), `.longhaul-${random}.part`);
  return { path, dev: NOT_MADE, ino: NOT_MADE, sizeBytes };
}

/** Whether a file's own name is one of partial files: it may be another transfer's. */
export function isPartName(name: string): boolean {
  return /^\.longhaul-[0-9a-f]{16}\.part$/u.test(name);
}

/**
 * Makes a partial file that was intended. Its name does not grow with the final one. It has its full
 * size from the start, as a hole: blocks are taken as bytes arrive.
 *
 * @throws {LonghaulError} `folder-missing`, `path-denied`, `disk-full`; `disk-failed` with cause
 * EFBIG where the file system keeps no file of this size.
 */
export async function createPartFile({ path, sizeBytes }: PartFile): Promise<PartFile> {
  return await onDisk(path, "write", () => createSparse(path, sizeBytes));
}

async function createSparse(path: string, sizeBytes: number): Promise<PartFile> {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;
  // Undefined on Windows, where O_EXCL alone refuses a link.
  const flags = O_CREAT | O_EXCL | O_RDWR | (O_NOFOLLOW ?? 0);
  const file = await openPatiently(() => open(toFsPath(path), flags, 0o666), WITHOUT_DESCRIPTOR);
  try {
    await file.truncate(sizeBytes);
    const stats = await file.stat({ bigint: true });
    return { path, dev: String(stats.dev), ino: String(stats.ino), sizeBytes };
  } catch (error) {
    await unlink(toFsPath(path));
    throw error;
  } finally {
    await file.close();
  }
}

/** Whether `path` is still the very file that `part` names, and as long. */
export async function isPartFileAt(part: PartFile, path: string): Promise<boolean> {
  const stats = await findAt(path);
  return (
    stats !== undefined &&
    stats.isFile() &&
    String(stats.dev) === part.dev &&
    String(stats.ino) === part.ino &&
    Number(stats.size) === part.sizeBytes
  );
}

/**
 * The partial file where it was, as it is called now: the number of its disk is another one after
 * some systems' restarts. Undefined where it is gone, or another file has its name.
 */
export async function findPartFile(part: PartFile): Promise<PartFile | undefined> {
  const stats = await findAt(part.path);
  if (stats === undefined || !stats.isFile()) return undefined;
  const isSame = String(stats.ino) === part.ino && Number(stats.size) === part.sizeBytes;
  return isSame ? { ...part, dev: String(stats.dev) } : undefined;
}

/** Nobody knows which file it is, or whether there is one. */
export function isOnlyIntended({ ino }: PartFile): boolean {
  return ino === NOT_MADE;
}

/**
 * Removes the partial file; nothing where it is gone, or where another file has its name. One that got
 * its final name is nobody's to remove: journals of earlier versions name it by that.
 */
export async function removePartFile(part: PartFile): Promise<void> {
  if (!isPartName(basename(part.path))) return;
  const isThere = isOnlyIntended(part)
    ? await isMade(part)
    : (await findPartFile(part)) !== undefined;
  if (!isThere) return;
  await onDisk(part.path, "write", () => unlink(toFsPath(part.path)));
}

/** A crash came after the file was made, and before anybody could say which one it is. */
async function isMade({ path, sizeBytes }: PartFile): Promise<boolean> {
  const stats = await findAt(path);
  return stats?.isFile() === true && [0, sizeBytes].includes(Number(stats.size));
}
