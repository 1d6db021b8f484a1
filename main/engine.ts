import type { CallHandlers, HostEvent } from "#shared/contract.ts";
import type { TransferId, TransferView } from "#shared/transfer.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { Setup } from "./calls/setup.ts";
import type { Transfers } from "./calls/transfers.ts";
import type { EngineHost, OwnEngine } from "./engine-host.ts";
import type { EngineThreads } from "./start-threads.ts";
import type { HomeLock } from "./disk/home-lock.ts";
import type { Clock } from "./flow/clock.ts";
import type { Journal, JournalOpening } from "./transfers/journal.ts";
import type { TransferBook } from "./transfers/transfer-book.ts";
import type { Wire } from "./wire/wire.ts";
import { guardCrashLoops, leaveInOrder } from "./calls/crash-loop.ts";
import { cacheCalls } from "./calls/cache-calls.ts";
import type { Cache } from "./calls/open-cache.ts";
import { openCache } from "./calls/open-cache.ts";
import { dropCalls } from "./calls/drop-calls.ts";
import { EventHub } from "./calls/event-hub.ts";
import { watchJournal } from "./calls/journal-watch.ts";
import { KeyWatch } from "./calls/key-watch.ts";
import { followCalls } from "./calls/follow-calls.ts";
import type { Resolve } from "./calls/to-spec.ts";
import { folderCalls } from "./calls/folder-calls.ts";
import { makeDiagnostics } from "./diagnostics.ts";
import { hostCalls } from "./calls/host-calls.ts";
import { Lender } from "./calls/lender.ts";
import { libraryCalls } from "./calls/library-calls.ts";
import { libraryModels } from "./calls/library-models.ts";
import { limitPage } from "./calls/limit-page.ts";
import { localResolve } from "./calls/local-resolve.ts";
import { profileCalls } from "./calls/profile-calls.ts";
import { startSampler } from "./calls/sampler.ts";
import { settingsCalls } from "./calls/settings-calls.ts";
import { openSetup } from "./calls/setup.ts";
import { PaceKeeper } from "./calls/pace-keeper.ts";
import { pauseDoubtful } from "./calls/pause-doubtful.ts";
import { rememberPlaces } from "./calls/recents.ts";
import { WakeWatch } from "./calls/wake-watch.ts";
import { transferCalls } from "./calls/transfer-calls.ts";
import { openTransfers } from "./calls/transfers.ts";
import { SpaceLedger } from "./disk/free-space.ts";
import { lockHome } from "./disk/home-lock.ts";
import { systemClock } from "./flow/clock.ts";
import { machineAddresses } from "./disk/machine-addresses.ts";
import { claimHome, isFromElsewhere } from "./disk/machine-id.ts";
import { machineZone } from "./disk/machine-zone.ts";
import { outliveStrayErrors } from "./stray-errors.ts";
import { startThreads, stopThreads } from "./start-threads.ts";
import { isListed } from "./transfers/transfer-state.ts";

/** How long what is under way may take to end; the rest of the 5 s is for the journal. */
const UNWIND_MS = 3500;
/** Of it, what cancels have to remove what they ended. */
const CANCELED_MS = 2500;
/** How long threads and the practice store, which may be just starting, may take to end. */
const STOP_MS = 1000;

/**
 * Starts the engine of a home, which must exist, and goes on with what was unfinished.
 *
 * @param lock Of the home; given back when the engine closes or cannot start.
 * @param threads Of the same host, if they were started ahead; they end with the engine.
 * @throws {LonghaulError} `locked` when another process runs it; `disk-full`, `disk-failed`.
 */
export async function createEngine(
  host: EngineHost,
  lock: HomeLock = lockFor(host),
  threads: EngineThreads = startThreads(host),
): Promise<OwnEngine> {
  try {
    const opening = await threads.opening;
    if (opening.recoveredFrom !== null) {
      host.log("error", `the journal was damaged; it is kept as ${opening.recoveredFrom}`);
    }
    if (opening.isReadOnly) {
      host.log("error", "a newer version of Longhaul wrote the journal; it can be read only");
    }
    const engine = await runOver(host, threads.wire, opening);
    const stopListening = outliveStrayErrors(
      process,
      (level, text) => host.log(level, text),
      () => host.clock.nowMs(),
    );
    let closing: Promise<void> | null = null;
    const close = async () =>
      await engine.close().finally(() => {
        lock.release();
        stopListening();
      });
    return { ...engine, close: async () => await (closing ??= close()) };
  } catch (error) {
    await stopThreads(threads);
    lock.release();
    throw error;
  }
}

