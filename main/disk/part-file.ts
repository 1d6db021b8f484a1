import { constants } from "node:fs";
import { open, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { LonghaulError } from "#shared/errors.ts";
import { onDisk, systemCode } from "./disk-errors.ts";
import { toFsPath } from "./local-path.ts";
import { NO_DESCRIPTOR_CODES, openPatiently } from "./open-patiently.ts";
import { findAt } from "./stat-file.ts";

/** Names a partial file so surely that another file at its path is not taken for it. */
export const PartFile = z.strictObject({
  path: z.string(),
  /** Decimal, as in `FileStamp`. */
  dev: z.string(),
  ino: z.string(),
  sizeBytes: z.int().nonnegative(),
});
export type PartFile = z.infer<typeof PartFile>;

/** Random names tried before it is clear that something else is wrong. */
const MAX_NAMES = 8;

/**
 * Makes the partial file of `finalPath`, in the same folder, so that the last rename stays on one
 * file system. Its name does not grow with the final one. It has its full size from the start, as a
 * hole: blocks are taken as bytes arrive.
 *
 * @throws {LonghaulError} `folder-missing`, `path-denied`, `disk-full`; `disk-failed` with cause
 * EFBIG where the file system keeps no file of this size.
 */
export async function createPartFile(finalPath: string, sizeBytes: number): Promise<PartFile> {
  for (let tried = 1; ; tried += 1) {
    const path = join(dirname(finalPath), partName());
    try {
      return await onDisk(path, "write", () => createSparse(path, sizeBytes));
    } catch (error) {
      const isTaken = error instanceof LonghaulError && systemCode(error.cause) === "EEXIST";
      if (!isTaken || tried >= MAX_NAMES) throw error;
    }
  }
}

function partName(): string {
  const random = crypto.getRandomValues(Buffer.alloc(4)).toString("hex");
  return `.longhaul-${random}.part`;
}

async function createSparse(path: string, sizeBytes: number): Promise<PartFile> {
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;
  // Undefined on Windows, where O_EXCL alone refuses a link.
  const flags = O_CREAT | O_EXCL | O_RDWR | (O_NOFOLLOW ?? 0);
  const file = await openPatiently(() => open(toFsPath(path), flags, 0o666), NO_DESCRIPTOR_CODES);
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

/** Removes the partial file; nothing where it is gone, or where another file has its name. */
export async function removePartFile(part: PartFile): Promise<void> {
  if (!(await isPartFileAt(part, part.path))) return;
  await onDisk(part.path, "write", () => unlink(toFsPath(part.path)));
}
