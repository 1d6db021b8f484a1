import { z } from "zod";
import { ErrorInfo } from "./errors.ts";
import { ProfileId } from "./profile.ts";
import { LocalRef } from "./transfer-request.ts";

/** Why an entry cannot be used as it is. */
export const EntryTrouble = z.enum([
  /** Its bytes are not the object's. */
  "damaged",
  /** Somebody wrote to the file since. */
  "changed",
  /** The file is gone, or its disk is not there. */
  "missing",
]);
export type EntryTrouble = z.infer<typeof EntryTrouble>;

/** `own`: the user's file, never touched. `managed`: a copy in a cache folder that may be evicted. */
export const EntryKind = z.enum(["own", "managed"]);
export type EntryKind = z.infer<typeof EntryKind>;

/** What names an entry: one file may be the copy of objects in several places. */
export const CacheEntryId = z.strictObject({
  /** Absolute. */
  path: z.string(),
  /** Where the object is, whatever profile goes there. */
  origin: z.string(),
  key: z.string(),
});
export type CacheEntryId = z.infer<typeof CacheEntryId>;

/** A file here that is a copy of an object. */
export const CacheEntry = z.strictObject({
  ...CacheEntryId.shape,
  bucket: z.string(),
  profileId: ProfileId,
  /** Null where the profile is gone. */
  profileName: z.string().nullable(),
  sizeBytes: z.int().nonnegative(),
  /** What deleting it would free on its disk, as far as the records tell. */
  freesBytes: z.int().nonnegative(),
  /**
   * Why so many. `all`: nobody else is known to hold its bytes. `shared`: a file of the user's on the
   * same disk shares them, so that deleting frees nothing. `own`: it is that file; it is never deleted.
   */
  frees: z.enum(["all", "shared", "own"]),
  kind: EntryKind,
  /** Wall clock, milliseconds, as the other two. */
  addedAtMs: z.number(),
  usedAtMs: z.number(),
  /** When its bytes were last read and compared; null: not since they were fetched. */
  verifiedAtMs: z.number().nullable(),
  isPinned: z.boolean(),
  trouble: EntryTrouble.nullable(),
  /** An unfinished transfer uses it: it is not evicted. */
  isQueued: z.boolean(),
});
export type CacheEntry = z.infer<typeof CacheEntry>;

export const CacheFolder = z.strictObject({
  path: z.string(),
  /** Its disk may be unplugged: it is kept in mind, with what is in it. */
  isThere: z.boolean(),
  /** Null is no quota: only the floor of free space bounds it. */
  quotaBytes: z.int().positive().nullable(),
  /** Copies are evicted so that so much stays free on the disk. */
  keepFreeBytes: z.int().nonnegative(),
  /** Of its disk, as the next one; null where it is not there. */
  freeBytes: z.int().nonnegative().nullable(),
  totalBytes: z.int().nonnegative().nullable(),
  /** Of the managed copies in it. */
  usedBytes: z.int().nonnegative(),
  /** Of those, the pinned ones. */
  pinnedBytes: z.int().nonnegative(),
  entryCount: z.int().nonnegative(),
  /** `cache` in the home; it is always there. */
  isDefault: z.boolean(),
});
export type CacheFolder = z.infer<typeof CacheFolder>;

/** Work in the background, of which there is one at a time. */
export const CacheWork = z.strictObject({
  kind: z.enum(["verify", "repair"]),
  startedAtMs: z.number(),
  doneBytes: z.int().nonnegative(),
  totalBytes: z.int().nonnegative(),
  doneCount: z.int().nonnegative(),
  totalCount: z.int().nonnegative(),
  /** Of those done: their bytes are not the object's. */
  damagedCount: z.int().nonnegative(),
  /** Of those done: changed by somebody, or not there. */
  changedCount: z.int().nonnegative(),
  missingCount: z.int().nonnegative(),
  /** Of those done: nothing is known to compare with, so that nothing can be said. */
  unprovenCount: z.int().nonnegative(),
  repairedCount: z.int().nonnegative(),
  /** Of those done: could not be read or fetched; the first of them are in `failures`. */
  failedCount: z.int().nonnegative(),
  /** By a repair, from the origin. */
  fetchedBytes: z.int().nonnegative(),
  failures: z.array(z.strictObject({ id: CacheEntryId, error: ErrorInfo })).max(100),
  /** How repairs went where that needs words: an object fetched whole for want of digests of its pieces. */
  notes: z.array(z.string()).max(100),
});
export type CacheWork = z.infer<typeof CacheWork>;

export const CacheWorkState = z.strictObject({
  now: CacheWork.nullable(),
  /** The last one that ended since the engine started. */
  last: z
    .strictObject({ ...CacheWork.shape, endedAtMs: z.number(), isStopped: z.boolean() })
    .nullable(),
});
export type CacheWorkState = z.infer<typeof CacheWorkState>;

