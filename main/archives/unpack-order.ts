import type { UnpackMethod } from "#shared/archive.ts";
import { MiB } from "../bytes/sizes.ts";
import type { FileStamp } from "../disk/file-stamp.ts";

/** What an archive may not exceed; each is checked before anything is written that would. */
export type UnpackLimits = {
  /** Bytes of all files together; the room on the disk bounds them as well. */
  readonly totalBytes: number;
  /** Bytes that come out for each that goes in, where more than `ratioFreeBytes` came out. */
  readonly ratio: number;
  readonly ratioFreeBytes: number;
  readonly entries: number;
  /** Folders in folders, the file included. */
  readonly depth: number;
  readonly nameBytes: number;
  /** Of one header that describes another: long names and attributes of tar. */
  readonly metaBytes: number;
};

export const DEFAULT_LIMITS: UnpackLimits = {
  totalBytes: Number.MAX_SAFE_INTEGER,
  ratio: 1000,
  ratioFreeBytes: 64 * MiB,
  entries: 1_000_000,
  depth: 64,
  nameBytes: 4096,
  metaBytes: MiB,
};

export type UnpackOrder = {
  /**
   * Names the temporary folder beside the destination. Whoever is to sweep it up after a crash
   * remembers it first; letters, digits and `-`.
   */
  readonly id: string;
  readonly archivePath: string;
  /** What the archive is called, where its file has another name: a part file, say. */
  readonly archiveName: string;
  /** A folder that is not there yet, or is empty. */
  readonly destination: string;
  /**
   * The temporary folder stays when all is in place, without what was in it: `findExtract` tells by it
   * whose the destination is, until whoever keeps that elsewhere has it swept.
   */
  readonly isMarkKept?: boolean;
  readonly method: UnpackMethod;
  /** `inside`: makes symbolic links that stay inside, and copies of what hard links name. */
  readonly links: "skip" | "inside";
  readonly limits: UnpackLimits;
  /** Bytes of the file that are there; null when it is whole. */
  readonly availableBytes: number | null;
  /** Of the file when it was proven; nothing is put in place of one that was written to since. */
  readonly archiveStamp?: FileStamp;
};

/** Something that lies below the destination now. */
export type UnpackedEntry = {
  readonly kind: "file" | "folder" | "link";
  /** Relative to the destination, `/` between folders. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Wall clock, milliseconds, as the file system keeps it. */
  readonly modifiedAtMs: number;
};

export type SkippedKind = "symlink" | "hardlink" | "device" | "fifo" | "socket" | "label";

export type UnpackResult = {
  readonly format: Exclude<UnpackMethod, "auto">;
  readonly fileCount: number;
  readonly folderCount: number;
  readonly linkCount: number;
  readonly totalBytes: number;
  /** What was left out on purpose, by kind. */
  readonly skipped: Readonly<Partial<Record<SkippedKind, number>>>;
  /** Sentences on what is odd about the archive and does no harm. */
  readonly warnings: readonly string[];
};
