import type { TokenBucket } from "./token-bucket.ts";

/** What was paid to each bucket of a chain was paid at these epochs. */
export type Epochs = readonly number[];

/** Several caps that hold at once: the narrowest first, so that who waits there holds up nobody else. */
export class BucketChain {
  readonly #buckets: readonly TokenBucket[];

  constructor(buckets: readonly TokenBucket[]) {
    this.#buckets = buckets;
  }

  /** The lowest of the caps; null is no limit. */
  get perSecond(): number | null {
    const rates = this.#buckets.map(({ perSecond }) => perSecond).filter((rate) => rate !== null);
    return rates.length === 0 ? null : Math.min(...rates);
  }

  get epochs(): Epochs {
    return this.#buckets.map(({ epoch }) => epoch);
  }

  /** As `TokenBucket.take`, of each bucket; what was taken is given back unless all gave. */
  async take(
    count: number,
    signal: AbortSignal,
    isWorthIt?: (perSecond: number) => boolean,
  ): Promise<boolean> {
    const paid: TokenBucket[] = [];
    let isTaken = false;
    try {
      for (const bucket of this.#buckets) {
        if (!(await bucket.take(count, signal, isWorthIt))) return false;
        paid.push(bucket);
      }
      isTaken = true;
    } finally {
      if (!isTaken) for (const bucket of paid) bucket.giveBack(count);
    }
    return isTaken;
  }

  giveBack(count: number): void {
    for (const bucket of this.#buckets) bucket.giveBack(count);
  }

  /** Pays again where a cap changed since `paid`; null where nothing is due. */
  takeAgain(count: number, paid: Epochs, signal: AbortSignal): Promise<unknown> | null {
    const due = this.#buckets.filter((bucket, at) => bucket.mustPayAgain(paid[at] ?? 0));
    return due.length === 0 ? null : new BucketChain(due).take(count, signal);
  }
}
