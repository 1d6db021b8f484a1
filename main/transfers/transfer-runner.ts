import type { ErrorInfo } from "#shared/errors.ts";
import type { Patience } from "../flow/patience.ts";
import type { Direction, TransferId } from "#shared/transfer.ts";
import type { RunOutcome } from "./outcome.ts";
import type { RunPorts } from "./run-ports.ts";
import type { SlotLimits } from "./slots.ts";
import type { TransferRecord } from "./transfer-record.ts";
import type { Meter } from "../wire/wire.ts";
import type { LiveFacts } from "./transfer-view.ts";
import { isAbort, toErrorInfo } from "#shared/errors.ts";
import { isPackedDrop } from "./dropped-folder.ts";
import { FairLoads } from "./fair-loads.ts";
import { KeyGuess } from "./key-guess.ts";
import { lookForFiles } from "./look-for-files.ts";
import { RunSpace } from "./run-space.ts";
import { listTransfer } from "./list-transfer.ts";
import { outcomeForAll } from "./outcome.ts";
import { RunProgress } from "./run-progress.ts";
import { TransferRun } from "./run-transfer.ts";
import { chooseToStart } from "./slots.ts";
import type { Hold } from "./hold.ts";
import { isDeleting, moveAndDelete } from "./sync-deletes.ts";
import { profileIdOf } from "./transfer-spec.ts";
import { isActive } from "./transfer-state.ts";
import { openStoreOf } from "./run-ports.ts";

type Running = {
  readonly progress: RunProgress;
  readonly patience: Patience;
  readonly canceling: AbortController;
  readonly done: Promise<void>;
  /** When it began. */
  readonly lacksProfile: boolean;
  /** Null while the store is being opened. */
  run: TransferRun | null;
  /** Of a download. */
  space: RunSpace | null;
};

/** How long a transfer whose state cannot be written rests, before it is tried again. */
const UNWRITTEN_REST_MS = 10_000;

/** Gives free slots to queued transfers, and keeps what is under way. */
export class TransferRunner {
  readonly #ports: RunPorts;
  readonly #limits: () => SlotLimits;
  readonly #isOurs: (id: TransferId) => boolean;
  readonly #onBug: (error: unknown) => void;
  readonly #hold: Hold;
  readonly #running = new Map<TransferId, Running>();
  readonly #groupOf: ((record: TransferRecord) => Meter) | undefined;
  readonly #loads: FairLoads;
  #isClosed = false;

  constructor(options: {
    readonly ports: RunPorts;
    readonly limits: () => SlotLimits;
    /** Which transfers this process may run; the others stay as they are. */
    readonly isOurs: (id: TransferId) => boolean;
    /** Hears of what is no `LonghaulError`. */
    readonly onBug: (error: unknown) => void;
    readonly hold: Hold;
    /** Whose cap a transfer shares with others. */
    readonly groupOf?: (record: TransferRecord) => Meter;
  }) {
    this.#ports = options.ports;
    this.#loads = new FairLoads(options.ports.wire);
    this.#limits = options.limits;
    this.#isOurs = options.isOurs;
    this.#onBug = options.onBug;
    this.#hold = options.hold;
    this.#groupOf = options.groupOf;
  }

