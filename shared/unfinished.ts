import { z } from "zod";
import { ProfileId } from "./profile.ts";
import { TransferId } from "./transfer.ts";

/** Most pieces that are named of one transfer; the others are counted. */
export const UNFINISHED_PIECES_MAX = 100;

/** One object or file that was begun. */
export const UnfinishedPiece = z.discriminatedUnion("kind", [
  /** Parts at the store, which its owner pays for until they are an object or gone. */
  z.strictObject({
    kind: z.literal("upload"),
    profileId: ProfileId,
    bucket: z.string(),
    key: z.string(),
    /** Null when the store's answer to the opening was lost: whether there is one, only it knows. */
    uploadId: z.string().nullable(),
    /** Wall clock, milliseconds. */
    startedAtMs: z.number(),
    /** When the store aborts it by itself; null where it does not, or did not say. */
    expiresAtMs: z.number().nullable(),
    heldBytes: z.int().nonnegative(),
    sizeBytes: z.int().nonnegative(),
  }),
  /** A partial file on this machine. */
  z.strictObject({
    kind: z.literal("file"),
    path: z.string(),
    heldBytes: z.int().nonnegative(),
    sizeBytes: z.int().nonnegative(),
  }),
]);
export type UnfinishedPiece = z.infer<typeof UnfinishedPiece>;

/**
 * A transfer that is not under way and has left something behind. `transfer.resume` makes it a
 * transfer again; `transfer.cancel` without `keepParts` removes what it holds.
 */
export const UnfinishedTransfer = z.strictObject({
  id: TransferId,
  direction: z.enum(["upload", "download"]),
  name: z.string(),
  phase: z.enum(["queued", "paused", "failed", "canceled"]),
  /** It is canceled and waits only for the store to let go of the rest. */
  isRemoving: z.boolean(),
  createdAtMs: z.number(),
  pieces: z.array(UnfinishedPiece).max(UNFINISHED_PIECES_MAX),
  pieceCount: z.int().positive(),
});
export type UnfinishedTransfer = z.infer<typeof UnfinishedTransfer>;
