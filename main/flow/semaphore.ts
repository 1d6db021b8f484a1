type Waiter = { readonly grant: () => void };

/** Bounds how many run at once, first come first served. The limit may change at any time. */
export class Semaphore {
  #limit: number;
  #held = 0;
  readonly #waiters = new Set<Waiter>();

  /** @param limit At least 1; Infinity is no bound. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get heldCount(): number {
    return this.#held;
  }

  get waitingCount(): number {
    return this.#waiters.size;
  }

  /** A lower limit takes no slot away; it holds back the next ones. */
  setLimit(limit: number): void {
    this.#limit = limit;
    this.#grantWaiting();
  }

  /**
   * Resolves with the way to give the slot back, safe to call twice.
   *
   * @throws AbortError as soon as `signal` aborts.
   */
  async acquire(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#held < this.#limit && this.#waiters.size === 0) return this.#take();
    return await new Promise<() => void>((resolve, reject) => {
      const onAbort = () => {
        this.#waiters.delete(waiter);
        reject(signal.reason);
      };
      const waiter = {
        grant: () => {
          signal.removeEventListener("abort", onAbort);
          resolve(this.#take());
        },
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  #take(): () => void {
    this.#held += 1;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#held -= 1;
      this.#grantWaiting();
    };
  }

  #grantWaiting(): void {
    for (const waiter of this.#waiters) {
      if (this.#held >= this.#limit) return;
      this.#waiters.delete(waiter);
      waiter.grant();
    }
  }
}
