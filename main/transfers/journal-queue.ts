import { fromErrorInfo } from "#shared/errors.ts";
import type { Clock } from "../flow/clock.ts";
import type { JournalLink } from "./journal-link.ts";
import type { JournalChange } from "./journal.ts";

type Waiting = {
  readonly changes: readonly JournalChange[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

/** Bounds one transaction, and with it how long a read waits behind it. */
const CHANGES_PER_TRANSACTION = 5000;

/** Nobody waits longer than this, beside the disk, for others to join a transaction. */
const GATHER_AT_MOST_MS = 50;

/**
 * Group commit: what comes while a transaction is under way shares the next one.
 *
 * After each transaction it rests as long as the disk took over it, at most 50 ms. So a slow disk
 * gets fewer, larger transactions and is left at least half of its time to the bytes that are
 * moving, and on a fast one nobody notices.
 */
export class JournalQueue {
  readonly #commitAll: JournalLink["commitAll"];
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  #waiting: Waiting[] = [];
  #underWay = 0;
  #isResting = false;

  constructor(commitAll: JournalLink["commitAll"], clock: Clock) {
    this.#commitAll = commitAll;
    this.#clock = clock;
  }

  add(changes: readonly JournalChange[]): Promise<void> {
    this.#closing.signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ changes, resolve, reject });
    if (this.#underWay === 0 && !this.#isResting) this.#commitSome();
    return promise;
  }

  /** Sends off what waits, at once: a read must see it. */
  flush(): void {
    while (this.#waiting.length > 0) this.#commitSome();
  }

  /** Takes no more. What waits is sent off. */
  close(): void {
    this.flush();
    this.#closing.abort();
  }

  #commitSome(): void {
    const batch = this.#take();
    this.#underWay += 1;
    void this.#commit(batch).then((diskMs) => this.#rest(diskMs));
  }

  #take(): readonly Waiting[] {
    let changeCount = 0;
    let callCount = 0;
    for (const { changes } of this.#waiting) {
      changeCount += weightOf(changes);
      if (callCount > 0 && changeCount > CHANGES_PER_TRANSACTION) break;
      callCount += 1;
    }
    const batch = this.#waiting.slice(0, callCount);
    this.#waiting = this.#waiting.slice(callCount);
    return batch;
  }

  /** Never rejects: each call hears its own outcome. @returns how long the disk took. */
  async #commit(batch: readonly Waiting[]): Promise<number> {
    try {
      const { failures, diskMs } = await this.#commitAll(batch.map(({ changes }) => changes));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const failure = failures[index];
        if (failure) reject(fromErrorInfo(failure));
        else resolve();
      }
      return diskMs;
    } catch (error) {
      for (const { reject } of batch) reject(error);
      return 0;
    }
  }

  async #rest(diskMs: number): Promise<void> {
    this.#underWay -= 1;
    if (this.#isResting) return;
    if (diskMs > 0) {
      this.#isResting = true;
      // Only closing ends it early, and then nothing waits any more.
      await this.#clock
        .sleep(Math.min(diskMs, GATHER_AT_MOST_MS), this.#closing.signal)
        .catch(() => undefined);
      this.#isResting = false;
    }
    if (this.#waiting.length > 0 && this.#underWay === 0) this.#commitSome();
  }
}

function weightOf(changes: readonly JournalChange[]): number {
  return changes.reduce(
    (sum, change) => sum + (change.type === "items-added" ? change.items.length : 1),
    0,
  );
}
