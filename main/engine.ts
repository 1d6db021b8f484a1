import type { CallHandlers, HostEvent } from "#shared/contract.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { TransferId } from "#shared/transfer.ts";
import type { Engine, EngineHost } from "./engine-host.ts";
import type { Journal } from "./transfers/journal.ts";
import { join } from "node:path";
import { EventHub } from "./calls/event-hub.ts";
import { folderCalls } from "./calls/folder-calls.ts";
import { hostCalls } from "./calls/host-calls.ts";
import { libraryCalls } from "./calls/library-calls.ts";
import { profileCalls } from "./calls/profile-calls.ts";
import { openSetup } from "./calls/setup.ts";
import type { Setup } from "./calls/setup.ts";
import { settingsCalls } from "./calls/settings-calls.ts";
import { startSampler } from "./calls/sampler.ts";
import { transferCalls } from "./calls/transfer-calls.ts";
import { lockHome } from "./disk/home-lock.ts";
import { SpaceLedger } from "./disk/free-space.ts";
import { rangeBytesUnderCap } from "./flow/cap-sizes.ts";
import { Patience } from "./flow/patience.ts";
import { Arrivals } from "./transfers/arrivals.ts";
import { createDiscard } from "./transfers/discard-items.ts";
import { openJournal } from "./transfers/journal-open.ts";
import { Retries } from "./transfers/retries.ts";
import type { RunPorts } from "./transfers/run-ports.ts";
import { TransferBook } from "./transfers/transfer-book.ts";
import { TransferDesk } from "./transfers/transfer-desk.ts";
import { TransferRunner } from "./transfers/transfer-runner.ts";
import { profileIdOf } from "./transfers/transfer-spec.ts";
import { isSettled } from "./transfers/transfer-state.ts";
import { toView } from "./transfers/transfer-view.ts";
import { createWire } from "./wire/create-wire.ts";

/**
 * Starts the engine of a home, which must exist, and goes on with what was unfinished.
 *
 * @throws {LonghaulError} `locked` when another process runs it; `disk-full`, `disk-failed`.
 */
export async function createEngine(host: EngineHost): Promise<Engine> {
  const { info, program, clock } = host;
  const lock = lockHome(info.home, { pid: process.pid, program, sinceMs: clock.wallMs() });
  try {
    const opening = await openJournal(join(info.home, "journal.db"), clock);
    if (opening.recoveredFrom !== null) {
      host.log("error", `the journal was damaged; it is kept as ${opening.recoveredFrom}`);
    }
    const engine = await runEngine(host, opening.journal);
    const close = async () => {
      await engine.close();
      lock.release();
    };
    return { ...engine, close };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Wires the parts of the engine together, over a journal that is open. */
async function runEngine(host: EngineHost, journal: Journal): Promise<Engine> {
  const { clock, info } = host;
  const closing = new AbortController();
  const wire = createWire({ connections: host.connections });
  const space = new SpaceLedger();
  const hub = new EventHub((id) => {
    const record = book.find(id);
    return record ? toView(record, runner.live(id), setup.nameOf(profileIdOf(record.spec))) : null;
  });
  const book = new TransferBook({ journal, clock, publish: (id) => hub.changed(id) });
  const setup: Setup = openSetup(host, { wire, emit: (event: HostEvent) => hub.emit(event) });
  const retries = new Retries({
    clock,
    random: host.random,
    newPatience: () => new Patience(host.patience, clock),
  });
  const ports: RunPorts = {
    journal,
    book,
    wire,
    clock,
    space,
    openStore: (id, bucket, signal) => setup.shelf.open(id, bucket, signal),
    retryFor: (observer) => retries.for(observer),
    emptyFile: () => setup.emptyFile(),
    rangeBytes: () => rangeBytesUnderCap(setup.settings.get().limits.downBytesPerSecond),
  };
  const own = new Set<TransferId>();
  const runner = new TransferRunner({
    ports,
    limits: () => setup.slotLimits(),
    isOurs: (id) => host.runs === "all" || own.has(id),
    onBug: (error) => host.log("error", `a bug: ${describe(error)}`),
  });
  const desk = new TransferDesk({
    book,
    runner,
    journal,
    clock,
    discard: createDiscard(ports, closing.signal),
    adopt: (id) => void own.add(id),
    retryNow: () => retries.poke(),
  });
  const arrivals = new Arrivals({ folder: setup.incomingFolder, book, runner, journal, space });
  const isInUse = (id: ProfileId) =>
    book.list().some(({ spec, state }) => profileIdOf(spec) === id && !isSettled(state));
  const resolve = host.resolveRef.bind(host);
  const view = (record: Parameters<typeof toView>[0]) =>
    toView(record, runner.live(record.id), setup.nameOf(profileIdOf(record.spec)));

  const handlers: CallHandlers = {
    ...hostCalls(host, book),
    ...transferCalls({ desk, book, runner, journal, resolve, view }),
    "drop.match": async ({ files }) => arrivals.match(files),
    "drop.add": async ({ id, files }) => arrivals.add(id, files),
    "drop.close": async ({ id }) => {
      await arrivals.close(id);
      return null;
    },
    ...profileCalls({ ...setup, isInUse, views: async () => setup.profileViews() }),
    ...libraryCalls({
      buckets: (id, signal) => setup.shelf.buckets(id, signal),
      openStore: async (id, bucket, signal) => (await setup.shelf.open(id, bucket, signal)).store,
    }),
    ...folderCalls({ info, resolve, space }),
    ...settingsCalls(setup.settings),
  };

  setup.settings.onChange(({ limits }) => {
    wire.setLimits(limits);
    runner.wake();
  });
  wire.setLimits(setup.settings.get().limits);
  await book.load();
  await setup.prepareFolders();
  if (host.runs === "all") await arrivals.sweep();
  const stopSampling = startSampler({ runner, book, hub, space, clock, settings: setup.settings });
  runner.wake();

  return {
    handlers,
    onEvent: (listener) => hub.onEvent(listener),
    incoming: arrivals,
    close: async () => {
      closing.abort();
      stopSampling();
      await runner.close();
      hub.close();
      await wire.close();
      await setup.close();
      await journal.close();
    },
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
