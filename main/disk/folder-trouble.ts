import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { LonghaulError } from "#shared/errors.ts";
import { isHeld } from "#shared/disk-words.ts";
import { systemCode, toDiskError } from "./disk-errors.ts";
import { toFsPath, toShownPath } from "./local-path.ts";

/**
 * What a failure to write one file below `folder` says of the whole folder: where that may only be
 * read, every other file will meet the same. What says nothing of it passes unchanged.
 */
export async function ofFolder(error: unknown, folder: string): Promise<unknown> {
  if (!(error instanceof LonghaulError) || error.code !== "path-denied") return error;
  if (isHeld(error.details)) return error;
  const cause = await whyClosed(folder);
  if (cause === null) return error;
  const path = toShownPath(folder);
  const message = `nothing can be written into ${path}: ${cause}`;
  return new LonghaulError("folder-denied", message, { details: { path, cause }, cause: error });
}

/**
 * Makes sure that files can be made in a folder now.
 *
 * @throws {LonghaulError} `folder-missing`, `folder-denied`, `disk-failed`.
 */
export async function assertOpenFolder(folder: string): Promise<void> {
  try {
    const stats = await stat(toFsPath(folder));
    if (!stats.isDirectory()) throw Object.assign(new Error("ENOTDIR"), { code: "ENOTDIR" });
  } catch (error) {
    throw toDiskError(error, folder, "write");
  }
  const cause = await whyClosed(folder);
  if (cause === null) return;
  const path = toShownPath(folder);
  const message = `nothing can be written into ${path}: ${cause}`;
  throw new LonghaulError("folder-denied", message, { details: { path, cause } });
}

/** The system's code for why nothing can be made in it; null where something can. */
async function whyClosed(folder: string): Promise<string | null> {
  try {
    await access(toFsPath(folder), constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    const code = systemCode(error) ?? "";
    return CLOSED.has(code) ? code : null;
  }
}

const CLOSED = new Set(["EACCES", "EPERM", "EROFS"]);
