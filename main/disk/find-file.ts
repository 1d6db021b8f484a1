import type { FileFacts } from "./stat-file.ts";
import { LonghaulError } from "#shared/errors.ts";
import { toShownPath } from "./local-path.ts";
import { findAt, toFileFacts } from "./stat-file.ts";

/**
 * The regular file that has this name, links not followed; undefined where the name is free.
 *
 * @throws {LonghaulError} `path-unsafe` where a folder, a link or a device has it; `path-denied`.
 */
export async function findFile(path: string): Promise<FileFacts | undefined> {
  const stats = await findAt(path);
  if (stats === undefined) return undefined;
  if (stats.isFile()) return toFileFacts(stats);
  throw new LonghaulError("path-unsafe", `${toShownPath(path)} is there and is no file`, {
    details: { path: toShownPath(path) },
  });
}
