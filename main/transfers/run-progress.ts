import type { Activity, TransferDetail } from "#shared/transfer.ts";
import type { RetryNotice } from "../parts/ports.ts";
import type { Meter } from "../wire/wire.ts";
import type { RateState } from "../flow/rate-meter.ts";
import type { LiveFacts } from "./transfer-view.ts";
import { lengthOf } from "../bytes/byte-range.ts";
import { addSample, newRate, readRate, secondsLeft } from "../flow/rate-meter.ts";
import { ItemProgress } from "./item-progress.ts";

const HISTORY_SECONDS = 300;

/** What the sampler must know of the transfer, beside what its items under way say. */
export type Remainder = {
  /** Of the whole transfer, as far as it is known. */
  readonly doneBytes: number;
  readonly leftBytes: number;
  readonly isListing: boolean;
  /** Files that a browser page still has to send. */
  readonly arrivingCount: number;
  /** Those that are here, where all of them go as one archive; else null. */
  readonly arrivedCount: number | null;
};

/** One run's measurements: its items under way, and a sample a second of what crossed the wire. */
export class RunProgress {
  readonly meter: Meter;
  readonly #items = new Map<number, ItemProgress>();
  readonly #history: number[] = [];
  #rate: RateState;
  #sampledBytes: number;
  /** What had crossed the line, and was done, when the run began. */
  readonly #movedBeforeBytes: number;
  #doneBeforeBytes: number | null = null;
  #remainder: Remainder = {
    doneBytes: 0,
    leftBytes: 0,
    isListing: true,
    arrivingCount: 0,
    arrivedCount: null,
  };
  #idleSinceMs: number | null = null;
  #listingRetry: RetryNotice | null = null;

  readonly #onMoved: () => void;

  /** @param onMoved Told whenever bytes are done that no earlier run moved. */
  constructor(meter: Meter, nowMs: number, onMoved: () => void = () => undefined) {
    this.meter = meter;
    this.#onMoved = onMoved;
    this.#rate = newRate(nowMs);
    this.#sampledBytes = meter.movedBytes();
    this.#movedBeforeBytes = this.#sampledBytes;
  }

  /** @param row As the transfer's totals count it while the item is under way. */
  begin(index: number, row: { sizeBytes: number; doneBytes: number }): ItemProgress {
    const item = new ItemProgress(row.sizeBytes, row.doneBytes, this.#onMoved);
    this.#items.set(index, item);
    return item;
  }

  end(index: number): void {
    this.#items.delete(index);
  }

  item(index: number): ItemProgress | undefined {
    return this.#items.get(index);
  }

  get items(): ReadonlyMap<number, ItemProgress> {
    return this.#items;
  }

  /** The listing waits to ask again; null: it goes on. */
  listingRetries(notice: RetryNotice | null): void {
    this.#listingRetry = notice;
  }

  /** Every item under way is being read back, and there is one. */
  get isVerifying(): boolean {
    return this.#items.size > 0 && this.#all((item) => item.stageNow === "verifying");
  }

  /** Once a second. `wallMs` is for what people read. */
  sample(nowMs: number, wallMs: number, remainder: Remainder): void {
    const moved = this.meter.movedBytes();
    const bytes = moved - this.#sampledBytes;
    this.#sampledBytes = moved;
    this.#rate = addSample(this.#rate, { nowMs, bytes });
    this.#remainder = remainder;
    this.#doneBeforeBytes ??= remainder.doneBytes - this.#sum((item) => item.aheadBytes);
    this.#history.push(readRate(this.#rate, nowMs).shownBytesPerSecond);
    if (this.#history.length > HISTORY_SECONDS) this.#history.shift();
    if (bytes > 0 || !this.#isMoving()) this.#idleSinceMs = null;
    else this.#idleSinceMs ??= wallMs - (nowMs - this.#rate.lastByteAtMs);
  }

  facts(nowMs: number): LiveFacts {
    const rate = readRate(this.#rate, nowMs);
    const activity = this.#activity(rate.isStalled);
    const isTimed = activity.kind === "moving" && !this.#remainder.isListing;
    const inFlightBytes = this.#sum((item) =>
      [...item.inFlightRanges].reduce((sum, range) => sum + lengthOf(range), 0),
    );
    const { doneBytes, leftBytes } = this.#remainder;
    const crossedBytes = Math.min(inFlightBytes, leftBytes, this.#crossedBytes());
    // On a slow line the first part may be done only when the last one nearly is.
    const course = { doneBytes: doneBytes + crossedBytes, leftBytes: leftBytes - crossedBytes };
    return {
      activity,
      doneBytes: this.#sum((item) => item.aheadBytes),
      inFlightBytes,
      crossedBytes,
      readBackBytes: this.#sum((item) => item.readBackBytes),
      bytesPerSecond: rate.shownBytesPerSecond,
      secondsLeft: isTimed ? secondsLeft(this.#rate, nowMs, course) : null,
    };
  }

  /** What crossed the line in this run and is not counted as done: in flight, or in vain. */
  #crossedBytes(): number {
    const moved = this.#sampledBytes - this.#movedBeforeBytes;
    const done = this.#remainder.doneBytes - (this.#doneBeforeBytes ?? 0);
    return Math.max(0, moved - done);
  }

  speed(): number[] {
    return [...this.#history];
  }

  /** The part map of the only item, while it is under way. */
  map(): TransferDetail["map"] | null {
    const [item] = this.#items.values();
    if (!item) return null;
    const { map } = item;
    const retrying = item.retries.flatMap((notice) => rangeOfPart(item, notice));
    return {
      unit: "part",
      total: map.partCount,
      done: Math.min(
        map.partCount,
        Math.floor((item.doneBytes / Math.max(1, item.sizeBytes)) * map.partCount),
      ),
      inFlight: item.inFlightRanges.size,
      perCell: map.partsPerCell,
      cells: map.draw(item.inFlightRanges, retrying),
    };
  }

  #activity(isStalled: boolean): Activity {
    if (this.#items.size === 0) return this.#listingActivity();
    const retry = this.#nextRetry();
    // What waits for its turn at the sockets, or for others' parts to go, is not stalled.
    const isIdle = (isStalled && !this.#isWaitingForTurn()) || this.#isOnlyRetrying();
    if (this.#isMoving() && isIdle && this.#idleSinceMs !== null) {
      // With bytes that wait for the disk, no other end is to blame.
      const isOnDisk = isStalled && this.meter.writingCount() > 0;
      return { kind: "stalled", sinceMs: this.#idleSinceMs, ...(isOnDisk && { isOnDisk }), retry };
    }
    if (this.#all((item) => item.stageNow === "finalising")) return { kind: "finalising" };
    if (!this.#all((item) => item.stageNow === "preparing")) return { kind: "moving" };
    return retry === null ? { kind: "preparing" } : this.#waitingFor(retry);
  }

  #listingActivity(): Activity {
    if (this.#listingRetry !== null) return this.#waitingFor(this.#listingRetry);
    const { arrivingCount, arrivedCount } = this.#remainder;
    if (arrivingCount === 0) return { kind: "preparing" };
    if (arrivedCount === null) return { kind: "awaiting-drop" };
    const arrived = { count: arrivedCount, of: arrivedCount + arrivingCount };
    return { kind: "awaiting-drop", arrived };
  }

  /** Nothing moves because nothing answers. */
  #waitingFor(retry: RetryNotice): Activity {
    return { kind: "stalled", sinceMs: this.#idleSinceMs ?? retry.atMs, retry };
  }

  #nextRetry(): RetryNotice | null {
    const all = [...this.#items.values()].flatMap((item) => item.retries);
    return all.toSorted((a, b) => a.atMs - b.atMs)[0] ?? null;
  }

  /** Nothing is on its way: all there is to do is to wait for a retry. */
  #isOnlyRetrying(): boolean {
    return this.#all((item) => item.inFlightRanges.size === 0) && this.#nextRetry() !== null;
  }

  #isWaitingForTurn(): boolean {
    return this.#all((item) => item.inFlightRanges.size === 0) && this.#nextRetry() === null;
  }

  #isMoving(): boolean {
    return [...this.#items.values()].some((item) => item.stageNow === "moving");
  }

  #all(test: (item: ItemProgress) => boolean): boolean {
    return [...this.#items.values()].every(test);
  }

  #sum(of: (item: ItemProgress) => number): number {
    return [...this.#items.values()].reduce((sum, item) => sum + of(item), 0);
  }
}

/** The range a part number stands for is known only while its request is under way. */
function rangeOfPart(item: ItemProgress, notice: RetryNotice) {
  if (notice.part === null) return [];
  const start = (notice.part - 1) * item.map.cellBytes;
  return [...item.inFlightRanges].filter((range) => range.start === start);
}
