import type { Stats } from "node:fs";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { systemCode, toDiskError } from "./disk-errors.ts";
import { toFsPath } from "./local-path.ts";

const ABSENT: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG"]);

/**
 * Whether something has the name below a folder, `/` between folders. No link is followed: what would
 * be behind one counts as there, because nobody looks.
 *
 * @throws {LonghaulError} where it cannot be told.
 */
export async function isThere(root: string, name: string): Promise<boolean> {
  const parts = name.replace(/\/$/u, "").split("/");
  if (parts.some((part) => ["", ".", ".."].includes(part) || part.includes("\0"))) return false;
  let path = root;
  for (const part of parts) {
    path = join(path, part);
    const found = await lookAt(path);
    if (found === undefined) return false;
    if (found.isSymbolicLink()) return true;
  }
  return true;
}

async function lookAt(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(toFsPath(path));
  } catch (error) {
    if (ABSENT.has(systemCode(error))) return undefined;
    throw toDiskError(error, path, "read");
  }
}
