import type { ErrorInfo } from "#shared/errors.ts";
import type { CacheChange, CacheJournal } from "../cache/cache-journal.ts";
import type { UnpackedChange, UnpackedJournal } from "./journal-unpacked.ts";
import type { Direction, ItemPhase, LogLine, Receipt, TransferId } from "#shared/transfer.ts";

/**
 * The durable record that makes resume possible. SQLite in a thread of its own: whoever commits
 * waits for the disk, nobody's event loop does.
 *
 * Columns typed `unknown` are JSON that the journal keeps and never looks into; their owner parses
 * them. They must survive `JSON.stringify`; `undefined` is kept as null.
 */
export interface Journal extends Omit<CacheJournal, "commit">, UnpackedJournal {
  /**
   * All changes of one call, or none, durable when it resolves. Calls take effect in call order and
   * share transactions. What names a transfer or an item that is not there changes nothing: its
   * owner was removed meanwhile.
   *
   * Await it before the next one of the same kind: that is what bounds the queue.
   *
   * @throws {LonghaulError} `disk-full`, `disk-failed`; `unsupported` when a newer version of
   * Longhaul wrote the file and it is open for reading only.
   */
  commit(changes: readonly JournalChange[]): Promise<void>;

  /** All that were not removed, by position, then by age. Every read sees every earlier commit. */
  transfers(): Promise<readonly TransferRow[]>;

  /** In index order. */
  items(query: ItemQuery): Promise<readonly ItemRow[]>;

  /** Sums over all items of the transfer, kept as items change: the same cost for one and a million. */
  itemTotals(transferId: TransferId): Promise<ItemTotals>;

  /** By number. */
  parts(transferId: TransferId, itemIndex: number): Promise<readonly PartRow[]>;

  /** Items in phase `arriving` with one of these keys, latest transfer first; at most 500 keys. */
  arrivals(keys: readonly string[]): Promise<readonly ItemRow[]>;

  /** The last `limit` lines, oldest first. The journal keeps about 500 of each transfer. */
  log(transferId: TransferId, limit: number): Promise<readonly LogLine[]>;

  /** Commits what waits, folds the write-ahead log into the file and ends the thread. */
  close(): Promise<void>;
}

/** What was found when the file was opened. */
export type JournalOpening = {
  readonly journal: Journal;
  /** A damaged journal was moved here and another one begun; null when all was well. */
  readonly recoveredFrom: string | null;
  /** That one is an older copy of it; else it is empty. */
  readonly isOldCopy: boolean;
  /** A newer version of Longhaul wrote it: it can be read, and `commit` throws `unsupported`. */
  readonly isReadOnly: boolean;
};

export type TransferRow = {
  readonly id: TransferId;
  /** Place in the queue, lower first; any number. */
  readonly position: number;
  readonly direction: Direction;
  readonly name: string;
  /** Equal for the same source and destination, so that the same command finds its transfer. */
  readonly specKey: string;
  /** The request. */
  readonly spec: unknown;
  readonly state: unknown;
  /** How far the walk or listing came: a cursor, or that it is complete. */
  readonly listing: unknown;
  /** Sums and marks that its owner keeps beside the totals of the items. */
  readonly counters: unknown;
  /** Wall clock, milliseconds, as the other two. */
  readonly createdAtMs: number;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  /** Milliseconds in which it was running. */
  readonly activeMs: number;
};

export type ItemRow = {
  readonly transferId: TransferId;
  /** From 0, without gaps, in the order in which items were found. */
  readonly index: number;
  readonly name: string;
  readonly sizeBytes: number;
  readonly phase: ItemPhase;
  readonly doneBytes: number;
  /** Of `doneBytes`: were there before this transfer moved a byte. */
  readonly keptBytes: number;
  /** Path and stamp of a file, or key, ETag and version of an object. */
  readonly source: unknown;
  /** What to go on with: upload id, part size, part file; null when nothing was begun. */
  readonly resume: unknown;
  /** Set for what a browser page sends: name, size and time of the dropped file, as one text. */
  readonly arrivalKey: string | null;
  readonly error: ErrorInfo | null;
  readonly note: string | null;
  readonly receipt: Receipt | null;
};

