import type { ByteRange } from "../bytes/byte-range.ts";
import { lengthOf } from "../bytes/byte-range.ts";
import { RangeSet } from "../bytes/range-set.ts";
import { MiB } from "../bytes/sizes.ts";
import type { Clock } from "../flow/clock.ts";

/** Flushing more often costs speed, less often costs more after a power cut. */
const FLUSH_AFTER_BYTES = 32 * MiB;
const FLUSH_AFTER_MS = 1000;
/** With this much not durable, who writes more waits for the disk. */
const MOST_UNSAVED_BYTES = 64 * MiB;

export type LandingPorts = {
  readonly clock: Clock;
  /** Makes durable what was written when it was called; after the last nothing more is written. */
  readonly sync: (isLast: boolean) => Promise<void>;
  /** Journals what is durable, and what of that is proven. */
  readonly save: (durable: RangeSet, proven: RangeSet) => Promise<void>;
};

/**
 * What of one file has been written, flushed and proven. A byte is journaled only after the disk has
 * it; ranges share flushes, and each flush begins when the one before has ended.
 */
export class Landing {
  readonly #ports: LandingPorts;
  #written: RangeSet;
  #proven: RangeSet;
  /** Written since the last flush began. */
  #unsavedBytes = 0;
  /** Something was written or proven since. */
  #isDirty = false;
  #flushedAtMs: number;
  #flush: Promise<void> | null = null;
  #saved: { readonly durable: RangeSet; readonly proven: RangeSet };
  #isLost = false;

  constructor(ports: LandingPorts, durable: RangeSet, proven: RangeSet) {
    this.#ports = ports;
    this.#written = durable;
    this.#proven = proven;
    this.#saved = { durable, proven };
    this.#flushedAtMs = ports.clock.nowMs();
  }

  get written(): RangeSet {
    return this.#written;
  }

  get proven(): RangeSet {
    return this.#proven;
  }

  /** A flush failed: what was written since the last good one may be gone, whatever the disk says later. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** These bytes are in the file now. Resolves when there is room for more. @throws as `sync` and `save`. */
  async wrote(range: ByteRange): Promise<void> {
    this.#written = this.#written.add(range);
    this.#unsavedBytes += lengthOf(range);
    this.#isDirty = true;
    if (this.#isDue() && this.#flush === null) this.#begin();
    if (this.#isLost || this.#unsavedBytes >= MOST_UNSAVED_BYTES) await this.#flush;
  }

  /** The origin's digest of these bytes is theirs. */
  proved(range: ByteRange): void {
    this.#proven = this.#proven.add(range);
    this.#isDirty = true;
  }

  /** What is in the file is wrong, all of it. */
  forget(): void {
    this.#written = RangeSet.empty;
    this.#proven = RangeSet.empty;
    this.#isDirty = true;
  }

  /**
   * Everything written is durable and journaled when it resolves.
   *
   * @param isLast Nothing more will be written.
   * @throws as `sync` and `save`, also when an earlier flush failed: what the disk lost once it has
   * lost, whatever it says to a second flush.
   */
  async settle(isLast = false): Promise<void> {
    await this.#flush;
    if (this.#isDirty) await this.#flushNow(isLast);
  }

  /** As `settle`, and saves once more what there is: the file was written to since, in vain or not. */
  async rest(): Promise<void> {
    await this.#flush;
    const hasAny = this.#written.totalBytes > 0;
    if (!this.#isLost && (this.#isDirty || hasAny)) await this.#flushNow();
  }

  /** Resolves when no flush is under way, however it ended: `isLost` tells. */
  async flushed(): Promise<void> {
    await this.#flush?.catch(() => undefined);
  }

  /** Goes back to what is durable after a flush that failed. @returns what is to be written again. */
  recover(): readonly ByteRange[] {
    const { durable, proven } = this.#saved;
    const lost = this.#written.ranges.flatMap((range) => durable.missingIn(range));
    this.#written = durable;
    this.#proven = proven;
    this.#unsavedBytes = 0;
    this.#isDirty = false;
    this.#flush = null;
    this.#isLost = false;
    return lost;
  }

  #isDue(): boolean {
    const sinceMs = this.#ports.clock.nowMs() - this.#flushedAtMs;
    return this.#unsavedBytes >= FLUSH_AFTER_BYTES || sinceMs >= FLUSH_AFTER_MS;
  }

  /** A flush that failed is kept, so that whoever waits next, and nobody before, gets its error. */
  #begin(): void {
    const flush = this.#flushNow().then(() => {
      this.#flush = null;
    });
    flush.catch(() => undefined);
    this.#flush = flush;
  }

  async #flushNow(isLast = false): Promise<void> {
    const written = this.#written;
    const proven = this.#proven;
    this.#unsavedBytes = 0;
    this.#isDirty = false;
    try {
      await this.#ports.sync(isLast);
    } catch (error) {
      this.#isLost = true;
      throw error;
    }
    this.#saved = { durable: written, proven };
    await this.#ports.save(written, proven);
    this.#flushedAtMs = this.#ports.clock.nowMs();
  }
}
