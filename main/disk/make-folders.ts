import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { toFsPath } from "./local-path.ts";

/**
 * A folder and those above it that are missing. Node's own way (`recursive`) goes round in circles
 * for ever, deaf to signals, where the system answers ENOENT for a new folder in one that is there:
 * under `/proc`, or where automounted homes are; and it says ENOENT of a disk that is read-only.
 *
 * @returns the topmost one that was made; undefined when all were there.
 */
export async function makeFolders(folder: string, mode = 0o777): Promise<string | undefined> {
  const missing: string[] = [];
  for (let path = folder; !(await isFolder(path)); path = dirname(path)) {
    missing.unshift(path);
    if (path === dirname(path)) break;
  }
  let first: string | undefined;
  for (const path of missing) {
    if (await makeOne(path, mode)) first ??= path;
  }
  return first;
}

/** False when somebody else was faster. */
async function makeOne(path: string, mode: number): Promise<boolean> {
  try {
    await mkdir(toFsPath(path), { mode });
    return true;
  } catch (error) {
    if (await isFolder(path)) return false;
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(toFsPath(path))).isDirectory();
  } catch {
    return false;
  }
}
