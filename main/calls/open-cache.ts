import { dirname } from "node:path";
import type { CacheEvent } from "#shared/cache.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { CacheJournal } from "../cache/cache-journal.ts";
import type { Entry, EntryId } from "../cache/entry.ts";
import type { ViewPorts } from "../cache/cache-views.ts";
import type { VerifyPorts } from "../cache/verify-entry.ts";
import type { Volume } from "../disk/free-space.ts";
import type { EngineHost } from "../engine-host.ts";
import type { MoveObserver, MoveTools } from "../parts/ports.ts";
import type { RunPorts } from "../transfers/run-ports.ts";
import type { TransferBook } from "../transfers/transfer-book.ts";
import type { Wire } from "../wire/wire.ts";
import type { Setup } from "./setup.ts";
import { isAbort } from "#shared/errors.ts";
import { CacheFolders } from "../cache/cache-folders.ts";
import { CacheWorker } from "../cache/cache-worker.ts";
import { idOf } from "../cache/entry.ts";
import { Eviction } from "../cache/eviction.ts";
import { HeldPaths } from "../cache/held-paths.ts";
import { wantedBy } from "../cache/is-wanted.ts";
import { LocalCopies } from "../cache/local-copies.ts";
import { sweepIntents } from "../cache/sweep-intents.ts";
import { cloneFile } from "../disk/clone-file.ts";
import { readVolumeOf } from "../disk/free-space.ts";
import { Semaphore } from "../flow/semaphore.ts";
import { originOf } from "../stores/origin.ts";
import { heedful } from "../transfers/run-ports.ts";
import { isActive, isSettled } from "../transfers/transfer-state.ts";
import { CacheNews } from "./cache-news.ts";

/** How often is looked whether quotas and floors are kept: disks fill up without us, too. */
const TEND_EVERY_MS = 60_000;
/** After each read while transfers run: so many times as long as it took, at most. */
const POLITE_TIMES = 2;
const POLITE_MOST_MS = 1000;
/** Requests of a repair at once. */
const REPAIR_LANES = 4;

/** What is on this machine, and what is done about it in the background. */
export type Cache = ViewPorts & {
  readonly journal: CacheJournal;
  readonly folders: CacheFolders;
  readonly eviction: Eviction;
  readonly worker: CacheWorker;
  readonly copies: LocalCopies;
  readonly clock: EngineHost["clock"];
  readonly readVolume: (folder: string) => Promise<Volume>;
  /** Entries or folders are others now. */
  readonly changed: () => void;
  /** Forgets the copies in a folder that is no cache folder any more; touches none. */
  forgetIn(folder: string): Promise<void>;
  /** Finishes what a crash cut short; before anything else of the cache. Never rejects. */
  sweep(): Promise<void>;
  /** Keeps to quotas and floors, until the engine closes. Never rejects. */
  tend(): Promise<void>;
  close(): Promise<void>;
};

type Base = {
  readonly host: EngineHost;
  readonly journal: CacheJournal;
  readonly wire: Wire;
  readonly setup: Setup;
  /** Aborts when the engine closes. */
  readonly signal: AbortSignal;
  readonly emit: (event: CacheEvent) => void;
};

/** What only the queue knows; it is made after the cache, which it uses. */
export type QueueOfCache = {
  readonly book: Pick<TransferBook, "list">;
  readonly ports: Pick<RunPorts, "openStore" | "retryFor" | "newPatience" | "rangeBytes">;
};

export function openCache(base: Base, queue: () => QueueOfCache): Cache {
  const { host, journal, setup, signal } = base;
  const { clock } = host;
  const folders = new CacheFolders(host.document, host.info.home);
  const held = new HeldPaths();
  const clone = host.cloneFile ?? cloneFile;
  const news = new CacheNews(base.emit, () => worker.state());
  const changed = () => news.changed(true);
  const queued = () => queuedBy(queue().book, setup);
  const readVolume = readVolumeOf;
  const eviction = new Eviction({ journal, folders, held, queued, readVolume, onChange: changed });
  const worker: CacheWorker = new CacheWorker({
    journal,
    clock,
    clone,
    open: (entry, until) => openTools(entry, { ...base, ...queue() }, until),
    digest: politely({ ...base, isBusy: () => queue().book.list().some(isMoving) }),
    isInSight: async (entry) => await isInSight(entry, folders),
    onChange: (hasNewEntries) => news.changed(hasNewEntries),
  });
  const copies = new LocalCopies({
    journal,
    folders,
    clone,
    held,
    clock,
    makeRoom: async (folder, bytes) => await eviction.makeRoom(folder, bytes, signal),
    onChange: changed,
  });
  const profileName = (id: ProfileId) => setup.lent.find(id)?.name ?? null;
  const cache = { journal, folders, eviction, worker, copies, clock, readVolume, changed };
  return {
    ...cache,
    queued,
    profileName,
    forgetIn: async (folder) => await forgetIn(folder, journal),
    sweep: async () => await sweep(base, cache),
    tend: async () => await tend(base, eviction),
    close: async () => {
      await worker.stop();
      news.close();
    },
  };
}

