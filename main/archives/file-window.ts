import { readSync } from "node:fs";
import { MiB } from "../bytes/sizes.ts";
import { badArchive } from "./bad-archive.ts";

/** Read at once; what lies next to each other in an archive is read together. */
const WINDOW_BYTES = MiB;

/** A whole file, read in the calling thread a large piece at a time, forwards as a rule. */
export class FileWindow {
  readonly #fd: number;
  readonly sizeBytes: number;
  #start = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(fd: number, sizeBytes: number) {
    this.#fd = fd;
    this.sizeBytes = sizeBytes;
  }

  /**
   * Bytes that stay as they are.
   *
   * @throws {LonghaulError} `bad-archive` where the file ends before.
   */
  bytes(position: number, length: number): Buffer {
    const end = position + length;
    if (position < 0 || end > this.sizeBytes)
      throw badArchive("is cut off, or points outside of itself");
    const isHere = position >= this.#start && end <= this.#start + this.#bytes.length;
    if (!isHere) this.#move(position, Math.max(length, WINDOW_BYTES));
    if (end > this.#start + this.#bytes.length)
      throw badArchive("became shorter while it was read");
    return this.#bytes.subarray(position - this.#start, end - this.#start);
  }

  #move(position: number, length: number): void {
    // A new one each time: pieces of the old one may still be in use.
    const buffer = Buffer.allocUnsafeSlow(Math.min(length, this.sizeBytes - position));
    let filled = 0;
    while (filled < buffer.length) {
      const count = readSync(this.#fd, buffer, filled, buffer.length - filled, position + filled);
      if (count === 0) break;
      filled += count;
    }
    this.#start = position;
    this.#bytes = buffer.subarray(0, filled);
  }
}
