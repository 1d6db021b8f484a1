import type { ErrorCode } from "#shared/errors.ts";
import { isAbort, LonghaulError } from "#shared/errors.ts";
import { toShownPath } from "./local-path.ts";

/** What a path was used for: the same system error means something else at either end. */
export type PathUse = "read" | "write";

/** For `read`, a path that is not there is the file; for `write` it is the folder. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: "disk-full",
  EDQUOT: "disk-full",
  EACCES: "path-denied",
  EPERM: "path-denied",
  EROFS: "path-denied",
  EBUSY: "path-denied",
  ETXTBSY: "path-denied",
  EEXIST: "conflict",
  EISDIR: "conflict",
  ELOOP: "path-unsafe",
  ENAMETOOLONG: "path-unsafe",
};
const MISSING = new Set(["ENOENT", "ENOTDIR"]);

/** The system's name of an error, `ENOSPC`; undefined for what is not the system's. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/**
 * A file system's failure as a person meets it. What is already classified, an abort, and what is
 * not the system's (a bug) pass unchanged.
 */
export function toDiskError(error: unknown, path: string, use: PathUse): unknown {
  const cause = systemCode(error);
  if (cause === undefined || error instanceof LonghaulError || isAbort(error)) return error;
  // Messages of the system hold paths as it was given them, and nothing secret.
  return new LonghaulError(codeOf(cause, use), `${use} ${toShownPath(path)}: ${cause}`, {
    details: { path: toShownPath(path), cause },
    cause: error,
  });
}

function codeOf(cause: string, use: PathUse): ErrorCode {
  if (MISSING.has(cause)) return use === "read" ? "path-missing" : "folder-missing";
  return CODES[cause] ?? "disk-failed";
}

/** Runs an effect on `path`. @throws {LonghaulError} instead of the system's error. */
export async function onDisk<T>(path: string, use: PathUse, effect: () => Promise<T>): Promise<T> {
  try {
    return await effect();
  } catch (error) {
    throw toDiskError(error, path, use);
  }
}