const isMoving = ({ state }: ReturnType<TransferBook["list"]>[number]) => isActive(state);

function queuedBy(book: QueueOfCache["book"], { lent }: Setup): (entry: Entry) => boolean {
  const wishes = book.list().flatMap(({ spec, state }) => {
    if (spec.kind !== "download" || isSettled(state)) return [];
    const profile = lent.find(spec.profileId);
    return profile === undefined
      ? []
      : [{ origin: originOf(profile, spec.bucket), keys: spec.keys }];
  });
  return wantedBy(wishes);
}

/** A copy in a folder whose disk is not there is out of sight, not gone; so is a file on such a disk. */
async function isInSight(entry: Entry, folders: CacheFolders): Promise<boolean> {
  const folder = folders.of(entry.path);
  return folder === undefined || (await folders.isThere(folder));
}

async function openTools(
  entry: Entry,
  { ports, wire, host, setup }: QueueOfCache & Pick<Base, "wire" | "host" | "setup">,
  signal: AbortSignal,
): Promise<MoveTools> {
  const opened = await ports.openStore(profileOf(entry, setup), entry.bucket, signal);
  return {
    store: opened.store,
    wire,
    slots: { acquire: async (until) => await opened.slots.acquire(until, "cache") },
    retry: heedful(ports.retryFor(UNHEARD, ports.newPatience()), opened),
    clock: host.clock,
    meter: meterOf(wire),
    observer: UNHEARD,
    lanes: REPAIR_LANES,
    rangeBytes: ports.rangeBytes,
  };
}

/** Whoever brought it, or another one that goes to the same place. */
function profileOf({ profileId, origin, bucket }: Entry, { lent, profiles }: Setup): ProfileId {
  if (lent.find(profileId) !== undefined) return profileId;
  return profiles.list().find((one) => originOf(one, bucket) === origin)?.id ?? profileId;
}

const nothing = () => undefined;

/** The worker counts for itself. */
const UNHEARD: MoveObserver = {
  stage: nothing,
  started: nothing,
  settled: nothing,
  done: nothing,
  undone: nothing,
  movedTwice: nothing,
  verified: nothing,
  retrying: nothing,
  retried: nothing,
};

/** One for all work of the cache on a wire: it is never under way twice. */
const METERS = new WeakMap<Wire, MoveTools["meter"]>();
function meterOf(wire: Wire): MoveTools["meter"] {
  const meter = METERS.get(wire) ?? wire.openMeter();
  METERS.set(wire, meter);
  return meter;
}

/** Reads one stretch at a time, and rests between while transfers need the disk. */
function politely(parts: {
  readonly wire: Wire;
  readonly host: EngineHost;
  readonly isBusy: () => boolean;
}): VerifyPorts["digest"] {
  const { wire, host, isBusy } = parts;
  const one = new Semaphore(1);
  return async (path, { start, end }, signal) => {
    const leave = await one.acquire(signal);
    try {
      const beganMs = host.clock.nowMs();
      const order = { source: { path, start, end }, algorithm: "sha256" } as const;
      const digest = await wire.digest(order, signal);
      const restMs = Math.min(POLITE_MOST_MS, (host.clock.nowMs() - beganMs) * POLITE_TIMES);
      if (isBusy()) await host.clock.sleep(restMs, signal);
      return digest;
    } finally {
      leave();
    }
  };
}

async function forgetIn(folder: string, journal: CacheJournal): Promise<void> {
  const isInside = ({ path, kind }: Entry) => kind === "managed" && dirname(path) === folder;
  for (let after: EntryId | null = null; ;) {
    const page: readonly Entry[] = await journal.entryPage({ after, limit: 500 });
    const gone = page.filter(isInside);
    await journal.commit(gone.map((entry) => ({ type: "entry-removed", id: idOf(entry) })));
    const last = page.at(-1);
    if (last === undefined) return;
    after = idOf(last);
  }
}

/** What was being repaired is begun again, where everything unfinished goes on. */
async function sweep(
  { host, journal }: Base,
  { folders, worker }: Pick<Cache, "folders" | "worker">,
): Promise<void> {
  const onTrouble = (path: string, error: unknown) =>
    host.log("warn", `what the cache left at ${path} is still there: ${String(error)}`);
  try {
    const cut = await sweepIntents({ journal, folders, onTrouble });
    if (cut.length > 0 && host.runs === "all") worker.start("repair", cut);
  } catch (error) {
    host.log("warn", `the cache was not tidied: ${String(error)}`);
  }
}

async function tend({ host, signal }: Base, eviction: Eviction): Promise<void> {
  while (!signal.aborted) {
    try {
      const { count, freedBytes } = await eviction.tend(signal);
      if (count > 0) host.log("info", `${count} copies were evicted, ${freedBytes} B are free`);
    } catch (error) {
      if (!isAbort(error)) host.log("warn", `the cache could not be tended: ${String(error)}`);
    }
    await host.clock.sleep(TEND_EVERY_MS, signal).catch(nothing);
  }
}
