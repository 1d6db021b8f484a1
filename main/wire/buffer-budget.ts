type Waiter = { readonly sizeBytes: number; readonly grant: (share: Share) => void };

/** Memory granted in one thread, until it is given back. */
export interface Share {
  /** Counted from 0. */
  readonly worker: number;
  /** Safe to call twice. */
  release(): void;
}

/**
 * One pool of buffer memory over all threads, counted by the main thread and never exceeded. Each
 * thread has an equal part of it; who asks gets the thread with the least in use, or waits in line.
 */
export class BufferBudget {
  readonly #bytesPerWorker: number;
  readonly #usedBytes: number[];
  readonly #waiters = new Set<Waiter>();

  constructor(totalBytes: number, workerCount: number) {
    this.#bytesPerWorker = Math.floor(totalBytes / workerCount);
    this.#usedBytes = Array.from({ length: workerCount }, () => 0);
  }

  get usedBytes(): number {
    return this.#usedBytes.reduce((sum, bytes) => sum + bytes, 0);
  }

  /**
   * Waits for memory. What is larger than a thread's part counts as all of it.
   *
   * @throws AbortError as soon as `signal` aborts.
   */
  async acquire(sizeBytes: number, signal: AbortSignal): Promise<Share> {
    signal.throwIfAborted();
    const neededBytes = Math.min(sizeBytes, this.#bytesPerWorker);
    if (this.#waiters.size === 0) {
      const share = this.#tryTake(neededBytes);
      if (share !== null) return share;
    }
    return await this.#waitInLine(neededBytes, signal);
  }

  #waitInLine(sizeBytes: number, signal: AbortSignal): Promise<Share> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiters.delete(waiter);
        this.#grantWaiting();
        reject(signal.reason);
      };
      const grant = (share: Share) => {
        signal.removeEventListener("abort", onAbort);
        resolve(share);
      };
      const waiter = { sizeBytes, grant };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  /** In order: a large one at the head is not passed by small ones, or it would wait for ever. */
  #grantWaiting(): void {
    for (const waiter of this.#waiters) {
      const share = this.#tryTake(waiter.sizeBytes);
      if (share === null) return;
      this.#waiters.delete(waiter);
      waiter.grant(share);
    }
  }

  #tryTake(sizeBytes: number): Share | null {
    const usedBytes = Math.min(...this.#usedBytes);
    const worker = this.#usedBytes.indexOf(usedBytes);
    if (usedBytes + sizeBytes > this.#bytesPerWorker) return null;
    this.#add(worker, sizeBytes);
    let isHeld = true;
    return {
      worker,
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#add(worker, -sizeBytes);
        this.#grantWaiting();
      },
    };
  }

  #add(worker: number, bytes: number): void {
    this.#usedBytes[worker] = (this.#usedBytes[worker] ?? 0) + bytes;
  }
}
