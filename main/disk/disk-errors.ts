import { constants } from "node:os";
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
/** A network share that was exported anew; a disk that was pulled. */
const PULLED = new Set(["ESTALE", "ENODEV", "ENXIO", "ENOMEDIUM"]);

/** The system's name of an error, `ENOSPC`; undefined for what is not the system's. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  if (typeof error.code !== "string") return undefined;
  const [, number] = /^Unknown system error -(\d+)$/u.exec(error.code) ?? [];
  return number === undefined ? error.code : (nameOf(Number(number)) ?? error.code);
}

/** Node has no names for some, EDQUOT and ESTALE among them. */
function nameOf(errno: number): string | undefined {
  return Object.entries(constants.errno).find(([, value]) => value === errno)?.[0];
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
  if (PULLED.has(cause) && use === "write") return "folder-missing";
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
