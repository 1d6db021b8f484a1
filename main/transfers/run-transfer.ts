import type { ErrorInfo } from "#shared/errors.ts";
import type { TransferId } from "#shared/transfer.ts";
import type { ItemRow } from "./journal.ts";
import type { ItemOutcome, RunOutcome } from "./outcome.ts";
import type { Run } from "./run-ports.ts";
import { isAbort, LonghaulError, toErrorInfo } from "#shared/errors.ts";
import { MiB } from "../bytes/sizes.ts";
import { isPackedDrop, removeArrivals } from "./dropped-folder.ts";
import { ItemAtWork } from "./item-at-work.ts";
import { ItemFeeder } from "./item-feeder.ts";
import { isOfArrivals } from "./item-record.ts";
import { outcomeForAll } from "./outcome.ts";
import { runDownloadItem } from "./run-download-item.ts";
import { runUploadItem } from "./run-upload-item.ts";
import { removeSpool } from "./spool.ts";
import { bytesOfItem } from "./start-packing.ts";
import { itemCountOf } from "./transfer-record.ts";
import { Wake } from "./wake.ts";

/** Items up to this size move side by side; longer ones move few at a time with many parts each. */
const SMALL_ITEM_BYTES = 16 * MiB;

/** More are looked through in the list of what failed. */
const MOST_CHANGED = 100;

/** How long a transfer waits for a page that stopped sending, in milliseconds. */
const AWAIT_DROP_MS = 15_000;

/** Lists and moves one transfer's items until none is left that could move. */
export class TransferRun {
  readonly #run: Run;
  readonly #id: TransferId;
  readonly #feeder: ItemFeeder;
  readonly #wake = new Wake();
  readonly #stop = new AbortController();
  readonly #active = new Map<number, { readonly isSmall: boolean; readonly done: Promise<void> }>();
  #arrivedAtMs: number;
  #early: RunOutcome | null = null;
  #bug: Error | null = null;

  constructor(run: Run) {
    this.#run = run;
    this.#id = run.record.id;
    this.#arrivedAtMs = run.ports.clock.nowMs();
    this.#feeder = new ItemFeeder(run.ports.journal, this.#id, () => this.#active.keys());
  }

  /** Items came back to `waiting`: by an answer, an arrival or a retry. */
  notice(): void {
    this.#feeder.rewind();
    this.#wake.wake();
  }

  /** The listing added items, after all that were there. */
  noticeAdded(): void {
    this.#wake.wake();
  }

  /** A page is sending: bytes of an item arrived just now. */
  noticeArrival(): void {
    this.#arrivedAtMs = this.#run.ports.clock.nowMs();
  }

