import { z } from "zod";
import { PackFormat } from "#shared/archive.ts";
import { ConflictAnswer } from "#shared/transfer.ts";
import { FileStamp } from "../disk/file-stamp.ts";
import { FetchResume, SendResume } from "../parts/resume.ts";

const Taken = z.strictObject({
  etag: z.string(),
  sizeBytes: z.int().nonnegative(),
  versionId: z.string().nullable(),
  modifiedAtMs: z.number(),
});

/** What a sync deletes, as it was when that was found out: anything else at its place stays. */
export const ExtraSource = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("extra-object"), key: z.string(), etag: z.string() }),
  z.strictObject({ kind: z.literal("extra-file"), path: z.string(), stamp: FileStamp }),
]);
export type ExtraSource = z.infer<typeof ExtraSource>;

/** Where an uploaded item's bytes are, as the walk saw it. */
export const UploadSource = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("file"),
    path: z.string(),
    stamp: FileStamp,
    /** What a listing saw under its key; null: nothing. Absent: nobody looked. */
    taken: Taken.nullable().optional(),
  }),
  /** It could not be read when the folder was walked; a retry looks again. */
  z.strictObject({ kind: z.literal("unread"), path: z.string() }),
  /** An empty folder that becomes an object of no bytes. */
  z.strictObject({ kind: z.literal("folder") }),
  /** A folder that goes as one object. */
  z.strictObject({ kind: z.literal("archive"), path: z.string(), format: PackFormat }),
  /**
   * The other items of a drop, as one object. Their rows carry the bytes, and this one none: so
   * nothing is counted twice.
   */
  z.strictObject({ kind: z.literal("arrivals"), format: PackFormat }),
  /** A file that a browser page sends into `path`; its stamp is taken when it is whole. */
  z.strictObject({
    kind: z.literal("arrival"),
    path: z.string(),
    stamp: FileStamp.nullable(),
    /** When it was changed where the page has it. Wall clock, milliseconds. */
    modifiedAtMs: z.number().optional(),
  }),
]);
export type UploadSource = z.infer<typeof UploadSource>;

/** Whether an item is all others of its drop, as one object. */
export function isOfArrivals(source: unknown): boolean {
  // Asked about every item: nothing is parsed for it.
  return source instanceof Object && "kind" in source && source.kind === "arrivals";
}

/** The object a downloaded item comes from, as it was listed. */
export const DownloadSource = z.strictObject({
  key: z.string(),
  etag: z.string(),
  versionId: z.string().nullable(),
  modifiedAtMs: z.number(),
  /** Below the destination folder, `/` between folders, safe as file names here. */
  path: z.string(),
  /** An empty object whose key ends in `/`: it stands for a folder. */
  isFolder: z.boolean(),
});
export type DownloadSource = z.infer<typeof DownloadSource>;

/** What an item goes on with. */
export const ItemResume = z.strictObject({
  /** A person's answer to its conflict. */
  answer: ConflictAnswer.nullable(),
  /** The other name it was given to keep both; null is its own. */
  otherName: z.string().nullable(),
  send: SendResume.nullable(),
  fetch: FetchResume.nullable(),
  /** SHA-256 of a file whose only PUT was stopped under way, and may have been taken all the same. */
  mayHaveLanded: z.string().optional(),
  /** Of a file that a browser page sends: how much of it is durable here. */
  arrivedBytes: z.int().nonnegative(),
  /** That its object is another one by now was said; whoever goes on means that one. */
  isChangeSaid: z.boolean().default(false),
  /** Names the temporary folder that its archive is unpacked in. */
  unpackId: z.string().nullable().default(null),
  /** The other folder it is unpacked into to keep both; null is the one that was asked for. */
  unpackInto: z.string().nullable().default(null),
  /** The question, and its answer, are about the folder and not about the file. */
  isUnpackAsked: z.boolean().default(false),
});
export type ItemResume = z.infer<typeof ItemResume>;

const NOTHING_YET: ItemResume = {
  answer: null,
  otherName: null,
  send: null,
  fetch: null,
  arrivedBytes: 0,
  isChangeSaid: false,
  unpackId: null,
  unpackInto: null,
  isUnpackAsked: false,
};

/** @throws {z.ZodError} when the journal holds what no version wrote. */
export function readResume(value: unknown): ItemResume {
  return value === null ? NOTHING_YET : ItemResume.parse(value);
}
