import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { LonghaulError } from "#shared/errors.ts";
import { isHeld } from "#shared/disk-words.ts";
import { onDisk, systemCode } from "./disk-errors.ts";
import { findAt } from "./stat-file.ts";
import { toFsPath, toShownPath } from "./local-path.ts";

/**
 * What a failure to write one file below `folder` says of the whole folder: where it may only be
 * read, or its disk is full, every other file will meet the same. What says nothing of it passes
 * unchanged.
 */
export async function ofFolder(error: unknown, folder: string): Promise<unknown> {
  if (!(error instanceof LonghaulError)) return error;
  if (error.code === "disk-full" && error.details.neededBytes === undefined) {
    const details = { ...error.details, path: toShownPath(folder) };
    return new LonghaulError(error.code, error.message, { details, cause: error });
  }
  if (error.code === "folder-missing") return await namedAfter(error, folder);
  if (error.code !== "path-denied" || isHeld(error.details)) return error;
  const cause = await whyClosed(folder);
  return cause === null ? error : closed(folder, cause);
}

/** The folder, where it is that one which is missing, and not only one below it. */
async function namedAfter(error: LonghaulError, folder: string): Promise<LonghaulError> {
  if ((await findAt(folder)) !== undefined) return error;
  const details = { ...error.details, path: toShownPath(folder) };
  return new LonghaulError(error.code, error.message, { details, cause: error });
}

/**
 * Makes sure that files can be made in a folder now.
 *
 * @throws {LonghaulError} `folder-missing`, `folder-denied`, `disk-failed`.
 */
export async function assertOpenFolder(folder: string): Promise<void> {
  const stats = await onDisk(folder, "write", () => stat(toFsPath(folder)));
  if (!stats.isDirectory()) {
    const path = toShownPath(folder);
    throw new LonghaulError("folder-missing", `${path} is no folder`, { details: { path } });
  }
  const cause = await whyClosed(folder);
  if (cause !== null) throw closed(folder, cause);
}

function closed(folder: string, cause: string): LonghaulError {
  const path = toShownPath(folder);
  const message = `nothing can be written into ${path}: ${cause}`;
  return new LonghaulError("folder-denied", message, { details: { path, cause } });
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
