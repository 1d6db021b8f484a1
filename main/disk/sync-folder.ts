import { open } from "node:fs/promises";
import { systemCode, toDiskError } from "./disk-errors.ts";
import { toFsPath } from "./local-path.ts";
import { openPatiently, WITHOUT_DESCRIPTOR } from "./open-patiently.ts";
import { SharedEffect } from "./shared-effect.ts";

/** Answers of file systems that cannot flush a folder; anything else is a failure of the disk. */
const CANNOT = new Set(["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOTTY", "ENOSYS"]);
/** Windows opens no folder for flushing, and says so in these ways. */
const CANNOT_ON_WINDOWS = new Set(["EPERM", "EISDIR", "EACCES", "EBADF"]);

/** Files that finish together in one folder share its flush. */
const FLUSHES = new SharedEffect(flush);

/**
 * Makes what was created, renamed or removed in a folder durable.
 *
 * @returns false where the file system cannot promise that.
 * @throws {LonghaulError} `disk-failed`, `folder-missing`.
 */
export async function syncFolder(
  folder: string,
  effect = (path: string) => FLUSHES.run(path),
): Promise<boolean> {
  try {
    await effect(folder);
    return true;
  } catch (error) {
    const code = systemCode(error) ?? "";
    const isUnable =
      CANNOT.has(code) || (process.platform === "win32" && CANNOT_ON_WINDOWS.has(code));
    if (isUnable) return false;
    throw toDiskError(error, folder, "write");
  }
}

async function flush(folder: string): Promise<void> {
  const handle = await openPatiently(() => open(toFsPath(folder), "r"), WITHOUT_DESCRIPTOR);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
