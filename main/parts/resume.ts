import { z } from "zod";
import { FileStamp } from "../disk/file-stamp.ts";
import { PartFile } from "../disk/part-file.ts";

const Plan = {
  /** Frozen: a resumed upload cuts the file where the first run cut it. */
  partSizeBytes: z.int().positive(),
  /** Of the file that was cut; another size begins anew. */
  sizeBytes: z.int().nonnegative(),
  /** Wall clock, milliseconds: an upload of this key that is older is not ours. */
  intentAtMs: z.number(),
};

const Opened = {
  uploadId: z.string(),
  /** When a rule of the bucket would abort it, where the store said so. Wall clock, milliseconds. */
  expiresAtMs: z.number().optional(),
  ...Plan,
};

/** Half-open, bytes within the item. */
const Range = z.strictObject({ start: z.int().nonnegative(), end: z.int().nonnegative() });

/** How far a multipart upload came. A single PUT keeps nothing: it is all or nothing. */
export const SendResume = z.discriminatedUnion("step", [
  /** An upload is about to be opened, or was, without our having learned its id. */
  z.strictObject({ step: z.literal("intent"), ...Plan }),
  z.strictObject({ step: z.literal("opened"), ...Opened }),
  /** Complete was asked for; whether it took effect is for the store to say. */
  z.strictObject({
    step: z.literal("completing"),
    /** ETag of the object that was to be replaced; absent where nothing was. */
    replacedEtag: z.string().optional(),
    ...Opened,
  }),
]);
export type SendResume = z.infer<typeof SendResume>;

/** A part that the store answered for. */
export const SentPart = z.strictObject({
  /** Counted from 1. */
  number: z.int().positive(),
  start: z.int().nonnegative(),
  end: z.int().nonnegative(),
  etag: z.string(),
  /** Hex, of the bytes that were sent. */
  sha256: z.string(),
});
export type SentPart = z.infer<typeof SentPart>;

/** How far a download came. */
export const FetchResume = z.strictObject({
  /** The object's ETag and size when it began; another one begins anew. */
  etag: z.string(),
  sizeBytes: z.int().nonnegative(),
  /** Where the bucket keeps versions: it can be gone on with also when there is a newer one. */
  versionId: z.string().nullable().default(null),
  part: PartFile,
  /** The partial file when this was saved: if it is another now, somebody else may have written to it. */
  stamp: FileStamp.nullable().default(null),
  /** Bytes that survive a power cut. */
  durable: z.array(Range),
  /** Of these: digested and equal to what the origin says. */
  proven: z.array(Range),
});
export type FetchResume = z.infer<typeof FetchResume>;
