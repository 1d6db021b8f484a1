import { LonghaulError } from "#shared/errors.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import { isSameStamp } from "../disk/file-stamp.ts";
import { toShownPath } from "../disk/local-path.ts";
import { statFile } from "../disk/stat-file.ts";

/**
 * Makes sure that a file is still what the walk saw.
 *
 * @throws {LonghaulError} `source-changed`; `path-missing`, `path-denied`.
 */
export async function assertUnchanged(file: {
  readonly path: string;
  readonly stamp: FileStamp;
}): Promise<void> {
  const { stamp } = await statFile(file.path);
  if (isSameStamp(stamp, file.stamp)) return;
  const path = toShownPath(file.path);
  throw new LonghaulError("source-changed", `${path} is not what it was`, { details: { path } });
}
