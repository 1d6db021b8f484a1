import type { packEntries } from "../archives/pack-entries.ts";
import type { packFolder } from "../archives/pack-folder.ts";
import type { BucketAccess } from "#shared/object-options.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { Journal } from "./journal.ts";
import type { KeyGuess } from "./key-guess.ts";
import type { TransferBook } from "./transfer-book.ts";
import type { RunSpace } from "./run-space.ts";
import type { RunProgress } from "./run-progress.ts";
import type { TransferRecord } from "./transfer-record.ts";
import type { TransferSpec } from "./transfer-spec.ts";
import type { SpaceLedger } from "../disk/free-space.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import type { ItemAtWork } from "./item-at-work.ts";
import type { LocalCopies } from "../cache/local-copies.ts";
import type { Clock } from "../flow/clock.ts";
import type { Patience } from "../flow/patience.ts";
import type { MoveObserver, MoveTools, Retry, Slots } from "../parts/ports.ts";
import type { Store } from "../stores/store.ts";
import type { Wire } from "../wire/wire.ts";
import { rangeBytesUnderCap } from "../flow/cap-sizes.ts";
import { bucketOf, profileIdOf } from "./transfer-spec.ts";

/** A file to send, as it was when it was found. */
export type FileSource = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly stamp: FileStamp;
};

/** Slots for data requests to an endpoint: fewer while it asks to slow down. */
export interface EndpointSlots extends Slots {
  /** @param holder Whoever holds least goes first. */
  acquire(signal: AbortSignal, holder?: string): Promise<() => void>;
  /** Runs a request, and learns from how it ends. */
  heed<T>(request: () => Promise<T>): Promise<T>;
}

/** A bucket under a profile, and what requests to its endpoint share. */
export type OpenedStore = {
  readonly store: Store;
  /** Where its objects are, whatever profile goes there: as `originOf` says. */
  readonly origin: string;
  /** One for all transfers to the endpoint. */
  readonly slots: EndpointSlots;
  /** How many slots there are at most. */
  readonly connections: number;
  /** What the profile asks for; null is the default. */
  readonly partSizeBytes: number | null;
};

/** Items of one transfer at once: small ones side by side, large ones with many parts each. */
export type ItemLimits = { readonly small: number; readonly large: number };

/** What running transfers need from the engine. */
export type RunPorts = {
  readonly journal: Journal;
  readonly book: TransferBook;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly space: SpaceLedger;
  /** @throws {LonghaulError} `profile-missing`, `credentials-missing`, … */
  readonly openStore: (
    profileId: ProfileId,
    bucket: string,
    signal: AbortSignal,
    access?: BucketAccess,
  ) => Promise<OpenedStore>;
  /** Saved or lent, now. */
  readonly hasProfile: (id: ProfileId) => boolean;
  /**
   * The policy of trying again, for requests whose waits this observer hears of. Without a patience
   * to share they have one of their own.
   */
  readonly retryFor: (
    observer: Pick<MoveObserver, "retrying" | "retried">,
    patience?: Patience,
  ) => Retry;
  /** How long a run of a transfer that begins now keeps trying. */
  readonly newPatience: () => Patience;
  readonly itemLimits: () => ItemLimits;
  /** Makes an archive of a folder as it is read. */
  readonly packFolder: typeof packFolder;
  /** Makes one of files that are in no folder of their own. */
  readonly packEntries: typeof packEntries;
  /** A file without bytes, to send for what has none. */
  readonly emptyFile: () => Promise<FileSource>;
  /** Most bytes of one ranged GET under the cap of now. */
  readonly rangeBytes: () => number;
  /** What all downloads with a profile share; null is no limit. */
  readonly downCapOf?: (id: ProfileId) => number | null;
  /** Copies of objects that are here already; absent: nobody looks for any. */
  readonly copies?: Pick<LocalCopies, "reach" | "keep"> | undefined;
  /** Folders that Longhaul keeps for itself: a sync deletes nothing in them. */
  readonly protectedPaths?: () => readonly string[];
  /** Whether names in a folder that differ in case are one; absent: found out by what is on the disk. */
  readonly foldsCase?: (folder: string) => Promise<boolean>;
  /** The journal was lost, and with it what was begun at stores. */
  readonly isJournalLost?: boolean | undefined;
};

/** One run of one transfer. */
export type Run = {
  readonly ports: RunPorts;
  /** As it was when the run began; `ports.book` has it as it is. */
  readonly record: TransferRecord;
  readonly opened: OpenedStore;
  readonly progress: RunProgress;
  /** One for all its requests. */
  readonly patience: Patience;
  readonly keys: KeyGuess;
  /** Of a download. */
  readonly space: RunSpace | null;
  /** Hears of what is no `LonghaulError`. */
  readonly onBug: (error: unknown) => void;
};

/** The store that a transfer moves from or to. */
export async function openStoreOf(
  spec: TransferSpec,
  { openStore }: Pick<RunPorts, "openStore">,
  signal: AbortSignal,
): Promise<OpenedStore> {
  return await openStore(profileIdOf(spec), bucketOf(spec), signal, spec.access);
}

/** The policy of trying again, from which the endpoint's slots learn how many it takes. */
export function heedful(retry: Retry, { slots }: Pick<OpenedStore, "slots">): Retry {
  return {
    run: async (part, attempt, signal) =>
      await retry.run(part, async () => await slots.heed(attempt), signal),
  };
}

/** As it is now: it may have changed since the run began. */
function capOf({ ports, record }: Run): number {
  const own = ports.book.find(record.id)?.counters.capBytesPerSecond ?? Infinity;
  return Math.min(own, ports.downCapOf?.(profileIdOf(record.spec)) ?? Infinity);
}

function finite(rate: number): number | null {
  return rate === Infinity ? null : rate;
}

/** What moving one item works with. */
export function toolsOf({ run, progress }: ItemAtWork): MoveTools {
  const { ports, opened, record } = run;
  return {
    store: opened.store,
    wire: ports.wire,
    slots: { acquire: async (signal) => await opened.slots.acquire(signal, record.id) },
    retry: heedful(ports.retryFor(progress, run.patience), opened),
    clock: ports.clock,
    meter: run.progress.meter,
    observer: progress,
    lanes: opened.connections,
    rangeBytes: () => Math.min(ports.rangeBytes(), rangeBytesUnderCap(finite(capOf(run)))),
    onVolume: run.space?.onVolume,
  };
}
