import { LonghaulError } from "#shared/errors.ts";
import { systemClock } from "../flow/clock.ts";
import { streamsUnderCap } from "../flow/cap-sizes.ts";
import { acquireBoth } from "../flow/acquire-both.ts";
import { Semaphore } from "../flow/semaphore.ts";
import { bucketCellsAt, createBucketCells, TokenBucket } from "../flow/token-bucket.ts";
import type { Meter } from "./wire.ts";

const MOVED = 0;
const DIGESTED = 1;
const WRITING = 2;
const CELLS_PER_SLOT = 3;

/** What a transfer may use of the line, beside the limits of all. */
export type Cap = {
  readonly bucket: TokenBucket;
  /** Of those that wait for tokens each holds a connection, so a low cap gets few. */
  readonly streams: Semaphore;
};

/** Meters in one piece of shared memory: workers add, the main thread reads. */
export class MeterTable {
  readonly cells: BigInt64Array;
  /** One bucket for each slot. */
  readonly capCells: BigInt64Array;
  readonly #caps = new Map<number, Cap>();
  /** First freed, first used again: what a canceled stream still adds meets no living meter. */
  readonly #freeSlots: number[];

  constructor(slotCount = 4096) {
    const sizeBytes = slotCount * CELLS_PER_SLOT * BigInt64Array.BYTES_PER_ELEMENT;
    this.cells = new BigInt64Array(new SharedArrayBuffer(sizeBytes));
    this.capCells = createBucketCells(slotCount);
    this.#freeSlots = Array.from({ length: slotCount }, (_, slot) => slot);
  }

  /** The narrowest first. @throws {LonghaulError} `internal` when the meter or its group is not open. */
  capsOf({ slot, group }: Pick<Meter, "slot" | "group">): readonly Cap[] {
    return group < 0 ? [this.#capOf(slot)] : [this.#capOf(slot), this.#capOf(group)];
  }

  #capOf(slot: number): Cap {
    const cap = this.#caps.get(slot);
    if (cap === undefined) throw new LonghaulError("internal", "a meter was used after its end");
    return cap;
  }

  /** @throws {LonghaulError} `internal` when all are in use: somebody forgot to free theirs. */
  open(group?: Meter): Meter {
    const slot = this.#freeSlots.shift();
    if (slot === undefined) throw new LonghaulError("internal", "all meters are in use");
    const cell = slot * CELLS_PER_SLOT;
    const movedBefore = Atomics.load(this.cells, cell + MOVED);
    const digestedBefore = Atomics.load(this.cells, cell + DIGESTED);
    const writingBefore = Atomics.load(this.cells, cell + WRITING);
    let isOpen = true;
    const cells = bucketCellsAt(this.capCells, slot);
    const cap = { bucket: new TokenBucket(cells, systemClock), streams: new Semaphore(Infinity) };
    this.#caps.set(slot, cap);
    return {
      slot,
      group: group?.slot ?? -1,
      movedBytes: () => Number(Atomics.load(this.cells, cell + MOVED) - movedBefore),
      digestedBytes: () => Number(Atomics.load(this.cells, cell + DIGESTED) - digestedBefore),
      // What a canceled stream still wrote when the slot was opened ends meanwhile.
      writingCount: () =>
        Math.max(0, Number(Atomics.load(this.cells, cell + WRITING) - writingBefore)),
      enter: async (signal) => {
        const groupStreams = group && this.#caps.get(group.slot)?.streams;
        const own = async () => await cap.streams.acquire(signal);
        if (groupStreams === undefined) return await own();
        return await acquireBoth(own, () => groupStreams.acquire(signal, String(slot)));
      },
      setCap: (bytesPerSecond) => {
        if (!isOpen) return;
        cap.bucket.setRate(bytesPerSecond);
        cap.streams.setLimit(streamsUnderCap(bytesPerSecond));
      },
      free: () => {
        if (!isOpen) return;
        isOpen = false;
        cap.bucket.setRate(null);
        this.#caps.delete(slot);
        this.#freeSlots.push(slot);
      },
    };
  }
}

/** The worker's side. A negative slot counts nothing. */
export class MeterCells {
  readonly #cells: BigInt64Array;

  constructor(cells: BigInt64Array) {
    this.#cells = cells;
  }

  addMoved(slot: number, bytes: number): void {
    this.#add(slot, MOVED, bytes);
  }

  addDigested(slot: number, bytes: number): void {
    this.#add(slot, DIGESTED, bytes);
  }

  /** @param change 1 as a write begins, -1 as it ends. */
  addWriting(slot: number, change: 1 | -1): void {
    this.#add(slot, WRITING, change);
  }

  #add(slot: number, cell: number, bytes: number): void {
    if (slot >= 0) Atomics.add(this.#cells, slot * CELLS_PER_SLOT + cell, BigInt(bytes));
  }
}
