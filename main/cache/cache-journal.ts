import { z } from "zod";
import type { CacheFilter, CacheSort } from "#shared/cache.ts";
import { FileStamp } from "../disk/file-stamp.ts";
import { PartFile } from "../disk/part-file.ts";
import { EntryId } from "./entry.ts";
import type { Entry, EntryVersion } from "./entry.ts";

/** SHA-256 of a stretch of a file that was compared with its object. Together they cover the file, in order. */
export const KnownPiece = z.strictObject({
  start: z.int().nonnegative(),
  end: z.int().nonnegative(),
  /** Hex. */
  sha256: z.string(),
});
export type KnownPiece = z.infer<typeof KnownPiece>;

/**
 * What is about to be done to a file of ours, written down before: a crash on the way leaves no file
 * behind that nobody knows of. The key is the path of the file that would be left.
 */
export const CacheIntent = z.discriminatedUnion("kind", [
  /** A managed copy is being made; it has no entry yet. */
  z.strictObject({ kind: z.literal("making") }),
  /** A managed copy is deleted if it is as it was; it has no entry any more. */
  z.strictObject({ kind: z.literal("evicting"), stamp: FileStamp }),
  /** Beside a damaged file: its good pieces, and those that are fetched. */
  z.strictObject({ kind: z.literal("repairing"), id: EntryId, part: PartFile }),
]);
export type CacheIntent = z.infer<typeof CacheIntent>;

export type IntentRow = { readonly path: string; readonly intent: CacheIntent };

/** What may change of an entry; what it is a copy of changes by another `entry-put`. */
export type EntryChange = Partial<
  Pick<Entry, "isPinned" | "usedAtMs" | "verifiedAtMs" | "trouble" | "stamp" | "sha256">
>;

export type CacheChange =
  /**
   * Adds it, or replaces the one of the same file and object, which keeps its pin and its age; the
   * digests of its pieces are forgotten.
   */
  | { readonly type: "entry-put"; readonly entry: Entry }
  /** Sets what is given; with `of`, only while the entry is still of that version and file. */
  | {
      readonly type: "entry-changed";
      readonly id: EntryId;
      readonly change: EntryChange;
      readonly of?: EntryVersion;
    }
  /** It is forgotten; the file is not touched. */
  | { readonly type: "entry-removed"; readonly id: EntryId }
  /** What is known of the pieces of an entry; nothing is kept where there is none, or not `of` this. */
  | {
      readonly type: "pieces-put";
      readonly id: EntryId;
      readonly pieces: readonly KnownPiece[];
      readonly of?: EntryVersion;
    }
  | { readonly type: "intent-put"; readonly path: string; readonly intent: CacheIntent }
  | { readonly type: "intent-removed"; readonly path: string };

export type EntryQuery = {
  /** The last one of the page before; null is the first page. */
  readonly after: EntryId | null;
  readonly limit: number;
};

export type EntryListQuery = {
  readonly sort: CacheSort;
  readonly order: "up" | "down";
  readonly filter: CacheFilter;
  /** In the path, key or bucket; empty is all. */
  readonly query: string;
  /** Only files in these folders, and the managed copies; absent: all. */
  readonly below?: readonly string[] | undefined;
  /** What was not used since counts as unused; wall clock, milliseconds. */
  readonly unusedBeforeMs: number;
  readonly offset: number;
  readonly limit: number;
};

export type EntryList = {
  readonly entries: readonly Entry[];
  readonly total: number;
  readonly sizeBytes: number;
};

/** A managed copy that may be evicted, as far as its record tells. */
export type Evictable = {
  readonly entry: Entry;
  /** The record of a user's file on the same disk says that it is the same version. */
  readonly isShared: boolean;
};

export type EvictableQuery = {
  /** The cache folder that they are right in. */
  readonly folder: string;
  /** The last one of the page before. */
  readonly after: Pick<Entry, "usedAtMs" | "path"> | null;
  readonly limit: number;
};

export type EntrySums = {
  readonly usedBytes: number;
  readonly pinnedBytes: number;
  readonly count: number;
};

/** The records of what is here, as the cache needs them; the journal keeps them. */
export interface CacheJournal {
  commit(changes: readonly CacheChange[]): Promise<void>;
  /** Files that are copies of objects, at these paths; at most 1,000 paths. */
  entriesAt(paths: readonly string[]): Promise<readonly Entry[]>;
  /** All copies that are here of these objects; at most 1,000 keys. */
  entriesOf(query: {
    readonly origin: string;
    readonly keys: readonly string[];
  }): Promise<readonly Entry[]>;
  /** Whether anything of a bucket is here. */
  hasEntries(origin: string): Promise<boolean>;
  /** A page of all of them, in the order of paths. */
  entryPage(query: EntryQuery): Promise<readonly Entry[]>;
  /** A page of those that match, with the sums of all that do. */
  entryList(query: EntryListQuery): Promise<EntryList>;
  /** Managed copies that are not pinned and as they were left, the least recently used first. */
  evictable(query: EvictableQuery): Promise<readonly Evictable[]>;
  /** Of the managed copies right in a folder. */
  entrySums(folder: string): Promise<EntrySums>;
  /** Null where nothing is known. */
  entryPieces(id: EntryId): Promise<readonly KnownPiece[] | null>;
  /** All of them: they are as few as there is work under way. */
  cacheIntents(): Promise<readonly IntentRow[]>;
}
