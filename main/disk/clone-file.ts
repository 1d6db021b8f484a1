import { constants } from "node:fs";
import { copyFile } from "node:fs/promises";
import { systemCode, toDiskError } from "./disk-errors.ts";
import { toFsPath } from "./local-path.ts";

/** Makes `to` share the bytes of `from`; false where the file system cannot. */
export type CloneFile = (from: string, to: string) => Promise<boolean>;

/** Another file system, or one that shares no bytes. */
const CANNOT = new Set([
  "EXDEV",
  "EINVAL",
  "ENOSYS",
  "ENOTTY",
  "ENOTSUP",
  "EOPNOTSUPP",
  // What some file systems and sandboxes make of a call that they do not know.
  "EPERM",
  "EBADF",
]);

/**
 * Makes a file that shares its bytes with another one until either is written to: at once, and
 * without room of its own. Its mode is that of the other. Not durable before it is flushed.
 *
 * @throws {LonghaulError} `conflict` where `to` is taken; `disk-full`, `path-denied`, `folder-missing`.
 */
export const cloneFile: CloneFile = async (from, to) => {
  const { COPYFILE_EXCL, COPYFILE_FICLONE_FORCE } = constants;
  try {
    await copyFile(toFsPath(from), toFsPath(to), COPYFILE_EXCL | COPYFILE_FICLONE_FORCE);
    return true;
  } catch (error) {
    if (CANNOT.has(systemCode(error) ?? "")) return false;
    throw toDiskError(error, to, "write");
  }
};