  /**
   * @param list Finds the items; null when all are known.
   * @returns why nothing more can move; @throws AbortError when `signal` stops it. Nothing of the
   * run is under way any more when it settles.
   */
  async run(
    list: ((signal: AbortSignal) => Promise<void>) | null,
    signal: AbortSignal,
  ): Promise<RunOutcome> {
    const joint = AbortSignal.any([signal, this.#stop.signal]);
    const listing = list === null ? Promise.resolve() : this.#list(list, joint);
    try {
      await this.#moveAll(joint);
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    } finally {
      this.#stop.abort();
      await Promise.allSettled([listing, ...[...this.#active.values()].map(({ done }) => done)]);
    }
    if (this.#bug !== null) throw this.#bug;
    return this.#early ?? this.#outcome();
  }

  async #list(list: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    try {
      await list(signal);
    } catch (error) {
      this.#end(error);
    } finally {
      this.#wake.wake();
    }
  }

  async #moveAll(signal: AbortSignal): Promise<void> {
    for (;;) {
      const row = await this.#feeder.next((candidate) => this.#fits(candidate));
      signal.throwIfAborted();
      if (row !== null) this.#begin(row, signal);
      else if (this.#active.size > 0) await this.#wake.wait(signal);
      // What waits may be what the rest is packed into.
      else if (this.#isDrop && !this.#isAllHere()) await this.#awaitDrop(signal);
      else if (this.#feeder.isEmpty && this.#isAllHere()) return;
      else await this.#wake.wait(signal);
    }
  }

  get #isDrop(): boolean {
    return this.#run.record.spec.kind === "drop";
  }

  /** All items are known, and none is on its way from a page. */
  #isAllHere(): boolean {
    const { listing, totals } = this.#run.ports.book.get(this.#id);
    return listing.isComplete && totals.counts.arriving === 0;
  }

  /** Waits for the page that sends the rest, as long as it does. */
  async #awaitDrop(signal: AbortSignal): Promise<void> {
    const { clock } = this.#run.ports;
    if (clock.nowMs() - this.#arrivedAtMs >= AWAIT_DROP_MS) {
      this.#early = { kind: "paused", cause: "drop", error: null };
      this.#stop.abort();
      return;
    }
    const nap = new AbortController();
    const either = AbortSignal.any([signal, nap.signal]);
    await Promise.race([this.#wake.wait(either), clock.sleep(1000, either)]).finally(() =>
      nap.abort(),
    );
  }

  #fits(row: ItemRow): boolean {
    if (isOfArrivals(row.source) && !this.#isAllHere()) return false;
    const isSmall = this.#isSmall(row);
    const { small, large } = this.#run.ports.itemLimits();
    const limit = isSmall ? Math.min(small, this.#run.opened.connections) : large;
    const alike = [...this.#active.values()].filter((active) => active.isSmall === isSmall);
    return alike.length < limit;
  }

  #isSmall(row: ItemRow): boolean {
    return bytesOfItem(this.#run, row) <= SMALL_ITEM_BYTES;
  }

  #begin(row: ItemRow, signal: AbortSignal): void {
    const isSmall = this.#isSmall(row);
    const done = this.#moveOne(row, signal).catch((error: unknown) => this.#end(error));
    this.#active.set(row.index, { isSmall, done });
    void done.then(() => {
      this.#active.delete(row.index);
      this.#wake.wake();
    });
  }

  async #moveOne(row: ItemRow, signal: AbortSignal): Promise<void> {
    const { progress, ports } = this.#run;
    const { doneBytes } = row;
    const at = progress.begin(row.index, { sizeBytes: bytesOfItem(this.#run, row), doneBytes });
    const work = new ItemAtWork(this.#run, row, at);
    try {
      const outcome = await this.#outcomeOf(work, signal);
      await work.settle(outcome);
      // From here on the totals count it, and it must not be counted twice.
      progress.end(row.index);
      if (outcome.kind === "done" || outcome.kind === "skipped") await this.#removeSpools(row);
      if (outcome.kind !== "failed") return;
      await ports.book.log(this.#id, "error", `${work.row.name}: ${outcome.error.message}`);
    } finally {
      progress.end(row.index);
    }
  }

  async #removeSpools({ source }: ItemRow): Promise<void> {
    if (isOfArrivals(source)) await removeArrivals(this.#run);
    else await removeSpool(source);
  }

  /** @throws what stops the whole run; the item waits again then. */
  async #outcomeOf(work: ItemAtWork, signal: AbortSignal): Promise<ItemOutcome> {
    const { direction } = this.#run.record;
    try {
      await this.#run.space?.cover(signal);
      return await (direction === "upload" ? runUploadItem : runDownloadItem)(work, signal);
    } catch (error) {
      const info = toErrorInfo(error);
      const isBug = info.code === "internal" && !signal.aborted;
      // What nobody expected of this item says nothing of the others.
      if (isBug) this.#run.onBug(error);
      if (isBug || (error instanceof LonghaulError && outcomeForAll(info, direction) === null))
        return { kind: "failed", error: info };
      await work.putBack();
      throw error;
    }
  }

  /** Stops the whole run: what this item met, the others will meet. */
  #end(error: unknown): void {
    if (isAbort(error)) return;
    const info = toErrorInfo(error);
    if (!(error instanceof LonghaulError)) this.#bug ??= asError(error);
    else if (info.code === "internal") this.#run.onBug(error);
    this.#early ??= outcomeForAll(info, this.#run.record.direction) ?? {
      kind: "failed",
      error: info,
    };
    this.#stop.abort();
  }

  async #outcome(): Promise<RunOutcome> {
    const { counts } = this.#run.ports.book.get(this.#id).totals;
    if (counts.waiting > 0) return await this.#unfinished();
    if (counts.asking > 0) return { kind: "paused", cause: "conflict", error: null };
    if (counts.failed === 0) return { kind: "finished" };
    const changed = await this.#change(counts.failed);
    if (changed !== null) return { kind: "paused", cause: "object-changed", error: changed };
    return { kind: "failed", error: await this.#failure(counts.failed) };
  }

  /** Where objects that changed are all that is left, a person says what is meant; else null. */
  async #change(failedCount: number): Promise<ErrorInfo | null> {
    if (failedCount > MOST_CHANGED) return null;
    const query = { transferId: this.#id, phases: ["failed"], limit: failedCount } as const;
    const failed = await this.#run.ports.journal.items(query);
    const isAll = failed.every(({ error }) => error?.code === "object-changed");
    return isAll ? (failed[0]?.error ?? null) : null;
  }

  /** @throws when nothing waits after all: then the next run would find nothing either, for ever. */
  async #unfinished(): Promise<RunOutcome> {
    const query = { transferId: this.#id, phases: ["waiting"], limit: 1 } as const;
    const [waiting] = await this.#run.ports.journal.items(query);
    if (waiting === undefined) throw new Error("the book counts items that the journal has not");
    return { kind: "unfinished" };
  }

  /** A transfer of one item fails with that item's error, one of many with how many failed. */
  async #failure(count: number): Promise<ErrorInfo> {
    const { ports, record } = this.#run;
    const query = { transferId: this.#id, phases: ["failed"], limit: 1 } as const;
    const [first] = await ports.journal.items(query);
    // Of a drop that is packed, what failed is the one object that it becomes.
    const isOnly = itemCountOf(ports.book.get(this.#id).totals) === 1 || isPackedDrop(record.spec);
    if (isOnly && first?.error) return first.error;
    return { code: "items-failed", message: `${count} items failed`, details: { count } };
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
