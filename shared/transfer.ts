import { z } from "zod";
import { PackFormat, UnpackView } from "./archive.ts";
import { ErrorInfo } from "./errors.ts";
import { ProfileId } from "./profile.ts";
import { SyncCounts } from "./sync.ts";

export const TransferId = z.uuid().brand<"TransferId">();
export type TransferId = z.infer<typeof TransferId>;

export const Direction = z.enum(["upload", "download"]);
export type Direction = z.infer<typeof Direction>;

/** Why a transfer waits or rests. */
export const Cause = z.enum([
  "user",
  "schedule",
  "limit",
  "offline",
  "disk",
  "credentials",
  "conflict",
  "source-changed",
  "object-changed",
  "upload-gone",
  "folder-missing",
  /** The page that held the rest of the files has left; dropping them again goes on. */
  "drop",
  /** Longhaul died under it again and again. */
  "crashed",
]);
export type Cause = z.infer<typeof Cause>;

/** What a running transfer is doing. */
export const Activity = z.discriminatedUnion("kind", [
  /** Walking the folder, listing the prefix, or reading what is already there. */
  z.strictObject({ kind: z.literal("preparing") }),
  z.strictObject({ kind: z.literal("moving") }),
  /** No byte for 5 s or more. */
  z.strictObject({
    kind: z.literal("stalled"),
    /** Wall clock, milliseconds. */
    sinceMs: z.number(),
    /** What came is not written: it is this machine's disk that does not answer. */
    isOnDisk: z.boolean().optional(),
    retry: z
      .strictObject({
        /** Counted from 1: the attempt that comes next. */
        attempt: z.int(),
        atMs: z.number(),
        /** Part or range number counted from 1, null when the request is not for a part. */
        part: z.int().nullable(),
        error: ErrorInfo,
      })
      .nullable(),
  }),
  /** Every byte has moved; the store is putting the object together. */
  z.strictObject({ kind: z.literal("finalising") }),
  /** Everything that arrived from the browser page is sent; more is to come. */
  z.strictObject({
    kind: z.literal("awaiting-drop"),
    /** Of files that go as one archive, once all are here: how many are, of those known so far. */
    arrived: z.strictObject({ count: z.int(), of: z.int() }).optional(),
  }),
]);
export type Activity = z.infer<typeof Activity>;

/** One transfer's phase as a window sees it; each phase carries only what is true in it. */
export const TransferStateView = z.discriminatedUnion("phase", [
  z.strictObject({ phase: z.literal("queued"), cause: Cause.nullable() }),
  z.strictObject({ phase: z.literal("running"), activity: Activity }),
  z.strictObject({
    phase: z.literal("paused"),
    cause: Cause,
    sinceMs: z.number(),
    /** When it goes on by itself, where that is a matter of time; wall clock, milliseconds. */
    untilMs: z.number().optional(),
    /** What stopped it, when that was an error. */
    error: ErrorInfo.nullable(),
  }),
  /** Compared before, or read back once every byte has moved; `doneBytes` of them so far. */
  z.strictObject({ phase: z.literal("verifying"), doneBytes: z.int().nonnegative() }),
  z.strictObject({ phase: z.literal("done"), atMs: z.number() }),
  z.strictObject({ phase: z.literal("failed"), atMs: z.number(), error: ErrorInfo }),
  z.strictObject({ phase: z.literal("canceled"), atMs: z.number() }),
]);
export type TransferStateView = z.infer<typeof TransferStateView>;

/** One end of a transfer, for people. */
export const Place = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("local"), path: z.string() }),
  /** A browser page: there is no path. */
  z.strictObject({ kind: z.literal("drop") }),
  z.strictObject({
    kind: z.literal("s3"),
    profileId: ProfileId,
    profileName: z.string(),
    bucket: z.string(),
    /** Object key, or a prefix ending in `/`, or empty for the whole bucket. */
    key: z.string(),
  }),
]);
export type Place = z.infer<typeof Place>;

/**
 * What the bytes of a finished item were compared with, best first.
 * `part-sha256`: the origin's SHA-256 of every part or piece equals ours.
 * `signed-sha256`: every part was sent under a signed SHA-256 that the server checks on receipt.
 * `full-crc`: the origin's CRC of the whole object (CRC-64/NVME, CRC-32C or CRC-32) equals ours.
 * `md5-etag`: the object's ETag is the MD5, or MD5 of part MD5s, of our bytes.
 * `size`: only the number of bytes was compared.
 */
export const Rung = z.enum(["part-sha256", "signed-sha256", "full-crc", "md5-etag", "size"]);
export type Rung = z.infer<typeof Rung>;

