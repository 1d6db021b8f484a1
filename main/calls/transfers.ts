import type { ProfileId } from "#shared/profile.ts";
import type { TransferId, TransferView } from "#shared/transfer.ts";
import type { PaceKeeper } from "./pace-keeper.ts";
import type { Setup } from "./setup.ts";
import type { LocalCopies } from "../cache/local-copies.ts";
import type { SpaceLedger } from "../disk/free-space.ts";
import type { EngineHost } from "../engine-host.ts";
import type { Journal } from "../transfers/journal.ts";
import type { RunPorts } from "../transfers/run-ports.ts";
import type { TransferRecord } from "../transfers/transfer-record.ts";
import type { LiveFacts } from "../transfers/transfer-view.ts";
import type { Wire } from "../wire/wire.ts";
import { LonghaulError } from "#shared/errors.ts";
import { packEntries } from "../archives/pack-entries.ts";
import { packFolder } from "../archives/pack-folder.ts";
import { endRests } from "./crash-loop.ts";
import { rangeBytesUnderCap } from "../flow/cap-sizes.ts";
import { secondsOverSpans } from "../flow/time-left.ts";
import { Patience } from "../flow/patience.ts";
import { Arrivals } from "../transfers/arrivals.ts";
import { createDiscard } from "../transfers/discard-items.ts";
import { DiskWatch } from "../transfers/disk-watch.ts";
import { FollowBook } from "../transfers/follow-book.ts";
import { FollowKeeper } from "../transfers/follow-keeper.ts";
import { Hold } from "../transfers/hold.ts";
import { Leftovers } from "../transfers/leftovers.ts";
import { ProfileCaps } from "../transfers/profile-caps.ts";
import { Retries } from "../transfers/retries.ts";
import { TransferBook } from "../transfers/transfer-book.ts";
import { TransferDesk } from "../transfers/transfer-desk.ts";
import { TransferRunner } from "../transfers/transfer-runner.ts";
import { profileIdOf } from "../transfers/transfer-spec.ts";
import { isSettled } from "../transfers/transfer-state.ts";
import { toView } from "../transfers/transfer-view.ts";

/** The queue and everything that works on it. */
export type Transfers = {
  readonly book: TransferBook;
  readonly runner: TransferRunner;
  readonly desk: TransferDesk;
  /** Follows the pace of now. */
  readonly followPace: () => void;
  /** What waits to try again tries now. */
  readonly retryNow: () => void;
  readonly arrivals: Arrivals;
  readonly ports: RunPorts;
  readonly follows: FollowBook;
  /** Runs what follows its source; a command only keeps it for the owner of the home. */
  readonly keeper: FollowKeeper;
  readonly view: (record: TransferRecord) => TransferView;
  /** Whether an unfinished transfer needs the profile. */
  readonly isInUse: (id: ProfileId) => boolean;
  /** Removes what cancels leave, because the store does not answer, until the engine closes. Never rejects. */
  readonly discardLeft: () => Promise<void>;
  /** Lets go on what rests for want of a disk, until the engine closes. Never rejects. */
  readonly watchDisks: () => Promise<void>;
  /** Lets go on what rests because the engine died under it, until the engine closes. Never rejects. */
  readonly endRests: () => Promise<void>;
};

type Base = {
  readonly host: EngineHost;
  readonly journal: Journal;
  readonly wire: Wire;
  readonly space: SpaceLedger;
  readonly setup: Setup;
  readonly pace: Pick<PaceKeeper, "now" | "spans">;
  readonly copies?: LocalCopies | undefined;
  /** Lets copies go that can be had again; see `DiskWatch`. */
  readonly freeUp?: (folder: string, bytes: number) => Promise<boolean>;
  /** Folders of the cache, wherever they are. */
  readonly ownFolders: () => readonly string[];
  /** The journal can only be read: nothing may run, because nothing could be kept of it. */
  readonly isReadOnly: boolean;
  /** It was damaged, and there was no copy of it. */
  readonly isJournalLost: boolean;
  /** Aborts when the engine closes. */
  readonly signal: AbortSignal;
  readonly publish: (id: TransferId, isNews?: boolean) => void;
  /** How long this process did not run so far: nothing is given up for that. */
  readonly wakes?: { readonly sleptMs: number };
};

export function openTransfers(base: Base): Transfers {
  const { host, journal, space, setup, isReadOnly, signal, publish, wakes } = base;
  const { clock, random } = host;
  const awake = { nowMs: () => clock.nowMs() - (wakes?.sleptMs ?? 0) };
  const onBug = (error: unknown) => host.log("error", whatHappened(error));
  const book = new TransferBook({ journal, clock, publish });
  const newPatience = () => new Patience(host.patience, awake);
  const retries = new Retries({ clock, random, newPatience, onRetry: host.onRetry });
  const ports = runPorts(base, book, { retries, newPatience });
  const own = new Set<TransferId>();
  const hold = new Hold();
  const limitsOf = (id: ProfileId) => setup.lent.find(id)?.limits;
  const caps = new ProfileCaps({ wire: base.wire, limitsOf });
  setup.profiles.onChange(() => caps.follow());
  const isOurs = (id: TransferId) => !isReadOnly && (host.runs === "all" || own.has(id));
  const runner = new TransferRunner({
    groupOf: ({ spec, direction }) => caps.of(profileIdOf(spec), direction),
    ports,
    limits: () => setup.slotLimits(),
    isOurs,
    onBug,
    hold,
  });
  const leftovers = new Leftovers({
    book,
    discard: createDiscard(ports, signal),
    canAsk: ({ spec }) => setup.lent.find(profileIdOf(spec)) !== undefined,
    clock,
    onTrouble: (name, error) =>
      host.log("warn", `what ${name} left is not removed: ${describe(error)}`),
  });
  const desk = new TransferDesk({
    book,
    runner,
    journal,
    clock,
    hold,
    discard: (record) => leftovers.discard(record),
    adopt: (id) => void own.add(id),
    retryNow: () => retries.poke(),
  });
  const wake = () => runner.wake();
  const disks = new DiskWatch({ book, space, clock, isOurs, wake, freeUp: base.freeUp });
  const arrivals = new Arrivals({ folder: setup.incomingFolder, book, runner, journal, space });
  return {
    book,
    runner,
    desk,
    arrivals,
    ports,
    ...openFollows(host, { book, desk }),
    view: (record) => viewOf(record, { ...base, runner, hold }),
    retryNow: () => retries.poke(),
    followPace: () => followPace({ ...base, book, runner, hold, onBug }),
    isInUse: (id) => book.list().some((record) => isUnfinishedOf(id, record)),
    discardLeft: () => leftovers.run(signal),
    watchDisks: () => disks.run(signal),
    endRests: () => endRests({ book, desk, clock, isOurs }, signal),
  };
}

