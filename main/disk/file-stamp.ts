import type { BigIntStats } from "node:fs";
import { z } from "zod";

/** What tells whether a file is still the one that was read: a change of content changes one of these. */
export const FileStamp = z.strictObject({
  dev: z.string(),
  ino: z.string(),
  size: z.string(),
  mtimeNs: z.string(),
  ctimeNs: z.string(),
});
/** Decimal strings, because the numbers exceed what JSON keeps exact. */
export type FileStamp = z.infer<typeof FileStamp>;

export function toFileStamp(stats: BigIntStats): FileStamp {
  return {
    dev: String(stats.dev),
    ino: String(stats.ino),
    size: String(stats.size),
    mtimeNs: String(stats.mtimeNs),
    ctimeNs: String(stats.ctimeNs),
  };
}

export function isSameStamp(a: FileStamp, b: FileStamp): boolean {
  return (
    a.dev === b.dev &&
    a.ino === b.ino &&
    a.size === b.size &&
    a.mtimeNs === b.mtimeNs &&
    a.ctimeNs === b.ctimeNs
  );
}
