import { z } from "zod";
import { PackFormat, UnpackMethod } from "./archive.ts";
import { BucketAccess, ObjectOptions } from "./object-options.ts";
import { ProfileId } from "./profile.ts";
import { Destination } from "./settings.ts";
import { SyncWish } from "./sync.ts";
import { ConflictRule } from "./transfer.ts";

/**
 * A file or folder of the host. A page names paths only below what the host lets it see
 * (`serve --root`); a desktop window uses handles that the host gave out for a drop or a dialog.
 */
export const LocalRef = z.union([
  z.strictObject({ path: z.string().min(1) }),
  z.strictObject({ handle: z.string().min(1) }),
]);
export type LocalRef = z.infer<typeof LocalRef>;

/** A file that a browser page holds; its bytes come in requests. */
export const DroppedFile = z.strictObject({
  /**
   * Path inside the drop, `/` between folders: `tree/a/b.bin`. Of a folder that goes as one archive
   * an empty folder in it is told of, too: `tree/empty/`, of no bytes.
   */
  name: z.string().min(1).max(4096),
  sizeBytes: z.int().nonnegative(),
  modifiedAtMs: z.number(),
});
export type DroppedFile = z.infer<typeof DroppedFile>;

/** Where to send a dropped file's bytes: `POST /incoming/<ticket>?offset=<offsetBytes>`. */
export const DropTicket = z.strictObject({
  ticket: z.string(),
  offsetBytes: z.int().nonnegative(),
});
export type DropTicket = z.infer<typeof DropTicket>;

/** Most bytes in one `POST /incoming` request. */
export const INCOMING_MAX_BYTES = 64 * 1024 * 1024;

const UploadOptions = {
  onConflict: ConflictRule.default("ask"),
  followSymlinks: z.boolean().default(false),
  /** Also make `name/` objects for empty folders. */
  emptyFolders: z.boolean().default(false),
  /** Globs on the path inside the transfer; empty is all. */
  include: z.array(z.string()).default([]),
  exclude: z.array(z.string()).default([]),
  partSizeBytes: z.int().positive().nullable().default(null),
  /** Fetch every object again when it is there, and compare it with its file. */
  readBack: z.boolean().default(false),
  sync: SyncWish.optional(),
  /** Over the profile's own. */
  object: ObjectOptions.optional(),
  access: BucketAccess.optional(),
};

export const UploadRequest = z.strictObject({
  sources: z.array(LocalRef).min(1).max(10_000),
  destination: Destination,
  /** The object's name in place of the source's own; for one file only. */
  rename: z.string().min(1).nullable().default(null),
  /** A lone folder's contents go right under the prefix, without the folder's name. */
  contentsOnly: z.boolean().default(false),
  /** A lone folder goes as one object: an archive that is packed as it is sent. */
  archive: PackFormat.optional(),
  ...UploadOptions,
});
export type UploadRequest = z.infer<typeof UploadRequest>;

export const DropRequest = z.strictObject({
  destination: Destination,
  /** What the transfer is called: the file's or folder's name, or the first's. */
  name: z.string().min(1),
  /** The drop is one folder, called so; it goes as one object, packed when all of it is here. */
  archive: PackFormat.optional(),
  onConflict: ConflictRule.default("ask"),
  object: ObjectOptions.optional(),
  access: BucketAccess.optional(),
});
export type DropRequest = z.infer<typeof DropRequest>;

/** Each is looked at for every key. */
export const KeptFolders = z.array(z.string().endsWith("/")).max(1000);

export const DownloadRequest = z.strictObject({
  profileId: ProfileId,
  bucket: z.string().min(1),
  /** Object keys, and prefixes ending in `/`. */
  keys: z.array(z.string()).min(1).max(10_000),
  folder: LocalRef,
  /** The file's name in place of the key's last part; for one object only. */
  rename: z.string().min(1).nullable().default(null),
  /** A prefix's contents go right into the folder, without the prefix's last part as a folder. */
  contentsOnly: z.boolean().default(false),
  /**
   * Prefixes ending in `/`: of an object below one that is asked for by its key, the prefix's last part
   * and what follows are its path, as if the whole prefix had been asked for.
   */
  keptFolders: KeptFolders.optional(),
  onConflict: ConflictRule.default("ask"),
  /** Read every file again when it is there, and compare it with its object. */
  readBack: z.boolean().default(false),
  include: z.array(z.string()).default([]),
  exclude: z.array(z.string()).default([]),
  access: BucketAccess.optional(),
  /** An earlier version; for one object only. */
  versionId: z.string().min(1).optional(),
  preserveMode: z.boolean().optional(),
  /**
   * A file that is an older version of its object, and that nobody wrote to since, is no conflict:
   * the new version takes its place.
   */
  replacesStale: z.boolean().optional(),
  /** Keep a copy in a cache folder, where that takes no room of its own. */
  cache: z.boolean().default(false),
  /** Unpack the object, an archive, when it is here; for one object only. */
  unpack: z
    .strictObject({ destination: LocalRef, method: UnpackMethod.default("auto") })
    .nullable()
    .default(null),
  sync: SyncWish.optional(),
});
export type DownloadRequest = z.infer<typeof DownloadRequest>;
