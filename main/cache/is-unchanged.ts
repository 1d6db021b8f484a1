import { isSameStamp, toFileStamp } from "../disk/file-stamp.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import { findAt } from "../disk/stat-file.ts";
import type { Entry } from "./entry.ts";

/** Whether nobody wrote to the file of an entry; a disk that cannot be asked says no. */
export async function isUnchanged({
  path,
  stamp,
}: Pick<Entry, "path" | "stamp">): Promise<boolean> {
  const found = await findAt(path).catch(() => undefined);
  return found?.isFile() === true && isSameStamp(toFileStamp(found), stamp);
}

/** The very file, with the bytes that were written last; its links or permissions may have changed. */
export function isSameFile(a: FileStamp, b: FileStamp): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size && a.mtimeNs === b.mtimeNs;
}