export const TransferView = z.strictObject({
  id: TransferId,
  direction: Direction,
  /** The file's or folder's own name. */
  name: z.string(),
  from: Place,
  to: Place,
  state: TransferStateView,
  /** Bytes that need not move again, whatever moved them; never goes back while it runs. */
  doneBytes: z.int().nonnegative(),
  /** Of `doneBytes`: were there before this transfer moved a byte. */
  keptBytes: z.int().nonnegative(),
  /** Bytes on the wire now, not yet done. */
  inFlightBytes: z.int().nonnegative(),
  /** A lower bound while `isListing`; shown with "~". */
  totalBytes: z.int().nonnegative(),
  isListing: z.boolean(),
  itemCount: z.int().nonnegative(),
  doneItemCount: z.int().nonnegative(),
  failedItemCount: z.int().nonnegative(),
  /** Links, sockets, devices and the like, left out on purpose. */
  skippedItemCount: z.int().nonnegative(),
  /** Of those: something else has their place, and is left there. */
  otherItemCount: z.int().positive().optional(),
  /** Items that wait for an answer to a conflict. */
  askingItemCount: z.int().nonnegative(),
  bytesPerSecond: z.number().nonnegative(),
  /** Null: nothing can be promised yet. */
  secondsLeft: z.number().nonnegative().nullable(),
  /** Bytes that had to be moved a second time. */
  movedTwiceBytes: z.int().nonnegative(),
  /** `doneBytes` when it last went on after a restart; null if it never was interrupted. */
  resumedAtBytes: z.int().nonnegative().nullable(),
  /** The weakest rung of its finished items; null while there is none. */
  rung: Rung.nullable(),
  /** Wall clock, milliseconds. */
  createdAtMs: z.number(),
  startedAtMs: z.number().nullable(),
  /** Milliseconds in which it was running. */
  activeMs: z.number().nonnegative(),
  /** Its own cap, beside the limits of all; null is none. */
  capBytesPerSecond: z.int().nullable(),
  /** Place in the queue; lower goes first. */
  position: z.number(),
  /** The source's contents go right below the destination, without its name. */
  contentsOnly: z.literal(true).optional(),
  /** More was wished than where from and where to: one version, another name, some of the files. */
  isParticular: z.literal(true).optional(),
  /** Of a sync. */
  sync: z.strictObject({ ...SyncCounts.shape, isDryRun: z.boolean() }).optional(),
  /** Of a folder that goes as one object. */
  archive: PackFormat.optional(),
  unpack: UnpackView.optional(),
});
export type TransferView = z.infer<typeof TransferView>;

export const ConflictAnswer = z.enum(["replace", "keep-both", "skip"]);
export type ConflictAnswer = z.infer<typeof ConflictAnswer>;

/** What to do when other content is already at the destination. Identical content never asks. */
export const ConflictRule = z.enum(["ask", "skip", "replace", "keep-both", "fail"]);
export type ConflictRule = z.infer<typeof ConflictRule>;

export const Receipt = z.strictObject({
  sizeBytes: z.int().nonnegative(),
  rung: Rung,
  /** SHA-256 of the whole file in hex, where one pass saw it all; else null. */
  sha256: z.string().nullable(),
  etag: z.string().nullable(),
  versionId: z.string().nullable(),
  partCount: z.int().positive(),
  movedTwiceBytes: z.int().nonnegative(),
  /** What this file system or endpoint could not promise, in words; usually empty. */
  notes: z.array(z.string()),
  finishedAtMs: z.number(),
});
export type Receipt = z.infer<typeof Receipt>;

export const ItemPhase = z.enum([
  "arriving",
  /** It is here, and goes together with the others of its drop: as one archive. */
  "arrived",
  "waiting",
  "moving",
  "verifying",
  "asking",
  "done",
  "skipped",
  "failed",
]);
export type ItemPhase = z.infer<typeof ItemPhase>;

export const ItemView = z.strictObject({
  /** Place in the transfer, from 0, in the order it was found. */
  index: z.int().nonnegative(),
  /** Path inside the transfer, `/` between folders. */
  name: z.string(),
  sizeBytes: z.int().nonnegative(),
  doneBytes: z.int().nonnegative(),
  phase: ItemPhase,
  error: ErrorInfo.nullable(),
  /** Why it was skipped, or under which other name it was saved; usually null. */
  note: z.string().nullable(),
  receipt: Receipt.nullable(),
});
export type ItemView = z.infer<typeof ItemView>;

export const LogLine = z.strictObject({
  atMs: z.number(),
  level: z.enum(["info", "warn", "error"]),
  text: z.string(),
});
export type LogLine = z.infer<typeof LogLine>;

/** What the detail panel shows beside the view; asked for while it is open. */
export const TransferDetail = z.strictObject({
  /** Bytes per second, one sample a second, oldest first, at most 300; the last is now. */
  speed: z.array(z.number().nonnegative()).max(300),
  map: z.strictObject({
    /** A transfer of one item maps its parts, one of many items its files. */
    unit: z.enum(["part", "file"]),
    total: z.int().nonnegative(),
    done: z.int().nonnegative(),
    inFlight: z.int().nonnegative(),
    /** Units in one cell, at least 1; at most 700 cells. */
    perCell: z.int().positive(),
    /** One character a cell: `.` nothing, `-` some, `#` all, `>` in flight, `!` being retried or failed. */
    cells: z.string().max(700),
  }),
  log: z.array(LogLine).max(500),
});
export type TransferDetail = z.infer<typeof TransferDetail>;
