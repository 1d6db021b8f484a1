import { z } from "zod";
import { ErrorInfo } from "./errors.ts";
import { ProfileId } from "./profile.ts";
import { SyncCounts } from "./sync.ts";
import { LocalRef } from "./transfer-request.ts";

/** What follows its source more often only asks it in vain. */
export const EVERY_LEAST_MS = 10_000;
/** Longer, and a timer would not know it. */
export const EVERY_MOST_MS = 7 * 24 * 3_600_000;
/** More than anybody has. */
export const FOLLOWS_MAX = 200;

export const FollowId = z.uuid().brand<"FollowId">();
export type FollowId = z.infer<typeof FollowId>;

const Followed = {
  profileId: ProfileId,
  bucket: z.string().min(1),
  /** An object, or a prefix ending in `/`; empty is the whole bucket. */
  key: z.string(),
  include: z.array(z.string()).default([]),
  exclude: z.array(z.string()).default([]),
  everyMs: z.int().min(EVERY_LEAST_MS).max(EVERY_MOST_MS),
};

/** A folder that is kept as an object or a prefix is. What was changed here is replaced; nothing is deleted. */
export const FollowRequest = z.strictObject({ ...Followed, folder: LocalRef });
export type FollowRequest = z.infer<typeof FollowRequest>;

/** How the last run of a follow ended. */
export const FollowRun = z.strictObject({
  /** Wall clock, milliseconds. */
  atMs: z.number(),
  /** Null where it went well. */
  error: ErrorInfo.nullable(),
  counts: SyncCounts,
});
export type FollowRun = z.infer<typeof FollowRun>;

/** A follow as it is kept; the path is absolute. */
export const Follow = z.strictObject({
  id: FollowId,
  ...Followed,
  folder: z.string(),
  /** When it runs next; wall clock, milliseconds. */
  nextAtMs: z.number(),
  /** Runs in a row that failed: each makes the wait for the next longer. */
  failures: z.int().nonnegative(),
  last: FollowRun.nullable(),
});
export type Follow = z.infer<typeof Follow>;

export const FollowView = z.strictObject({ ...Follow.shape, isRunning: z.boolean() });
export type FollowView = z.infer<typeof FollowView>;