function isUnfinishedOf(id: ProfileId, { spec, state }: TransferRecord): boolean {
  return profileIdOf(spec) === id && !isSettled(state);
}

function openFollows(
  host: EngineHost,
  queue: Pick<Transfers, "book" | "desk">,
): Pick<Transfers, "follows" | "keeper"> {
  const follows = new FollowBook(host.document);
  const log = (text: string) => host.log("warn", text);
  return { follows, keeper: new FollowKeeper({ follows, ...queue, clock: host.clock, log }) };
}

function viewOf(
  record: TransferRecord,
  parts: Pick<Base, "pace" | "setup" | "host"> & { runner: TransferRunner; hold: Hold },
): TransferView {
  const { runner, hold, setup } = parts;
  return toView(
    record,
    overSchedule(record, runner, parts),
    setup.nameOf(profileIdOf(record.spec)),
    hold.holds(record.id) ? "schedule" : "limit",
  );
}

/** What is measured, with a time left that knows the coming hours. */
function overSchedule(
  { id, direction, totals }: TransferRecord,
  runner: TransferRunner,
  { pace, setup, host }: Pick<Base, "pace" | "setup" | "host">,
): LiveFacts | null {
  const live = runner.live(id);
  if (live === null || live.secondsLeft === null) return live;
  const leftBytes = Math.max(
    0,
    totals.sizeBytes - totals.doneBytes - live.doneBytes - live.crossedBytes,
  );
  if (leftBytes === 0) return live;
  const bytesPerSecond = leftBytes / Math.max(live.secondsLeft, Number.EPSILON);
  const limitedBytesPerSecond = () => {
    const { upBytesPerSecond, downBytesPerSecond } = setup.settings.get().limits;
    const limit = direction === "upload" ? upBytesPerSecond : downBytesPerSecond;
    if (limit === null) return Infinity;
    // It will share the limit as it shares the line now.
    const together = Math.max(runner.bytesPerSecond(direction), live.bytesPerSecond, 1);
    return limit * (live.bytesPerSecond / together);
  };
  const course = { leftBytes, bytesPerSecond, limitedBytesPerSecond };
  const secondsLeft = secondsOverSpans({
    ...course,
    spans: pace.spans(),
    wallMs: host.clock.wallMs(),
  });
  return { ...live, secondsLeft };
}

/** A journal on a full disk is no bug: the runner tries again by itself. */
function whatHappened(error: unknown): string {
  const isFull = error instanceof LonghaulError && error.code === "disk-full";
  return isFull
    ? `the list of transfers cannot be written; what moves waits and is tried again: ${error.message}`
    : `a bug: ${describe(error)}`;
}

type Followers = Pick<Base, "pace" | "publish"> & {
  readonly book: TransferBook;
  readonly runner: TransferRunner;
  readonly hold: Hold;
  readonly onBug: (error: unknown) => void;
};

/** Holds everything back in paused hours, and lets it go afterwards. */
function followPace({ pace, publish, book, runner, hold, onBug }: Followers): void {
  if (hold.set(pace.now().mode === "paused")) {
    for (const { id, state } of book.list()) if (state.phase === "queued") publish(id);
  }
  void runner
    .yieldHeld()
    .catch(onBug)
    .finally(() => runner.wake());
}

function runPorts(
  { host, journal, wire, space, setup, pace, copies, ownFolders, isJournalLost }: Base,
  book: TransferBook,
  { retries, newPatience }: { readonly retries: Retries; readonly newPatience: () => Patience },
): RunPorts {
  return {
    journal,
    book,
    wire,
    clock: host.clock,
    space,
    copies,
    openStore: (...asked) => setup.shelf.open(...asked),
    retryFor: (observer, patience) => retries.for(observer, patience),
    itemLimits: () => setup.network.itemLimits(),
    packFolder,
    packEntries,
    newPatience,
    isJournalLost,
    protectedPaths: () => [host.info.home, ...ownFolders()],
    emptyFile: () => setup.emptyFile(),
    rangeBytes: () => rangeBytesUnderCap(pace.now().limits.downBytesPerSecond),
    hasProfile: (id) => setup.lent.find(id) !== undefined,
    downCapOf: (id) => setup.lent.find(id)?.limits?.downBytesPerSecond ?? null,
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
