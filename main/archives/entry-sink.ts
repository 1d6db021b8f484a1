import type { SkippedKind } from "./unpack-order.ts";

/** What an archive says about one of its entries. */
export type EntryHead = {
  readonly kind: "file" | "folder" | SkippedKind;
  /** As the archive has it, decoded and not yet trusted. */
  readonly name: string;
  /** Null where the format does not say it ahead. */
  readonly sizeBytes: number | null;
  /** Permissions as in `st_mode`; null where the format has none. */
  readonly mode: number | null;
  readonly modifiedAtMs: number | null;
  /** What a link names; "" for all others. */
  readonly target: string;
};

/**
 * Takes the entries of one archive in their order: `begin`, `data` as often as needed and `end` for
 * files, `begin` alone for all others. Every call may throw a `LonghaulError`, which ends it all.
 */
export interface EntrySink {
  begin(head: EntryHead): void;
  /** The chunk is used up when it returns. */
  data(chunk: Buffer): void;
  end(): void;
  /** Whether to wait for `room` before the next entry. */
  readonly isFull: boolean;
  room(): Promise<void>;
}