function lockFor({ info, program, clock }: EngineHost): HomeLock {
  return lockHome(info.home, { pid: process.pid, program, sinceMs: clock.wallMs() });
}

/** Wires the parts of the engine together, over a journal that is open. */
async function runOver(
  host: EngineHost,
  wire: Wire,
  { journal: opened, isReadOnly, isOldCopy, recoveredFrom }: JournalOpening,
): Promise<OwnEngine> {
  const { journal, trouble } = watchJournal(opened, host.info.home, host.clock);
  const closing = new AbortController();
  const space = new SpaceLedger();
  const hub = new EventHub((id) => listedView(transfers, id));
  const emit = (event: HostEvent) => hub.emit(event);
  const setup = openSetup(host, { wire, emit });
  const { settings } = setup;
  const pace = new PaceKeeper({ settings, clock: host.clock, zone: machineZone });
  const wakes = watchWakes(host, { wire, setup, retryNow: () => transfers.retryNow() });
  const { signal } = closing;
  const isJournalLost = recoveredFrom !== null && !isOldCopy;
  const cache = openCache({ host, journal, wire, setup, signal, emit }, () => transfers);
  const { copies } = cache;
  const ownFolders = () => cache.folders.list().map(({ path }) => path);
  const freeUp = async (folder: string, bytes: number) =>
    await cache.eviction.makeFree(folder, bytes, signal);
  const own = { copies, freeUp, ownFolders };
  const means = { host, journal, wire, space, setup, pace, signal, wakes, ...own };
  const publish = (id: TransferId, isNews?: boolean) => hub.changed(id, isNews);
  const base = { ...means, isReadOnly, isJournalLost, publish };
  const transfers: Transfers = openTransfers(base);
  const { book, runner, arrivals, keeper } = transfers;
  settings.onChange(() => runner.wake());
  const followPace = keepPace(pace, { wire, transfers, emit });
  await loadBook(host, book, { isReadOnly, isOldCopy });
  await setup.prepareFolders();
  const isKeeper = host.runs === "all" && !isReadOnly;
  if (isKeeper) await arrivals.sweep();
  if (!isReadOnly) await cache.sweep();
  followPace();
  for (const watch of [pace, wakes, ...(isKeeper ? [keeper] : [])]) void watch.run(signal);
  const sampled = { runner, book, hub, space, settings, trouble };
  const stopSampling = startSampler({ ...sampled, clock: host.clock });
  runner.wake();
  startBeside(host, transfers, cache, isReadOnly);
  const lender = new Lender({ ...transfers, lent: setup.lent, shelf: setup.shelf });
  hub.onEvent(() => lender.sweep());
  const onSaved = watchKeys(host, { setup, transfers, signal, isKeeper });
  const parts = { host, setup, space, transfers, cache, journal, pace, wire, onSaved };
  return {
    handlers: limitPage(host.info, host.resolveRef.bind(host), handlersOf(parts)),
    onEvent: (listener) => hub.onEvent(listener),
    incoming: arrivals,
    local: {
      handlers: handlersOf({ ...parts, host: { ...host, resolveRef: localResolve } }),
      lend: async (...given) => await lender.lend(...given),
    },
    close: async () => {
      const stop = () => [closing.abort(), stopSampling()];
      await endTogether(unwind(transfers, host.clock, stop), cache, host.clock);
      await endAll({ host, hub, book: isReadOnly ? null : book, wire, setup, journal });
    },
  };
}

