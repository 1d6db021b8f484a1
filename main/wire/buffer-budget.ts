type Waiter = {
  readonly sizeBytes: number;
  readonly isPassing: boolean;
  readonly grant: (share: Share) => void;
};

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
 * Beside it each thread has a reserve for those who need memory for a passage only and hold what
 * others wait for, with memory in their hands.
 */
export class BufferBudget {
  readonly #bytesPerWorker: number;
  readonly #usedBytes: number[];
  /** Of each thread. */
  readonly #reserveBytes: number[];
  readonly #waiters = new Set<Waiter>();

  /** @param reserveBytes Of each thread, beside the total. */
  constructor(totalBytes: number, workerCount: number, reserveBytes = 0) {
    this.#bytesPerWorker = Math.floor(totalBytes / workerCount);
    this.#usedBytes = Array.from({ length: workerCount }, () => 0);
    this.#reserveBytes = Array.from({ length: workerCount }, () => reserveBytes);
  }

  get usedBytes(): number {
    return this.#usedBytes.reduce((sum, bytes) => sum + bytes, 0);
  }

  /**
   * Waits for memory. What is larger than a thread's part counts as all of it.
   *
   * @param isPassing It is given back without waiting for anybody who waits for memory.
   * @throws AbortError as soon as `signal` aborts.
   */
  async acquire(sizeBytes: number, signal: AbortSignal, isPassing = false): Promise<Share> {
    signal.throwIfAborted();
    const neededBytes = Math.min(sizeBytes, this.#bytesPerWorker);
    if (this.#waiters.size === 0) {
      const share = this.#tryTake(neededBytes);
      if (share !== null) return share;
    }
    const mayReserve = isPassing && ![...this.#waiters].some((waiter) => waiter.isPassing);
    const reserved = mayReserve ? this.#tryReserve(neededBytes) : null;
    return reserved ?? (await this.#waitInLine(neededBytes, isPassing, signal));
  }

  #waitInLine(sizeBytes: number, isPassing: boolean, signal: AbortSignal): Promise<Share> {
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
      const waiter = { sizeBytes, isPassing, grant };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  /**
   * In order: a large one at the head is not passed by small ones, or it would wait for ever. So it
   * is with the reserve, among those who pass.
   */
  #grantWaiting(): void {
    let isHeadHeld = false;
    let isReserveHeld = false;
    for (const waiter of this.#waiters) {
      const taken: Share | null = isHeadHeld ? null : this.#tryTake(waiter.sizeBytes);
      isHeadHeld ||= taken === null;
      const mayReserve: boolean = waiter.isPassing && !isReserveHeld;
      const share: Share | null = taken ?? (mayReserve ? this.#tryReserve(waiter.sizeBytes) : null);
      isReserveHeld ||= waiter.isPassing && share === null;
      if (share === null) continue;
      this.#waiters.delete(waiter);
      waiter.grant(share);
    }
  }

  #tryReserve(sizeBytes: number): Share | null {
    const worker = this.#reserveBytes.findIndex((bytes) => bytes >= sizeBytes);
    if (worker < 0) return null;
    return this.#share(
      worker,
      (bytes) => {
        this.#reserveBytes[worker] = (this.#reserveBytes[worker] ?? 0) - bytes;
      },
      sizeBytes,
    );
  }

  #tryTake(sizeBytes: number): Share | null {
    const usedBytes = Math.min(...this.#usedBytes);
    const worker = this.#usedBytes.indexOf(usedBytes);
    if (usedBytes + sizeBytes > this.#bytesPerWorker) return null;
    return this.#share(
      worker,
      (bytes) => {
        this.#usedBytes[worker] = (this.#usedBytes[worker] ?? 0) + bytes;
      },
      sizeBytes,
    );
  }

  /** @param add Counts the bytes as taken; those of less than none as given back. */
  #share(worker: number, add: (bytes: number) => void, sizeBytes: number): Share {
    add(sizeBytes);
    let isHeld = true;
    return {
      worker,
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        add(-sizeBytes);
        this.#grantWaiting();
      },
    };
  }
}
