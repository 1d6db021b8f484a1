import { LonghaulError } from "#shared/errors.ts";
import type { Meter } from "./wire.ts";

const MOVED = 0;
const DIGESTED = 1;
const CELLS_PER_SLOT = 2;

/** Meters in one piece of shared memory: workers add, the main thread reads. */
export class MeterTable {
  readonly cells: BigInt64Array;
  /** First freed, first used again: what a canceled stream still adds meets no living meter. */
  readonly #freeSlots: number[];

  constructor(slotCount = 4096) {
    const sizeBytes = slotCount * CELLS_PER_SLOT * BigInt64Array.BYTES_PER_ELEMENT;
    this.cells = new BigInt64Array(new SharedArrayBuffer(sizeBytes));
    this.#freeSlots = Array.from({ length: slotCount }, (_, slot) => slot);
  }

  /** @throws {LonghaulError} `internal` when all are in use: somebody forgot to free theirs. */
  open(): Meter {
    const slot = this.#freeSlots.shift();
    if (slot === undefined) throw new LonghaulError("internal", "all meters are in use");
    const cell = slot * CELLS_PER_SLOT;
    const movedBefore = Atomics.load(this.cells, cell + MOVED);
    const digestedBefore = Atomics.load(this.cells, cell + DIGESTED);
    let isOpen = true;
    return {
      slot,
      movedBytes: () => Number(Atomics.load(this.cells, cell + MOVED) - movedBefore),
      digestedBytes: () => Number(Atomics.load(this.cells, cell + DIGESTED) - digestedBefore),
      free: () => {
        if (isOpen) this.#freeSlots.push(slot);
        isOpen = false;
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

  #add(slot: number, cell: number, bytes: number): void {
    if (slot >= 0) Atomics.add(this.#cells, slot * CELLS_PER_SLOT + cell, BigInt(bytes));
  }
}
