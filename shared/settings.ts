import { z } from "zod";
import { NetworkSettings } from "./network.ts";
import { Limits, Rate } from "./limits.ts";
import { ProfileId } from "./profile.ts";
import { PaceMode, Week } from "./week.ts";

export { Limits, Rate };

/** A mode that holds in place of the week's, until the week's next change. */
export const PaceOverride = z.strictObject({
  mode: PaceMode,
  /** Wall clock, milliseconds. */
  untilMs: z.number(),
});
export type PaceOverride = z.infer<typeof PaceOverride>;

/** How fast everything together may go now, and until when. */
export const Pace = z.strictObject({
  mode: PaceMode,
  /** What holds now; no limit in full hours. */
  limits: Limits,
  /** Wall clock, milliseconds; null where nothing will change by itself. */
  untilMs: z.number().nullable(),
  /** The mode from then on. */
  next: PaceMode.nullable(),
  /** Somebody chose it in place of the week. */
  isOverride: z.boolean(),
});
export type Pace = z.infer<typeof Pace>;

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
  /** With a week, of its limited hours; without one, at all times. */
  limits: Limits,
  /** Null: the limits hold at all times. */
  week: Week.nullable(),
  paceOverride: PaceOverride.nullable(),
  /** Most recent first. */
  network: NetworkSettings,
  recentDestinations: z.array(Destination).max(8),
  recentFolders: z.array(z.string()).max(8),
  /** CSS pixels. */
  detailWidth: z.int().min(320).max(560),
  /** What the Library shows of a bucket. */
  libraryView: z.enum(["models", "files"]),
});
export type Settings = z.infer<typeof Settings>;