export const CacheSort = z.enum(["used", "added", "size", "key", "path", "verified"]);
export type CacheSort = z.infer<typeof CacheSort>;

export const CacheFilter = z.enum(["all", "pinned", "unused", "trouble", "managed", "own"]);
/** `unused`: not for 90 days. */
export type CacheFilter = z.infer<typeof CacheFilter>;

const Page = {
  offset: z.int().nonnegative().default(0),
  limit: z.int().min(1).max(500).default(100),
};

const Ids = z.array(CacheEntryId).min(1).max(1000);
/** Null is all. */
const IdsOrAll = z.strictObject({ ids: Ids.nullable() });

const Goal = {
  /** Null: as much as quotas and floors ask for. */
  freeBytes: z.int().positive().nullable(),
  /** Only in this cache folder; null is in all of them. */
  folder: z.string().nullable(),
};

const Quota = z.int().positive().nullable();

/** The calls about what of buckets is on this machine. */
export const cacheCalls = {
  "cache.folders": { input: z.null(), output: z.array(CacheFolder) },
  /** Makes the folder if its parent is there. Fails with `invalid` for one that is inside another. */
  "cache.addFolder": {
    input: z.strictObject({ folder: LocalRef, quotaBytes: Quota }),
    output: CacheFolder,
  },
  /** Evicts at once what is over. `keepFreeBytes`: absent stays as it is; null is the usual floor. */
  "cache.setFolder": {
    input: z.strictObject({
      path: z.string(),
      quotaBytes: Quota,
      keepFreeBytes: z.int().nonnegative().nullable().optional(),
    }),
    output: CacheFolder,
  },
  /**
   * Forgets a folder, and deletes nothing. Fails with `invalid` for the default one, and while there
   * are copies in it that are in sight: nobody would know of them any more. Those of a folder that is
   * not there are forgotten with it.
   */
  "cache.removeFolder": { input: z.strictObject({ path: z.string() }), output: z.null() },

  "cache.list": {
    input: z.strictObject({
      sort: CacheSort.default("used"),
      order: z.enum(["up", "down"]).default("down"),
      filter: CacheFilter.default("all"),
      /** In the path, the key or the bucket, whatever the case; empty is all. */
      query: z.string().max(1024).default(""),
      /** Only files in these folders, and the copies in cache folders; absent is all. */
      below: z.array(z.string()).optional(),
      ...Page,
    }),
    output: z.strictObject({
      entries: z.array(CacheEntry),
      /** Of all that match, as the next one. */
      total: z.int().nonnegative(),
      sizeBytes: z.int().nonnegative(),
    }),
  },
  "cache.pin": { input: z.strictObject({ ids: Ids, isPinned: z.boolean() }), output: z.null() },
  /**
   * Forgets that a file is a copy; the file is not touched. Fails with `invalid` for a managed copy
   * that is neither changed nor missing: it would be a file that nobody knows of.
   */
  "cache.forget": { input: z.strictObject({ ids: Ids }), output: z.null() },

  /** Reads copies and compares them, beside all else. Fails with `conflict` while other work runs. */
  "cache.verify": { input: IdsOrAll, output: z.null() },
  /** Fetches what is wrong in damaged copies, and nothing else. `null`: all that are known as damaged. */
  "cache.repair": { input: IdsOrAll, output: z.null() },
  "cache.work": { input: z.null(), output: CacheWorkState },
  "cache.stopWork": { input: z.null(), output: z.null() },

  /** What `cache.free` would delete, in that order, and nothing else. */
  "cache.preview": {
    input: z.strictObject({ ...Goal, ...Page }),
    output: z.strictObject({
      /** A page of them. */
      entries: z.array(CacheEntry),
      total: z.int().nonnegative(),
      freedBytes: z.int().nonnegative(),
      /** They are as many bytes as asked for. */
      isEnough: z.boolean(),
      /** Names this very list; hand it to `cache.free`. */
      plan: z.string(),
    }),
  },
  /** Deletes what a preview said. Fails with `conflict`, and deletes nothing, if it is another list by now. */
  "cache.free": {
    input: z.strictObject({
      ...Goal,
      expectedBytes: z.int().nonnegative(),
      plan: z.string(),
    }),
    output: z.strictObject({
      freedBytes: z.int().nonnegative(),
      count: z.int().nonnegative(),
      /** Were left alone, because somebody wrote to them since. */
      keptCount: z.int().nonnegative(),
    }),
  },
};

/** Entries or work changed: ask again for the page on screen. At most four times a second. */
export const CacheEvent = z.strictObject({
  type: z.literal("cache"),
  /** Entries came, went or changed, and not only work went on. */
  hasNewEntries: z.boolean(),
  work: CacheWorkState,
});
export type CacheEvent = z.infer<typeof CacheEvent>;
