import { z } from "zod";

/**
 * What makes a transfer a sync: it moves what differs, without asking about what it replaces. What
 * cannot be proven equal differs.
 */
export const SyncWish = z.strictObject({
  /** What is at the destination and not at the source is removed, once all else has moved. */
  deletes: z.boolean().default(false),
  /** Also what is known as equal is read and compared. */
  byDigest: z.boolean().default(false),
  /** Nothing is moved or removed: it is found out what would be. */
  isDryRun: z.boolean().default(false),
  /** A source with nothing in it may empty the destination. */
  allowsEmpty: z.boolean().default(false),
  /** Where more than these would be deleted, nothing is: what somebody agreed to. Null: any number. */
  mostDeletes: z.int().nonnegative().nullable().default(null),
});
export type SyncWish = z.infer<typeof SyncWish>;

/** What a sync did, or a dry run would do, so far. */
export const SyncCounts = z.strictObject({
  /** Files or objects that differed, and their bytes. */
  moves: z.int().nonnegative(),
  moveBytes: z.int().nonnegative(),
  deletes: z.int().nonnegative(),
  /** Were equal already. */
  same: z.int().nonnegative(),
  /** The bucket keeps versions of what was removed. */
  keepsVersions: z.boolean(),
});
export type SyncCounts = z.infer<typeof SyncCounts>;

export const NO_SYNC: SyncCounts = {
  moves: 0,
  moveBytes: 0,
  deletes: 0,
  same: 0,
  keepsVersions: false,
};

/** Causes of a `conflict` of a sync: nothing at all is at its source; more is to go than was agreed to. */
export const EMPTY_SOURCE = "empty-source";
export const MORE_DELETES = "more-deletes";
