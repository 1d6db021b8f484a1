import { rmdir, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { onDisk, systemCode } from "../disk/disk-errors.ts";
import { isSameStamp, toFileStamp } from "../disk/file-stamp.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import { assertBelow, isInside } from "../disk/is-below.ts";
import { toFsPath } from "../disk/local-path.ts";
import { findAt } from "../disk/stat-file.ts";

/** What ends the way up from a folder that is empty now. */
const STAYS: ReadonlySet<string | undefined> = new Set(["ENOTEMPTY", "EEXIST", "EACCES", "EPERM"]);

/**
 * Removes a file below a folder, if it still is what it was.
 *
 * @returns false when something else has its name by now, which stays.
 * @throws {LonghaulError} `path-unsafe` where a link leads out of the folder; `path-denied`, …
 */
export async function removeExtraFile(
  root: string,
  { path, stamp }: { readonly path: string; readonly stamp: FileStamp },
): Promise<boolean> {
  const found = await findAt(path);
  // By us, before a crash; or by somebody else: it is gone either way.
  if (found === undefined) return true;
  if (!found.isFile() || !isSameStamp(toFileStamp(found), stamp)) return false;
  await assertBelow(root, dirname(path));
  await onDisk(path, "write", async () => await unlink(toFsPath(path)));
  return true;
}

/** Removes the folders that lost their last file, and those above that so lose their last folder. */
export async function removeEmptied(root: string, paths: Iterable<string>): Promise<void> {
  const folders = new Set([...paths].map((path) => dirname(path)));
  // The longest first: what is inside goes before what it is in.
  for (const folder of [...folders].toSorted((a, b) => b.length - a.length)) {
    await removeUp(root, folder);
  }
}

async function removeUp(root: string, folder: string): Promise<void> {
  for (let path = folder; path !== root && isInside(root, path); path = dirname(path)) {
    try {
      // What is not empty stays, and a link is no folder.
      await rmdir(toFsPath(path));
    } catch (error) {
      const code = systemCode(error);
      if (code === "ENOENT") continue;
      if (STAYS.has(code) || code === "ENOTDIR") return;
      throw error;
    }
  }
}
