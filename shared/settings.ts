import { z } from "zod";
import { ProfileId } from "./profile.ts";

/** Bytes per second; null is no limit. The lowest limit keeps sockets alive at all. */
const Rate = z.int().min(1024).nullable();

export const Limits = z.strictObject({
  downBytesPerSecond: Rate,
  upBytesPerSecond: Rate,
});
export type Limits = z.infer<typeof Limits>;

/** A place in a bucket, or a bucket: what an upload goes to. */
export const Destination = z.strictObject({
  profileId: ProfileId,
  bucket: z.string().min(1).max(255),
  /** Empty, or ending in `/`. */
  prefix: z.string().max(1024),
});
export type Destination = z.infer<typeof Destination>;

export const Settings = z.strictObject({
  theme: z.enum(["system", "light", "dark"]),
  density: z.enum(["comfortable", "compact"]),
  /** 80 to 200. */
  textSizePercent: z.int().min(80).max(200),
  /** `decimal`: 1 GB is 10^9 bytes; `binary`: 1 GiB is 2^30. */
  sizeUnits: z.enum(["decimal", "binary"]),
  rateUnits: z.enum(["bytes", "bits"]),
  reduceMotion: z.boolean(),
  /** Where the Library puts what it gets. Absolute path. */
  downloadFolder: z.string(),
  /** Transfers at once, each way. */
  maxUploads: z.int().min(1).max(20),
  maxDownloads: z.int().min(1).max(20),
  limits: Limits,
  /** Most recent first. */
  recentDestinations: z.array(Destination).max(8),
  recentFolders: z.array(z.string()).max(8),
  /** CSS pixels. */
  detailWidth: z.int().min(320).max(560),
});
export type Settings = z.infer<typeof Settings>;