/** A part that the store holds, or a range that is durable on disk. */
export type PartRow = {
  /** From 1. */
  readonly number: number;
  /** Half-open, bytes within the item. */
  readonly start: number;
  readonly end: number;
  /** As the store answered, for a part; null for a range. */
  readonly etag: string | null;
  /** Hex; null where it was not computed. */
  readonly sha256: string | null;
  /** Whatever else proves it later; usually null. */
  readonly proof: unknown;
};

export type ItemQuery = {
  readonly transferId: TransferId;
  readonly limit: number;
  /** Only these phases; empty or absent is all. */
  readonly phases?: readonly ItemPhase[];
  /** Only items that have a `resume`: few, among a million. Not together with `phases` or `offset`. */
  readonly isBegun?: boolean;
  /** Only items after this index: the cheap way to page on. */
  readonly afterIndex?: number;
  /** How many of those that match to leave out first. */
  readonly offset?: number;
};

export type PhaseTotals = {
  readonly count: number;
  readonly sizeBytes: number;
  readonly doneBytes: number;
  readonly keptBytes: number;
};

export type ItemTotals = PhaseTotals & {
  /** Every phase is there, with zeros where no item is in it. */
  readonly byPhase: Readonly<Record<ItemPhase, PhaseTotals>>;
};

/** An item as it is found; what is absent is 0, null, or `waiting`. */
export type NewItem = Pick<ItemRow, "index" | "name" | "sizeBytes" | "source"> &
  Partial<Omit<ItemRow, "transferId">>;

/** Most items in one `items-added`. */
export const ITEMS_PER_COMMIT = 1000;

export type JournalChange =
  /** Adds it, or replaces the one of the same id; its items stay. */
  | { readonly type: "transfer-put"; readonly row: TransferRow }
  /** Sets what is given. */
  | ({ readonly type: "transfer-changed"; readonly id: TransferId } & Partial<
      Omit<TransferRow, "id">
    >)
  /** It is gone at once, with items, parts and log; their rows are deleted little by little. */
  | { readonly type: "transfer-removed"; readonly id: TransferId }
  /** At most `ITEMS_PER_COMMIT`. An index that is already there stays as it is: a page that comes twice adds nothing. */
  | {
      readonly type: "items-added";
      readonly transferId: TransferId;
      readonly items: readonly NewItem[];
    }
  /** Sets what is given. `done` and `skipped` drop the item's parts and its `resume`. */
  | ({
      readonly type: "item-changed";
      readonly transferId: TransferId;
      readonly index: number;
    } & Partial<Omit<ItemRow, "transferId" | "index">>)
  /**
   * Moves every item of some phases to another and forgets its error: a retry, an answer for all.
   * To `done` all their bytes count as done, to `skipped` as kept, too.
   */
  | {
      readonly type: "items-moved";
      readonly transferId: TransferId;
      readonly from: readonly ItemPhase[];
      readonly to: ItemPhase;
    }
  /** Durable at the store or on disk, and not before. The same number again replaces it. */
  | {
      readonly type: "part-stored";
      readonly transferId: TransferId;
      readonly itemIndex: number;
      readonly part: PartRow;
    }
  /** Forgets all parts of an item, or those of these numbers. */
  | {
      readonly type: "parts-dropped";
      readonly transferId: TransferId;
      readonly itemIndex: number;
      readonly numbers?: readonly number[];
    }
  /** What is known of files here. */
  | CacheChange
  | { readonly type: "unpacked"; readonly unpacked: UnpackedChange }
  | { readonly type: "logged"; readonly transferId: TransferId; readonly line: LogLine };
