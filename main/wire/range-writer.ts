import { lengthOf } from "../bytes/byte-range.ts";
import type { ByteRange } from "../bytes/byte-range.ts";
import { KiB } from "../bytes/sizes.ts";
import { BLOCK_BYTES } from "./block-pool.ts";
import type { BlockPool } from "./block-pool.ts";
import { writeFully } from "./file-access.ts";

/** A writer holds this many blocks: one fills while the other is written. */
export const BLOCKS_PER_WRITER = 2;
/** More than a socket hands over at once, so that what comes after a pause still fits. */
const SPARE_BYTES = 256 * KiB;

/**
 * Writes a stream of bytes into a range of a file, gathered in blocks of 1 MiB.
 * Whoever pushes waits when `push` says so, which keeps it at two blocks.
 */
export class RangeWriter {
  readonly #fd: number;
  readonly #range: ByteRange;
  readonly #blocks: BlockPool;
  readonly #onWriting: (change: 1 | -1) => void;
  #block: Buffer | null = null;
  /** Bytes in the block. */
  #filledBytes = 0;
  /** Where the block belongs. */
  #position: number;
  /** Ends when all that was handed to the system is written; never rejects. */
  #writing: Promise<void> = Promise.resolve();
  #writingCount = 0;
  #failure: { readonly error: unknown } | null = null;

  /** @param onWriting Told 1 as a write begins and -1 as it ends. */
  constructor(
    fd: number,
    range: ByteRange,
    blocks: BlockPool,
    onWriting: (change: 1 | -1) => void = () => undefined,
  ) {
    this.#fd = fd;
    this.#range = range;
    this.#blocks = blocks;
    this.#onWriting = onWriting;
    this.#position = range.start;
  }

  get hasFailed(): boolean {
    return this.#failure !== null;
  }

  /** Where the next bytes belong, so that they need not be copied; null while none are taken. */
  room(): Buffer | null {
    const sizeBytes = this.#nextBlockBytes();
    if (this.hasFailed || this.#writingCount > 1 || sizeBytes === 0) return null;
    this.#block ??= this.#blocks.take(sizeBytes);
    return this.#block.subarray(this.#filledBytes);
  }

  /**
   * Copies the bytes, unless they are in their `room` already. Answers null, or what to wait for before the next `push`; that rejects when
   * writing failed.
   */
  push(chunk: Buffer): Promise<void> | null {
    let rest = chunk;
    while (rest.length > 0) {
      this.#block ??= this.#blocks.take(this.#nextBlockBytes());
      const count = this.#isInPlace(rest, this.#block)
        ? rest.length
        : rest.copy(this.#block, this.#filledBytes);
      this.#filledBytes += count;
      rest = rest.subarray(count);
      if (this.#filledBytes === this.#block.length) this.#writeBlock(this.#block);
    }
    const isNearlyFull = this.#filledBytes > BLOCK_BYTES - SPARE_BYTES;
    const isFull = this.#writingCount > 1 || (this.#writingCount > 0 && isNearlyFull);
    return isFull || this.hasFailed ? this.#settled() : null;
  }

  /** Writes what is left. @throws what the system says. */
  async flush(): Promise<void> {
    if (this.#block !== null && this.#filledBytes > 0) this.#writeBlock(this.#block);
    await this.#settled();
  }

  /** Waits for writes under way and gives the blocks back; nothing more is written. */
  async close(): Promise<void> {
    await this.#writing;
    if (this.#block !== null) this.#blocks.giveBack(this.#block);
    this.#block = null;
  }

  async #settled(): Promise<void> {
    await this.#writing;
    if (this.#failure !== null) throw this.#failure.error;
  }

  #writeBlock(block: Buffer): void {
    const filled = block.subarray(0, this.#filledBytes);
    const position = this.#position;
    this.#block = null;
    this.#filledBytes = 0;
    this.#position += filled.length;
    this.#writingCount += 1;
    this.#writing = this.#writing.then(() => this.#write(block, filled, position));
  }

  async #write(block: Buffer, filled: Buffer, position: number): Promise<void> {
    this.#onWriting(1);
    try {
      if (this.#failure === null) await writeFully(this.#fd, filled, position);
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#writingCount -= 1;
      this.#onWriting(-1);
      this.#blocks.giveBack(block);
    }
  }

  #isInPlace(bytes: Buffer, block: Buffer): boolean {
    return (
      bytes.buffer === block.buffer && bytes.byteOffset === block.byteOffset + this.#filledBytes
    );
  }

  #nextBlockBytes(): number {
    return Math.min(BLOCK_BYTES, lengthOf(this.#range) - (this.#position - this.#range.start));
  }
}
