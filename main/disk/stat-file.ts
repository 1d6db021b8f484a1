import type { BigIntStats } from "node:fs";
import { lstat, stat } from "node:fs/promises";
import { LonghaulError } from "#shared/errors.ts";
import { onDisk, systemCode, toDiskError } from "./disk-errors.ts";
import type { FileStamp } from "./file-stamp.ts";
import { toFileStamp } from "./file-stamp.ts";
import { toFsPath, toShownPath } from "./local-path.ts";

export type FileFacts = {
  readonly sizeBytes: number;
  readonly stamp: FileStamp;
  /** Wall clock, milliseconds. */
  readonly modifiedAtMs: number;
};

export function toFileFacts(stats: BigIntStats): FileFacts {
  return {
    sizeBytes: Number(stats.size),
    stamp: toFileStamp(stats),
    modifiedAtMs: Number(stats.mtimeMs),
  };
}

/**
 * A regular file as it is now, links followed: who names a link means what it points at.
 *
 * @throws {LonghaulError} `path-missing`, `path-denied`; `path-unsafe` for anything but a file.
 */
export async function statFile(path: string): Promise<FileFacts> {
  const stats = await onDisk(path, "read", () => stat(toFsPath(path), { bigint: true }));
  if (stats.isFile()) return toFileFacts(stats);
  throw new LonghaulError("path-unsafe", `${toShownPath(path)} is not a regular file`, {
    details: { path: toShownPath(path) },
  });
}

/** What is at `path` itself, links not followed; undefined where nothing is. */
export async function findAt(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(toFsPath(path), { bigint: true });
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw toDiskError(error, path, "write");
  }
}
