import { z } from "zod";

/** That a folder is what came out of one version of one archive. */
export const Unpacked = z.strictObject({
  /** Absolute. */
  destination: z.string(),
  origin: z.string(),
  key: z.string(),
  etag: z.string(),
  /** Of the archive. */
  sizeBytes: z.int().nonnegative(),
  /** Wall clock, milliseconds. */
  unpackedAtMs: z.number(),
});
export type Unpacked = z.infer<typeof Unpacked>;

/** A file below it, as it was put there. */
export const UnpackedFile = z.strictObject({
  /** Relative, `/` between folders. */
  path: z.string(),
  sizeBytes: z.int().nonnegative(),
  /** Decimal. */
  mtimeNs: z.string(),
});
export type UnpackedFile = z.infer<typeof UnpackedFile>;

/** Most files in one change or one answer. */
export const FILES_PER_PAGE = 1000;
