type Waiter = { readonly turn: number; readonly grant: () => void };

/** What one who asks has, and waits for, in order. */
type Share = { held: number; readonly waiters: Set<Waiter> };

/**
 * Bounds how many run at once. Of those who wait, whoever holds least goes first, so that nobody's
 * many long holds keep others out; among equals it is first come, first served. The limit may change
 * at any time.
 */
export class Semaphore {
  #limit: number;
  #held = 0;
  #waiting = 0;
  #lastTurn = 0;
  /** By holder; only of those who hold or wait. */
  readonly #shares = new Map<string, Share>();

  /** @param limit At least 1; Infinity is no bound. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get heldCount(): number {
    return this.#held;
  }

  get waitingCount(): number {
    return this.#waiting;
  }

  /** A lower limit takes no slot away; it holds back the next ones. */
  setLimit(limit: number): void {
    this.#limit = limit;
    this.#grantWaiting();
  }

  /**
   * Resolves with the way to give the slot back, safe to call twice.
   *
   * @param holder Whose slots are counted together.
   * @throws AbortError as soon as `signal` aborts.
   */
  async acquire(signal: AbortSignal, holder = ""): Promise<() => void> {
    signal.throwIfAborted();
    const share = this.#shares.get(holder) ?? { held: 0, waiters: new Set() };
    this.#shares.set(holder, share);
    if (this.#held < this.#limit && this.#waiting === 0) return this.#take(holder, share);
    return await new Promise<() => void>((resolve, reject) => {
      const onAbort = () => {
        this.#leave(share, waiter);
        this.#forget(holder, share);
        reject(signal.reason);
      };
      const waiter = {
        turn: (this.#lastTurn += 1),
        grant: () => {
          signal.removeEventListener("abort", onAbort);
          resolve(this.#take(holder, share));
        },
      };
      signal.addEventListener("abort", onAbort, { once: true });
      share.waiters.add(waiter);
      this.#waiting += 1;
    });
  }

  #take(holder: string, share: Share): () => void {
    this.#held += 1;
    share.held += 1;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#held -= 1;
      share.held -= 1;
      this.#forget(holder, share);
      this.#grantWaiting();
    };
  }

  #grantWaiting(): void {
    while (this.#waiting > 0 && this.#held < this.#limit) {
      const next = this.#next();
      if (next === null) return;
      this.#leave(next.share, next.waiter);
      next.waiter.grant();
    }
  }

  #next(): { readonly share: Share; readonly waiter: Waiter } | null {
    let best: { readonly share: Share; readonly waiter: Waiter } | null = null;
    for (const share of this.#shares.values()) {
      const [waiter] = share.waiters;
      if (waiter === undefined) continue;
      const isFirst =
        best === null ||
        share.held < best.share.held ||
        (share.held === best.share.held && waiter.turn < best.waiter.turn);
      if (isFirst) best = { share, waiter };
    }
    return best;
  }

  #leave(share: Share, waiter: Waiter): void {
    if (share.waiters.delete(waiter)) this.#waiting -= 1;
  }

  #forget(holder: string, share: Share): void {
    const isUnused = share.held === 0 && share.waiters.size === 0;
    if (isUnused && this.#shares.get(holder) === share) this.#shares.delete(holder);
  }
}