/** @returns how the pace of now is taken up; every later one is by itself. */
function keepPace(
  pace: PaceKeeper,
  parts: {
    readonly wire: Wire;
    readonly transfers: Transfers;
    readonly emit: (event: HostEvent) => void;
  },
): () => void {
  const follow = () => {
    parts.wire.setLimits(pace.now().limits);
    parts.transfers.followPace();
  };
  pace.onChange(follow);
  pace.onChange((now) => parts.emit({ type: "pace", pace: now }));
  return follow;
}

/** What goes on beside what moves: it never rejects, and ends when the engine closes. */
function startBeside(
  { runs }: EngineHost,
  transfers: Transfers,
  cache: Cache,
  isReadOnly: boolean,
): void {
  // A command does these, too: nobody else may know its profile.
  if (!isReadOnly) void transfers.discardLeft();
  if (!isReadOnly) void transfers.endRests();
  // A command ends when its transfer rests; the same command again goes on.
  if (runs === "all") void transfers.watchDisks();
  if (runs === "all" && !isReadOnly) void cache.tend();
}

/**
 * Ends what is under way. Whoever followed a transfer that was canceled ends now, and what it left
 * at the store may still be there.
 */
async function unwind(
  { desk, runner }: Pick<Transfers, "desk" | "runner">,
  clock: Clock,
  stop: () => unknown,
): Promise<void> {
  const endAtMs = clock.nowMs() + UNWIND_MS;
  await within(CANCELED_MS, desk.canceled(), clock);
  stop();
  await within(endAtMs - clock.nowMs(), runner.close(), clock);
}

/** What the cache has under way ends beside the transfers, in the same time. */
async function endTogether(unwound: Promise<void>, cache: Cache, clock: Clock): Promise<void> {
  await Promise.all([unwound, within(UNWIND_MS, cache.close(), clock)]);
}

function listedView({ book, view }: Transfers, id: TransferId): TransferView | null {
  const record = book.find(id);
  return record && isListed(record.state) ? view(record) : null;
}

/** Sees that connections died while the machine slept, and makes them anew. */
function watchWakes(
  host: EngineHost,
  parts: { readonly wire: Wire; readonly setup: Setup; readonly retryNow: () => void },
): WakeWatch {
  const { wire, setup, retryNow } = parts;
  return new WakeWatch({
    clock: systemClock,
    leastJumpMs: host.waits?.leastJumpMs,
    addresses: host.addresses ?? machineAddresses,
    onResume: host.onResume?.bind(host),
    renew: (addresses) => {
      wire.renew(addresses);
      setup.shelf.renew(addresses);
    },
    retryNow,
    log: (text) => host.log("info", text),
  });
}

/**
 * Lets what waits for keys go on when there are others. A command must not take up what others left
 * waiting. @returns what is to be told of profiles that a person saved.
 */
function watchKeys(
  { clock }: EngineHost,
  parts: {
    readonly setup: Setup;
    readonly transfers: Transfers;
    readonly signal: AbortSignal;
    readonly isKeeper: boolean;
  },
): (id: ProfileId) => Promise<void> {
  const { setup, transfers, signal, isKeeper } = parts;
  if (!isKeeper) return async () => undefined;
  const findProfile = (id: ProfileId) => setup.lent.find(id);
  const watch = new KeyWatch({ ...transfers, keys: setup.keys, findProfile, clock });
  void watch.run(signal);
  return (id) => watch.answered(id);
}

/** Reads the list of transfers; what may be out of date in it waits for a person. */
async function loadBook(
  host: EngineHost,
  book: TransferBook,
  { isReadOnly, isOldCopy }: Pick<JournalOpening, "isReadOnly" | "isOldCopy">,
): Promise<void> {
  for (const name of await book.load()) {
    host.log("error", `the transfer ${name} cannot be read from the journal; it is left alone`);
  }
  if (isReadOnly) return;
  // What takes the engine down must not do so at every start.
  for (const name of await guardCrashLoops(book)) {
    host.log("error", `the engine died again and again while ${name} ran; it rests for a while`);
  }
  if (isOldCopy) await pauseDoubtful(book, "old-copy");
  await keepToMachine(host, book);
}

