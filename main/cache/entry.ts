import { z } from "zod";
import { CacheEntryId, EntryKind, EntryTrouble } from "#shared/cache.ts";
import { ProfileId } from "#shared/profile.ts";
import { Rung } from "#shared/transfer.ts";
import { FileStamp, isSameStamp } from "../disk/file-stamp.ts";

export const EntryId = CacheEntryId;
export type EntryId = CacheEntryId;

/** As one text, for sets. */
export function entryKey({ path, origin, key }: EntryId): string {
  return JSON.stringify([path, origin, key]);
}

export function idOf({ path, origin, key }: EntryId): EntryId {
  return { path, origin, key };
}

/**
 * A file here that is one version of one object: its bytes were compared with the object's, and as
 * long as its stamp is the same they need not be read again.
 */
export const Entry = z.strictObject({
  path: z.string(),
  origin: z.string(),
  key: z.string(),
  /** Whoever brought it, to ask again with. */
  profileId: ProfileId,
  bucket: z.string(),
  etag: z.string(),
  versionId: z.string().nullable(),
  sizeBytes: z.int().nonnegative(),
  /** Of the file, when its bytes were known to be right. */
  stamp: FileStamp,
  kind: EntryKind,
  /** We wrote the file ourselves, from what was fetched; a user's own may be the only one there is. */
  isFetched: z.boolean(),
  /** What the bytes were compared with. */
  rung: Rung.nullable(),
  /** Of the whole, in hex; null where nobody computed it. */
  sha256: z.string().nullable(),
  isPinned: z.boolean(),
  /** Wall clock, milliseconds, as the other two. */
  addedAtMs: z.number(),
  usedAtMs: z.number(),
  /** When its bytes were last read again and compared; null: not since it was fetched. */
  verifiedAtMs: z.number().nullable(),
  trouble: EntryTrouble.nullable(),
});
export type Entry = z.infer<typeof Entry>;

/** Whether a later listing can tell its object from another: without that a record is of no use. */
export function hasVersion({ etag }: Pick<Entry, "etag">): boolean {
  return etag !== "";
}

/** What was read: when the result is there, the file may have been fetched anew. */
export type EntryVersion = Pick<Entry, "etag" | "stamp">;

export function versionOf({ etag, stamp }: EntryVersion): EntryVersion {
  return { etag, stamp };
}

export function isStill(now: EntryVersion | undefined, read: EntryVersion): boolean {
  return now?.etag === read.etag && isSameStamp(now.stamp, read.stamp);
}

/** Whether the entry is a copy of an object as a listing or a HEAD says it is now. */
export function isOfVersion(
  entry: Entry,
  object: { readonly etag: string; readonly sizeBytes: number },
): boolean {
  return hasVersion(object) && entry.etag === object.etag && entry.sizeBytes === object.sizeBytes;
}
