import type { ErrorInfo } from "#shared/errors.ts";
import type { ByteRange } from "../bytes/byte-range.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import type { Clock } from "../flow/clock.ts";
import type { ObjectAttributes, ObjectInfo, Store, WriteCondition } from "../stores/store.ts";
import type { Meter, Wire } from "../wire/wire.ts";
import type { FetchResume, SendResume, SentPart } from "./resume.ts";

/**
 * What moving one item needs from above. Two verbs stand on it:
 *
 *     sendItem(order: SendItem, journal: SendJournal, tools: MoveTools, signal) → Receipt
 *     fetchItem(order: FetchItem, journal: FetchJournal, tools: MoveTools, signal) → Receipt
 *
 * Both go on from what an earlier run journaled, retry what is worth it, and have nothing of
 * theirs under way any more when they settle, be it by success, failure or abort. What is in the
 * journal then is enough to go on.
 */
export type MoveTools = {
  readonly store: Store;
  readonly wire: Wire;
  readonly slots: Slots;
  readonly retry: Retry;
  readonly clock: Clock;
  /** Counts what this item moves; may be shared by all items of a transfer. */
  readonly meter: Meter;
  readonly observer: MoveObserver;
  /**
   * Parts or ranges of this item under way at once. What is on the wire at once is for `slots` to
   * say; a few more lanes than slots keep the wire busy while others wait for the journal.
   */
  readonly lanes: number;
  /** For calls that make and name files; without it they are made as they come. */
  readonly onVolume?: OnVolume | undefined;
  /** Most bytes in one ranged GET now, under the cap of now: 64 KiB to 16 MiB. */
  readonly rangeBytes: () => number;
};

/** Runs a call that may have to wait for a disk, when it is its turn. @throws what it throws; AbortError */
export type OnVolume = <T>(call: () => Promise<T>, signal: AbortSignal) => Promise<T>;

export const AT_ONCE: OnVolume = async (call) => await call();

/** One slot is one data request under way to an endpoint; shared by all transfers to it. */
export interface Slots {
  /** Waits in order; gives the slot back when the result is called. @throws AbortError */
  acquire(signal: AbortSignal): Promise<() => void>;
}

/** Where the policy of trying again lives; no slot or buffer is held while it waits. */
export interface Retry {
  /**
   * Repeats `attempt`, which is safe to repeat, while its failure is worth it.
   *
   * @param part Part or range number counted from 1; null for a request that is for no part.
   * @throws the last attempt's error; AbortError.
   */
  run<T>(part: number | null, attempt: () => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** `preparing`: asking the store, and reading again what an earlier run sent. */
export type MoveStage = "preparing" | "moving" | "verifying" | "finalising";

/** Hears how an item is getting on. Called often; returns at once and never throws. */
export interface MoveObserver {
  stage(stage: MoveStage): void;
  /**
   * `range` is a part or range whose request is under way; `settled` follows with the same object,
   * whatever happens.
   */
  started(range: ByteRange): void;
  settled(range: ByteRange): void;
  /**
   * These bytes need not move again. `isKept`: an earlier run moved them. No byte is reported twice
   * without `undone` between.
   */
  done(range: ByteRange, isKept: boolean): void;
  /** Bytes that were reported done are wrong and move again. */
  undone(range: ByteRange): void;
  /** Bytes that crossed the wire in vain; an upper bound where nobody knows. */
  movedTwice(bytes: number): void;
  /** Bytes read back so far in stage `verifying`; begins at 0 with every method of proof that is tried. */
  verified(doneBytes: number): void;
  /** A request failed and will be repeated. */
  retrying(notice: RetryNotice): void;
  /** The wait that `retrying` told of is over. */
  retried(part: number | null): void;
}

export type RetryNotice = {
  /** Counted from 1: the attempt that comes next. */
  readonly attempt: number;
  /** When; wall clock, milliseconds. */
  readonly atMs: number;
  readonly part: number | null;
  readonly error: ErrorInfo;
};

/** One file to one key. */
export type SendItem = {
  readonly path: string;
  readonly sizeBytes: number;
  /** What the file must be from the first byte to the last: the walk's snapshot. */
  readonly stamp: FileStamp;
  readonly key: string;
  readonly condition: WriteCondition;
  /** Asked for by a person or a profile; null is 16 MiB. Ignored once an upload is open. */
  readonly partSizeBytes: number | null;
  readonly attributes?: ObjectAttributes | undefined;
  /** What `SendJournal` was told by earlier runs; null and empty at first. */
  readonly resume: SendResume | null;
  readonly sent: readonly SentPart[];
};

/** Each resolves when it is durable. */
export interface SendJournal {
  /** Replaces what was saved. An `intent` also forgets all parts, in the same commit. */
  saved(resume: SendResume): Promise<void>;
  /** The store holds this part; the same number again replaces it. */
  stored(part: SentPart): Promise<void>;
  /** A PUT of the whole file was stopped under way: the store may take it all the same. */
  mayLand?(sha256: string): Promise<void>;
}

/** One object to one file. */
export type FetchItem = {
  /** Must exist; the folders from there to `path` are made. No link may lead out of it. */
  readonly root: string;
  /** Pinned: bytes of another ETag or size are never mixed in. */
  readonly object: ObjectInfo;
  /** The final name. */
  readonly path: string;
  /** The file that may be replaced, as it was when that was agreed; null: nothing may be there. */
  readonly replaces: FileStamp | null;
  /** The file gets the permissions that the object names. */
  readonly isModeKept?: boolean;
  /** What `FetchJournal` was told by earlier runs; null at first. */
  readonly resume: FetchResume | null;
};

export interface FetchJournal {
  /** Replaces what was saved; resolves when it is durable. Called at most about twice a second. */
  saved(resume: FetchResume): Promise<void>;
  /** The file has its name, and this stamp: as long as it has, its bytes are the object's. */
  named?(stamp: FileStamp): void;
}