/** Of two machines with one list, the one that a person says goes on. */
async function keepToMachine(host: EngineHost, book: TransferBook): Promise<void> {
  const { home } = host.info;
  const machineId = (await host.machineId?.()) ?? null;
  if (await isFromElsewhere(home, machineId)) {
    const count = await pauseDoubtful(book, "other-machine");
    host.log("warn", `this home was another machine's; ${count} transfers are paused`);
  }
  await claimHome(home, machineId);
}

/** @param parts `book`: null where it cannot be written. */
async function endAll(parts: {
  readonly host: EngineHost;
  readonly hub: EventHub;
  readonly book: TransferBook | null;
  readonly wire: Wire;
  readonly setup: Setup;
  readonly journal: Journal;
}): Promise<void> {
  const { hub, book, wire, setup, journal } = parts;
  const { clock } = parts.host;
  hub.close();
  if (book !== null) await leaveWithin(STOP_MS, book, clock);
  // What does not end well must not keep the journal from ending well.
  await within(STOP_MS, Promise.allSettled([wire.close(), setup.close()]), clock);
  await journal.close();
}

/** Where it cannot be written the next start counts a death too many, and three make a pause. */
async function leaveWithin(ms: number, book: TransferBook, clock: Clock): Promise<void> {
  await within(
    ms,
    leaveInOrder(book).catch(() => undefined),
    clock,
  );
}

/** Resolves when `work` ends, or after `ms` without it: a disk that hangs must not hold the home. */
async function within(ms: number, work: Promise<unknown>, clock: Clock): Promise<void> {
  const ended = new AbortController();
  const late = clock.sleep(ms, ended.signal).catch(() => undefined);
  await Promise.race([work, late]).finally(() => ended.abort());
}

type HandlerParts = {
  readonly host: EngineHost;
  readonly setup: Setup;
  readonly space: SpaceLedger;
  readonly transfers: Transfers;
  readonly cache: Cache;
  readonly journal: Journal;
  readonly pace: PaceKeeper;
  readonly wire: Wire;
  readonly onSaved: (id: ProfileId) => Promise<void>;
};

function handlersOf(parts: HandlerParts): CallHandlers {
  const { host, setup, transfers, journal, pace, onSaved } = parts;
  const resolve = host.resolveRef.bind(host);
  const calls = transferCalls({
    ...transfers,
    journal,
    resolve,
    profileOf: (id) => setup.profiles.find(id),
  });
  // A page in a browser names no file outside of what it may see; a desktop's has the system's dialog.
  const mayRead = async (path: string) => {
    if (host.info.kind === "web") await resolve({ path }, "read");
  };
  const own = {
    ...calls,
    ...profileCalls({
      ...setup,
      isInUse: transfers.isInUse,
      mayRead,
      views: () => setup.profileViews(),
      onSaved,
    }),
    ...settingsCalls({ ...setup, ...setup.network, mayRead }, pace),
  };
  const recents = {
    settings: setup.settings,
    resolve,
    isKept: (id: ProfileId) => setup.profiles.find(id) !== undefined,
    onTrouble: (error: unknown) => {
      host.log("warn", `a place could not be remembered: ${String(error)}`);
    },
  };
  const diagnose = async () =>
    await makeDiagnostics({ host, book: transfers.book, journal, calls: own });
  return {
    ...hostCalls(host, transfers.book, journal, diagnose),
    ...own,
    ...(host.runs === "own" ? calls : rememberPlaces(calls, recents)),
    ...followCalls({ ...transfers, clock: host.clock, resolve }),
    ...dropCalls(transfers.arrivals),
    ...placeCalls(parts, resolve),
  };
}

/** What is asked about buckets, folders and copies. */
function placeCalls(
  { host, setup, space, transfers, cache, journal, wire }: HandlerParts,
  resolve: Resolve,
) {
  const { shelf } = setup;
  return {
    ...libraryCalls({
      buckets: (id, signal) => shelf.buckets(id, signal),
      openStore: async (id, bucket, signal) => await shelf.open(id, bucket, signal),
      resolve,
      journal,
      book: transfers.book,
    }),
    ...libraryModels({ wire, openStore: shelf.open.bind(shelf) }),
    ...folderCalls({ info: host.info, resolve, space }),
    ...cacheCalls(cache, resolve),
  };
}
