import { badArchive } from "./bad-archive.ts";

/** Bytes as they come, of which a few can be looked at first. */
export class ByteFeed {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  #takenBytes = 0;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Bytes that were taken and not given back. */
  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** The next bytes, which stay: fewer than `length` at the end. */
  async peek(length: number): Promise<Buffer> {
    while (this.#rest.length < length) {
      const next = await this.#chunks.next();
      if (next.done === true) break;
      this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
    }
    return this.#rest.subarray(0, length);
  }

  /** The next chunk, whatever its length; null at the end. */
  async next(): Promise<Buffer | null> {
    await this.peek(1);
    if (this.#rest.length === 0) return null;
    const chunk = this.#rest;
    this.#rest = Buffer.alloc(0);
    this.#takenBytes += chunk.length;
    return chunk;
  }

  /** @throws {LonghaulError} `bad-archive` where there are fewer. */
  async take(length: number): Promise<Buffer> {
    const bytes = await this.peek(length);
    if (bytes.length < length) throw badArchive("is cut off");
    this.#rest = this.#rest.subarray(length);
    this.#takenBytes += length;
    return bytes;
  }

  /** Gives back the end of the chunk that was taken last. */
  giveBack(bytes: Buffer): void {
    this.#rest = bytes;
    this.#takenBytes -= bytes.length;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
