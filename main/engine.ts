import type { CallHandlers } from "#shared/contract.ts";
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
import { join } from "node:path";
import { dropCalls } from "./calls/drop-calls.ts";
import { EventHub } from "./calls/event-hub.ts";
import { KeyWatch } from "./calls/key-watch.ts";
import { folderCalls } from "./calls/folder-calls.ts";
import { makeDiagnostics } from "./diagnostics.ts";
import { hostCalls } from "./calls/host-calls.ts";
import { Lender } from "./calls/lender.ts";
import { libraryCalls } from "./calls/library-calls.ts";
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
import { startThreads, stopThreads } from "./start-threads.ts";
import { isListed } from "./transfers/transfer-state.ts";

/** How long what is under way may take to end; the rest of the 5 s is for the journal. */
const UNWIND_MS = 3500;
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
    let closing: Promise<void> | null = null;
    const close = async () => await engine.close().finally(() => lock.release());
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
  { journal, isReadOnly, isOldCopy }: JournalOpening,
): Promise<OwnEngine> {
  const closing = new AbortController();
  const space = new SpaceLedger();
  const hub = new EventHub((id) => {
    const record = transfers.book.find(id);
    return record && isListed(record.state) ? transfers.view(record) : null;
  });
  const setup = openSetup(host, { wire, emit: (event) => hub.emit(event) });
  const { settings } = setup;
  const pace = new PaceKeeper({ settings, clock: host.clock, zone: machineZone });
  const wakes = watchWakes(host, { wire, setup, retryNow: () => transfers.retryNow() });
  const { signal } = closing;
  const base = { host, journal, wire, space, setup, pace, isReadOnly, signal, wakes };
  const transfers = openTransfers({ ...base, publish: (id, isNews) => hub.changed(id, isNews) });
  const { book, runner, arrivals } = transfers;
  settings.onChange(() => runner.wake());
  pace.onChange((now) => {
    wire.setLimits(now.limits);
    transfers.followPace();
    hub.emit({ type: "pace", pace: now });
  });
  for (const name of await book.load()) {
    host.log("error", `the transfer ${name} cannot be read from the journal; it is left alone`);
  }
  if (isOldCopy && !isReadOnly) await pauseDoubtful(book, "old-copy");
  if (!isReadOnly) await keepToMachine(host, book);
  await setup.prepareFolders();
  const isKeeper = host.runs === "all" && !isReadOnly;
  if (isKeeper) await arrivals.sweep();
  wire.setLimits(pace.now().limits);
  transfers.followPace();
  for (const watch of [pace, wakes]) void watch.run(signal);
  const stopSampling = startSampler({ runner, book, hub, space, settings, clock: host.clock });
  runner.wake();
  // Beside what moves; it never rejects, and ends when the engine closes.
  if (isKeeper) void transfers.discardLeft();
  // A command ends when its transfer rests; the same command again goes on.
  if (host.runs === "all") void transfers.watchDisks();
  const lender = new Lender({ ...transfers, lent: setup.lent, shelf: setup.shelf });
  hub.onEvent(() => lender.sweep());
  const onSaved = watchKeys(host, { setup, transfers, signal, isKeeper });
  const parts = { host, setup, space, transfers, journal, pace, onSaved };
  return {
    handlers: handlersOf(parts),
    onEvent: (listener) => hub.onEvent(listener),
    incoming: arrivals,
    local: {
      handlers: handlersOf({ ...parts, host: { ...host, resolveRef: localResolve } }),
      lend: async (...given) => await lender.lend(...given),
    },
    close: async () => {
      closing.abort();
      stopSampling();
      await within(UNWIND_MS, runner.close(), host.clock);
      hub.close();
      // What does not end well must not keep the journal from ending well.
      const ends = Promise.allSettled([wire.close(), setup.close()]);
      await within(STOP_MS, ends, host.clock);
      await journal.close();
    },
  };
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

/** Resolves when `work` ends, or after `ms` without it: a disk that hangs must not hold the home. */
async function within(ms: number, work: Promise<unknown>, clock: Clock): Promise<void> {
  const ended = new AbortController();
  const late = clock.sleep(ms, ended.signal).catch(() => undefined);
  await Promise.race([work, late]).finally(() => ended.abort());
}

function handlersOf(parts: {
  readonly host: EngineHost;
  readonly setup: Setup;
  readonly space: SpaceLedger;
  readonly transfers: Transfers;
  readonly journal: Journal;
  readonly pace: PaceKeeper;
  readonly onSaved: (id: ProfileId) => Promise<void>;
}): CallHandlers {
  const { host, setup, space, transfers, journal, pace, onSaved } = parts;
  const { shelf } = setup;
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
  const diagnose = async () =>
    await makeDiagnostics({ host, book: transfers.book, journal, calls: own });
  return {
    ...hostCalls(host, transfers.book, journal, diagnose),
    ...own,
    ...rememberPlaces(calls, setup.settings, resolve),
    ...dropCalls(transfers.arrivals),
    ...libraryCalls({
      buckets: (id, signal) => shelf.buckets(id, signal),
      openStore: async (id, bucket, signal) => (await shelf.open(id, bucket, signal)).store,
    }),
    ...folderCalls({ info: host.info, resolve, space }),
  };
}
