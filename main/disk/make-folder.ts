import { dirname } from "node:path";
import { LonghaulError } from "#shared/errors.ts";
import { onDisk } from "./disk-errors.ts";
import { assertBelow } from "./is-below.ts";
import { toShownPath } from "./local-path.ts";
import { makeFolders } from "./make-folders.ts";
import { findAt } from "./stat-file.ts";
import { syncFolder } from "./sync-folder.ts";

/**
 * Makes the folders between `root`, which must exist, and `folder`, and makes them durable. No link
 * on the way may lead out of `root`.
 *
 * @throws {LonghaulError} `folder-missing` without a root; `path-unsafe` when a link leads out;
 * `conflict` when a file is where a folder must be; `path-denied`, `disk-full`.
 */
export async function makeFolderBelow(root: string, folder: string): Promise<void> {
  await assertBelow(root, folder);
  const first = await onDisk(folder, "write", () => makeOrFind(folder));
  if (first === undefined) return;
  await assertBelow(root, folder);
  for (let made = folder; made !== dirname(first); made = dirname(made)) {
    await syncFolder(dirname(made));
  }
}

/** The topmost folder that was made; undefined when all were there. */
async function makeOrFind(folder: string): Promise<string | undefined> {
  try {
    return await makeFolders(folder);
  } catch (error) {
    if (await isFileInTheWay(folder)) throw fileInTheWay(folder);
    throw error;
  }
}

async function isFileInTheWay(folder: string): Promise<boolean> {
  for (let path = folder; path !== dirname(path); path = dirname(path)) {
    const stats = await findAt(path).catch(() => undefined);
    if (stats !== undefined) return !stats.isDirectory();
  }
  return false;
}

function fileInTheWay(folder: string): LonghaulError {
  return new LonghaulError("conflict", `a file is where ${toShownPath(folder)} must be`, {
    details: { path: toShownPath(folder) },
  });
}
