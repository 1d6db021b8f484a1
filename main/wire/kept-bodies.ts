import type { FileStamp } from "../disk/file-stamp.ts";
import { BLOCK_BYTES } from "./block-pool.ts";
import type { BlockPool } from "./block-pool.ts";
import { sha256 } from "./digests.ts";
import { digestRange, readBlocks, readUnchanged } from "./source-file.ts";
import type { FileRange } from "./wire.ts";
import { lengthOf } from "../bytes/byte-range.ts";
import { MiB } from "../bytes/sizes.ts";

/** A body up to this size stays in memory between `load` and `release`. */
export const LARGEST_KEPT_BYTES = 32 * MiB;

export type LoadedRange = { readonly sha256: string; readonly stamp: FileStamp };

/** Bodies that were read once and may be sent several times. */
export class KeptBodies {
  readonly #blocks: BlockPool;
  /** By the number of the order that loaded it. */
  readonly #bodies = new Map<number, readonly Buffer[]>();
  /** Released while they were being sent. */
  readonly #released = new Set<number>();
  readonly #sending = new Map<number, number>();

  constructor(blocks: BlockPool) {
    this.#blocks = blocks;
  }

  /** Reads and digests; keeps the bytes if they are few enough. @throws as `readUnchanged`. */
  async load(
    id: number,
    source: FileRange,
    stamp: FileStamp | null,
    signal: AbortSignal,
  ): Promise<LoadedRange> {
    if (lengthOf(source) > LARGEST_KEPT_BYTES) return await this.#digestOnly(source, stamp, signal);
    const kept: Buffer[] = [];
    const digest = sha256();
    try {
      const { stamp: read } = await readUnchanged(source, stamp, async (fd) => {
        for await (const block of readBlocks(fd, source, this.#blocks)) {
          kept.push(block);
          signal.throwIfAborted();
          digest.update(block);
        }
      });
      this.#bodies.set(id, kept);
      return { sha256: digest.digest(), stamp: read };
    } catch (error) {
      for (const block of kept) this.#blocks.giveBack(block);
      throw error;
    }
  }

  /** Takes bytes that are in no file. @returns their SHA-256, in hex. */
  keep(id: number, bytes: Uint8Array): string {
    const kept: Buffer[] = [];
    const digest = sha256();
    for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
      const piece = bytes.subarray(start, start + BLOCK_BYTES);
      const block = this.#blocks.take(piece.length);
      block.set(piece);
      digest.update(block);
      kept.push(block);
    }
    this.#bodies.set(id, kept);
    return digest.digest();
  }

  /** Runs `action` with the blocks of a body, which are not used otherwise before it is over. */
  async use<T>(id: number, action: (blocks: readonly Buffer[]) => Promise<T>): Promise<T> {
    const blocks = this.#bodies.get(id);
    if (blocks === undefined) throw new Error(`body ${id} was released before it was sent`);
    this.#sending.set(id, (this.#sending.get(id) ?? 0) + 1);
    try {
      return await action(blocks);
    } finally {
      const left = (this.#sending.get(id) ?? 1) - 1;
      if (left > 0) this.#sending.set(id, left);
      else this.#sending.delete(id);
      if (this.#released.has(id)) this.release(id);
    }
  }

  /** Safe to call twice. */
  release(id: number): void {
    if (this.#sending.has(id)) {
      this.#released.add(id);
      return;
    }
    for (const block of this.#bodies.get(id) ?? []) this.#blocks.giveBack(block);
    this.#bodies.delete(id);
    this.#released.delete(id);
  }

  async #digestOnly(
    source: FileRange,
    stamp: FileStamp | null,
    signal: AbortSignal,
  ): Promise<LoadedRange> {
    const options = { blocks: this.#blocks, signal, onRead: () => undefined };
    const { stamp: read, result } = await readUnchanged(
      source,
      stamp,
      async (fd) => await digestRange(fd, source, sha256(), options),
    );
    return { sha256: result, stamp: read };
  }
}
