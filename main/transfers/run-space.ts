import type { OnVolume } from "../parts/ports.ts";
import type { Reservation, SpaceLedger } from "../disk/free-space.ts";
import { LonghaulError } from "#shared/errors.ts";

/** What a download says of itself, in bytes of all items that are known so far. */
export type RunNeeds = {
  readonly folder: string;
  /** Not yet here. */
  readonly leftBytes: () => number;
  /** Found to be here already, and counted as done. */
  readonly keptBytes: () => number;
  /** What of the rest is in the folder by the look of it; asked only where there is little room. */
  readonly lookBytes: (signal: AbortSignal) => Promise<number>;
};

/**
 * The room that one download is promised: for everything that is known of it, not only for what
 * moves now. So two transfers never count the same free bytes, and one that does not fit waits
 * before it has filled the disk.
 */
export class RunSpace {
  readonly #ledger: SpaceLedger;
  readonly #needs: RunNeeds;
  #promise: Reservation | null = null;
  /** Files that are there already need no room: as they were counted, and what was kept by then. */
  #looked = { hereBytes: 0, keptBytes: 0 };
  #isClosed = false;
  /** It is a while ago that somebody looked whether the folder's disk is still there. */
  #isStale = false;
  #covering: Promise<void> = Promise.resolve();

  constructor(ledger: SpaceLedger, needs: RunNeeds) {
    this.#ledger = ledger;
    this.#needs = needs;
  }

  /**
   * Before an item moves: the promise covers all that is left.
   *
   * @throws {LonghaulError} `disk-full`; `folder-missing` where another file system is in the
   * folder's place now; AbortError.
   */
  async cover(signal: AbortSignal): Promise<void> {
    // One at a time: each builds on what the one before it was promised.
    const covered = this.#covering.then(() => this.#cover(signal));
    this.#covering = covered.catch(() => undefined);
    await covered;
  }

  /** Runs a call that may have to wait for the folder's disk, few at once over all transfers. */
  readonly onVolume: OnVolume = async (call, signal) => {
    const leave = await this.#promise?.gate.acquire(signal);
    try {
      return await call();
    } finally {
      leave?.();
    }
  };

  /** Once a second: what has landed is the file system's to account for now. */
  follow(): void {
    this.#promise?.shrinkTo(this.#neededBytes());
    this.#isStale = true;
  }

  /** Gives back what is left; nothing is promised any more. */
  close(): void {
    this.#isClosed = true;
    this.#promise?.release();
  }

  async #cover(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#promise ??= await this.#ledger.reserve(this.#needs.folder, 0);
    try {
      if (this.#isStale) await this.#promise.look();
      this.#isStale = false;
      await this.#promise.growTo(this.#neededBytes());
    } catch (error) {
      if (!(error instanceof LonghaulError) || error.code !== "disk-full") throw error;
      const hereBytes = await this.#needs.lookBytes(signal);
      this.#looked = { hereBytes, keptBytes: this.#needs.keptBytes() };
      await this.#promise.growTo(this.#neededBytes());
    } finally {
      if (this.#isClosed) this.#promise.release();
    }
  }

  #neededBytes(): number {
    const { leftBytes, keptBytes } = this.#needs;
    const foundBytes = keptBytes() - this.#looked.keptBytes;
    const hereBytes = Math.max(0, this.#looked.hereBytes - foundBytes);
    return Math.max(0, leftBytes() - hereBytes);
  }
}
