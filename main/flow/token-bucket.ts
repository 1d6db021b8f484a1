import type { Clock } from "./clock.ts";

/** Cells of the shared memory, each a 64-bit integer. */
const BOOKED = 0;
const RELEASED = 1;
const EARNED_UNTIL = 2;
const PER_SECOND = 3;
const EPOCH = 4;
const CHANGED_AT = 5;
const CELL_COUNT = 6;

/** How much an idle bucket saves up: short enough that no window of seconds shows it. */
const CAPACITY_MS = 50;
/** How much of what was given back it keeps: 4 % of the 10 s in which a cap must hold. */
const REFUND_MS = 400;
/**
 * What was paid under another rate is let through for this long after the change: most of it is on
 * its way already, and paying twice would leave the line idle. The promise is one second.
 */
const GRACE_MS = 700;
/** A waiter looks again at least this often, so that a new rate reaches it in time. */
const LONGEST_NAP_MS = 50;
const MICROSECONDS_PER_MS = 1000;
const MICROSECONDS_PER_SECOND = 1_000_000n;

/** The shared memory of buckets; give it to every thread that takes from them. */
export function createBucketCells(bucketCount = 1): BigInt64Array {
  const sizeBytes = bucketCount * CELL_COUNT * BigInt64Array.BYTES_PER_ELEMENT;
  return new BigInt64Array(new SharedArrayBuffer(sizeBytes));
}

/** The part of it that is one bucket's. */
export function bucketCellsAt(cells: BigInt64Array, bucket: number): BigInt64Array {
  return cells.subarray(bucket * CELL_COUNT, (bucket + 1) * CELL_COUNT);
}

/**
 * Limits a rate over all threads that share its cells. One token is one byte.
 *
 * Every `take` books its tokens behind all earlier ones and waits until that many were released; so
 * callers are served in the order they asked, a request may be larger than the capacity, and a new
 * rate holds at once also for those who wait. Tokens are earned by whoever looks; no thread is needed.
 */
export class TokenBucket {
  readonly #cells: BigInt64Array;
  readonly #clock: Clock;

  constructor(cells: BigInt64Array, clock: Clock) {
    this.#cells = cells;
    this.#clock = clock;
  }

  /** Tokens per second; null is no limit. */
  get perSecond(): number | null {
    return Number(this.#read(PER_SECOND)) || null;
  }

  /** Changes with every change of the rate, so that what was paid under another one is known. */
  get epoch(): number {
    return Number(this.#read(EPOCH));
  }

  /** Called by one thread only. */
  setRate(perSecond: number | null): void {
    const next = BigInt(Math.floor(perSecond ?? 0));
    const before = this.#read(PER_SECOND);
    if (next === before) return;
    this.#earn();
    Atomics.store(this.#cells, CHANGED_AT, this.#nowMicroseconds());
    // Without a limit nobody waited: neither debt nor savings come from that time.
    if (before === 0n) this.#forget();
    Atomics.store(this.#cells, PER_SECOND, next);
    Atomics.add(this.#cells, EPOCH, 1n);
  }

  /** True for what was paid when `epoch` was now and still moves long after the rate changed. */
  mustPayAgain(epoch: number): boolean {
    if (this.perSecond === null || this.epoch === epoch) return false;
    const sinceChange = this.#nowMicroseconds() - this.#read(CHANGED_AT);
    return sinceChange > BigInt(GRACE_MS * MICROSECONDS_PER_MS);
  }

  /**
   * Resolves with true once `count` tokens may be spent. A canceled wait gives its tokens back.
   *
   * @param isWorthIt Asked when the rate changes during the wait; where it says no, the wait ends
   * with false and its tokens are given back.
   */
  async take(
    count: number,
    signal: AbortSignal,
    isWorthIt: (perSecond: number) => boolean = () => true,
  ): Promise<boolean> {
    signal.throwIfAborted();
    if (this.perSecond === null || count <= 0) return true;
    this.#earn();
    const size = BigInt(count);
    const ticket = Atomics.add(this.#cells, BOOKED, size) + size;
    let isTaken = false;
    try {
      isTaken = await this.#waitFor(ticket, signal, isWorthIt);
    } finally {
      if (!isTaken) this.giveBack(count);
    }
    return isTaken;
  }

  /** Returns tokens that were taken and not spent. */
  giveBack(count: number): void {
    if (this.perSecond !== null) this.#release(BigInt(count), REFUND_MS);
  }

  async #waitFor(
    ticket: bigint,
    signal: AbortSignal,
    isWorthIt: (perSecond: number) => boolean,
  ): Promise<boolean> {
    const epoch = this.epoch;
    for (;;) {
      const perSecond = this.perSecond;
      if (perSecond === null) return true;
      if (this.epoch !== epoch && !isWorthIt(perSecond)) return false;
      this.#earn();
      const missing = Number(ticket - this.#read(RELEASED));
      if (missing <= 0) return true;
      const dueMs = Math.ceil((missing / perSecond) * 1000);
      await this.#clock.sleep(Math.min(dueMs, LONGEST_NAP_MS), signal);
    }
  }

  /** Releases what was earned since anyone last looked; each span of time is earned by one thread. */
  #earn(): void {
    const perSecond = this.#read(PER_SECOND);
    const now = this.#nowMicroseconds();
    const since = this.#read(EARNED_UNTIL);
    if (perSecond === 0n) {
      Atomics.store(this.#cells, EARNED_UNTIL, now);
      return;
    }
    const earned = ((now - since) * perSecond) / MICROSECONDS_PER_SECOND;
    if (earned <= 0n) return;
    // Only the time that these whole tokens took, rounded up, so that fractions never add up to more.
    const until = since + (earned * MICROSECONDS_PER_SECOND + perSecond - 1n) / perSecond;
    if (Atomics.compareExchange(this.#cells, EARNED_UNTIL, since, until) !== since) return;
    this.#release(earned, CAPACITY_MS);
  }

  /** Never to more than what is booked and `savedMs` beyond it; what is there already stays. */
  #release(count: bigint, savedMs: number): void {
    for (;;) {
      const before = this.#read(RELEASED);
      const saved = (this.#read(PER_SECOND) * BigInt(savedMs)) / 1000n;
      const ceiling = larger(before, this.#read(BOOKED) + saved);
      const after = before + count > ceiling ? ceiling : before + count;
      if (Atomics.compareExchange(this.#cells, RELEASED, before, after) === before) return;
    }
  }

  #forget(): void {
    Atomics.store(this.#cells, RELEASED, this.#read(BOOKED));
  }

  #nowMicroseconds(): bigint {
    return BigInt(Math.floor(this.#clock.nowMs() * MICROSECONDS_PER_MS));
  }

  #read(cell: number): bigint {
    return Atomics.load(this.#cells, cell);
  }
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
