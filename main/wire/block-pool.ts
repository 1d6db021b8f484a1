import { MiB } from "../bytes/sizes.ts";

export const BLOCK_BYTES = MiB;

/** A block smaller than this is not worth keeping. */
const SMALLEST_KEPT_BYTES = BLOCK_BYTES / 4;
/** As many as half of the default budget: what one thread of two has in use. */
const MOST_IDLE_BLOCKS = 64;
/** Blocks that nobody needed for this long go back to the system. */
const IDLE_MS = 10_000;

/**
 * Buffers of 1 MiB, used again and again, because large buffers are slow to get and to give back.
 * How many are in use is bounded by the budget of the main thread, not here.
 */
export class BlockPool {
  readonly #idle: Buffer[] = [];
  readonly #trim = setTimeout(() => this.#idle.splice(0), IDLE_MS).unref();

  /** A buffer of exactly `sizeBytes`, at most 1 MiB, with old bytes in it. */
  take(sizeBytes: number): Buffer {
    if (sizeBytes < SMALLEST_KEPT_BYTES) return Buffer.allocUnsafeSlow(sizeBytes);
    const block = this.#idle.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
    return block.subarray(0, sizeBytes);
  }

  /** Call once, when nobody reads or writes the buffer any more. */
  giveBack(buffer: Buffer): void {
    const isWhole = buffer.buffer.byteLength === BLOCK_BYTES;
    if (!isWhole || this.#idle.length >= MOST_IDLE_BLOCKS) return;
    this.#idle.push(Buffer.from(buffer.buffer, 0, BLOCK_BYTES));
    this.#trim.refresh();
  }
}