  /** Starts what has a slot now. Called after every change of the queue. */
  wake(): void {
    if (this.#isClosed) return;
    // What is to come counts: one that was just paused must not be started because the journal lags.
    const ours = this.#ports.book.upcoming().filter(({ id }) => this.#isOurs(id));
    const free = ours.filter(({ id, state }) => state.phase !== "queued" || !this.#hold.holds(id));
    const chosen = new Set(chooseToStart(free, this.#limits(), (one) => this.#running.has(one)));
    for (const record of free) if (chosen.has(record.id)) this.#start(record);
  }

  /** Ends the run of a transfer whose state has changed; resolves when nothing of it is under way. */
  async stop(id: TransferId): Promise<void> {
    const running = this.#running.get(id);
    running?.canceling.abort();
    await running?.done;
  }

  /** Ends the runs of what is held back now: they wait in the queue, and keep what they moved. */
  async yieldHeld(): Promise<void> {
    const { book } = this.#ports;
    const held = book.upcoming().filter(({ id, state }) => isActive(state) && this.#hold.holds(id));
    await Promise.all(
      held.map(async ({ id }) => {
        if (await book.apply(id, { type: "yielded" })) await this.stop(id);
      }),
    );
  }

  /** A new cap of a transfer holds at once. */
  capTo(id: TransferId, bytesPerSecond: number | null): void {
    this.#running.get(id)?.progress.meter.setCap(bytesPerSecond);
  }

  /** Items of this transfer came back to waiting. */
  notice(id: TransferId): void {
    this.#running.get(id)?.run?.notice();
  }

  noticeArrival(id: TransferId): void {
    this.#running.get(id)?.run?.noticeArrival();
  }

  progress(id: TransferId): RunProgress | undefined {
    return this.#running.get(id)?.progress;
  }

  live(id: TransferId): LiveFacts | null {
    return this.#running.get(id)?.progress.facts(this.#ports.clock.nowMs()) ?? null;
  }

  /** Of all that runs in one direction. */
  bytesPerSecond(direction: Direction): number {
    const nowMs = this.#ports.clock.nowMs();
    const running = [...this.#running].filter(
      ([id]) => this.#ports.book.find(id)?.direction === direction,
    );
    return running.reduce((sum, [, { progress }]) => sum + progress.facts(nowMs).bytesPerSecond, 0);
  }

  /** Takes a sample of every run; once a second. @returns the transfers whose facts changed. */
  sample(): readonly TransferId[] {
    const { book, clock } = this.#ports;
    for (const [id, { progress, space }] of this.#running) {
      const record = book.find(id);
      if (!record) continue;
      space?.follow();
      const { totals, listing } = record;
      const doneBytes = totals.doneBytes + progress.facts(clock.nowMs()).doneBytes;
      progress.sample(clock.nowMs(), clock.wallMs(), {
        doneBytes,
        leftBytes: Math.max(0, totals.sizeBytes - doneBytes),
        isListing: !listing.isComplete,
        arrivingCount: totals.counts.arriving,
        arrivedCount: isPackedDrop(record.spec) ? totals.counts.arrived : null,
      });
      void this.#showVerifying(record, progress);
    }
    return [...this.#running.keys()];
  }

  /** Stops everything, leaving the states as they are: at the next start it goes on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const running = [...this.#running.values()];
    for (const { canceling } of running) canceling.abort();
    await Promise.allSettled(running.map(({ done }) => done));
  }

  /** @param record What is to come of it: it may be on its way to the journal still. */
  #start(record: TransferRecord): void {
    const { wire, clock } = this.#ports;
    const { id } = record;
    const patience = this.#ports.newPatience();
    const onMoved = () => patience.progressed();
    const meter = wire.openMeter(this.#groupOf?.(record));
    const progress = new RunProgress(meter, clock.nowMs(), onMoved);
    progress.meter.setCap(record.counters.capBytesPerSecond);
    const canceling = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    const lacksProfile = !this.#ports.hasProfile(profileIdOf(record.spec));
    const parts = { progress, patience, canceling, lacksProfile };
    const running: Running = { ...parts, done: promise, run: null, space: null };
    this.#running.set(id, running);
    void this.#run(id, running).finally(() => {
      progress.meter.free();
      this.#running.delete(id);
      resolve();
      this.wake();
    });
  }

  /** Never rejects: a failure becomes the transfer's state, a stop leaves it as it is. */
  async #run(id: TransferId, running: Running): Promise<void> {
    const { book } = this.#ports;
    const { signal } = running.canceling;
    try {
      if (!(await book.apply(id, { type: "started" }))) return;
      const outcome = await this.#move(id, running, signal);
      if (!signal.aborted) await this.#conclude(id, outcome);
    } catch (error) {
      if (signal.aborted && isAbort(error)) return;
      const info = toErrorInfo(error);
      if (info.code === "internal" && !signal.aborted) this.#onBug(error);
      await this.#giveUp(id, this.#outcomeOf(id, info), signal);
    }
  }

  /** Where not even the failure can be written, it rests in its slot: it would only fail again. */
  async #giveUp(id: TransferId, outcome: RunOutcome, signal: AbortSignal): Promise<void> {
    try {
      await this.#conclude(id, outcome);
    } catch (error) {
      // A transfer that was taken off the list meanwhile has no state any more.
      if (signal.aborted || !this.#ports.book.find(id)) return;
      this.#onBug(error);
      await this.#ports.clock.sleep(UNWRITTEN_REST_MS, signal).catch(() => undefined);
    }
  }

  async #move(id: TransferId, running: Running, signal: AbortSignal): Promise<RunOutcome> {
    const record = this.#ports.book.get(id);
    const { spec } = record;
    const opened = await openStoreOf(spec, this.#ports, signal);
    const share = record.direction === "upload" ? this.#loads.open() : null;
    try {
      const ports = share === null ? this.#ports : { ...this.#ports, wire: share.wire };
      const space = this.#spaceOf(record, running.progress);
      running.space = space;
      const { progress, patience } = running;
      const onBug = this.#onBug;
      const run = { ports, record, opened, progress, patience, keys: new KeyGuess(), space, onBug };
      const moving = new TransferRun(run);
      running.run = moving;
      const list = (until: AbortSignal) => listTransfer(run, () => moving.noticeAdded(), until);
      const move = () => moving.run(record.listing.isComplete ? null : list, signal);
      return await (isDeleting(spec) ? moveAndDelete(run, move, signal) : move());
    } finally {
      share?.close();
      running.space?.close();
    }
  }

  #spaceOf({ id, spec }: TransferRecord, progress: RunProgress): RunSpace | null {
    if (spec.kind !== "download" || spec.sync?.isDryRun === true) return null;
    const { folder } = spec;
    const { book, clock, journal, space } = this.#ports;
    return new RunSpace(space, {
      folder,
      leftBytes: () => {
        const { sizeBytes, doneBytes } = book.get(id).totals;
        return sizeBytes - doneBytes - progress.facts(clock.nowMs()).doneBytes;
      },
      keptBytes: () => book.get(id).totals.keptBytes,
      lookBytes: (signal) => lookForFiles(journal, { id, folder }, signal),
    });
  }

  #outcomeOf(id: TransferId, error: ErrorInfo): RunOutcome {
    const direction = this.#ports.book.find(id)?.direction ?? "upload";
    return outcomeForAll(error, direction) ?? { kind: "failed", error };
  }

  async #conclude(id: TransferId, outcome: RunOutcome): Promise<void> {
    const { book } = this.#ports;
    switch (outcome.kind) {
      case "finished":
        await book.apply(id, { type: "finished" });
        return;
      case "unfinished":
        await book.apply(id, { type: "yielded" });
        return;
      case "paused":
        await book.apply(id, { type: "paused", cause: outcome.cause, error: outcome.error });
        return;
      case "failed":
        if (this.#hasProfileNow(id, outcome.error)) {
          await book.apply(id, { type: "yielded" });
          return;
        }
        // The state at once: whoever lends a profile meanwhile must see what this has become.
        await book.apply(id, { type: "failed", error: outcome.error });
        await book.log(id, "error", outcome.error.message);
        return;
      default:
        return outcome satisfies never;
    }
  }

  /** Between two owners of a home a transfer may start just before its profile is lent. */
  #hasProfileNow(id: TransferId, error: ErrorInfo): boolean {
    if (error.code !== "profile-missing" || !this.#running.get(id)?.lacksProfile) return false;
    return this.#hasProfile(id);
  }

  #hasProfile(id: TransferId): boolean {
    const record = this.#ports.book.find(id);
    return record !== undefined && this.#ports.hasProfile(profileIdOf(record.spec));
  }

  async #showVerifying(record: TransferRecord, progress: RunProgress): Promise<void> {
    const { book } = this.#ports;
    const isLast = record.listing.isComplete && record.totals.counts.waiting <= progress.items.size;
    const type = progress.isVerifying && isLast ? "verifying" : "moving";
    await book.apply(record.id, { type }).catch(this.#onBug);
  }
}
