import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { LonghaulError } from "#shared/errors.ts";
import { onDisk, systemCode, toDiskError } from "../disk/disk-errors.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import { isSameStamp, toFileStamp } from "../disk/file-stamp.ts";
import { toFsPath, toShownPath } from "../disk/local-path.ts";
import { badArchive } from "./bad-archive.ts";

/**
 * The file of an archive, whole or as it grows. Bytes that are said to be there are read; what is
 * beyond them is waited for, however the file's own length is.
 */
export class ArchiveSource {
  #path: string;
  /** Null when it is whole. */
  #availableBytes: number | null;
  readonly #signal: AbortSignal;
  #file: FileHandle | null = null;
  /** Resolves when something is said about the file. */
  #news = Promise.withResolvers<void>();
  #sizeBytes: number | null = null;
  /** When it was proven; null where nobody says. */
  #stamp: FileStamp | null;

  constructor(
    path: string,
    availableBytes: number | null,
    signal: AbortSignal,
    stamp: FileStamp | null = null,
  ) {
    this.#path = path;
    this.#stamp = stamp;
    this.#availableBytes = availableBytes;
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#tell(), { once: true });
  }

  /** So many bytes from the start are there. */
  grow(availableBytes: number): void {
    if (this.#availableBytes === null) return;
    this.#availableBytes = Math.max(this.#availableBytes, availableBytes);
    this.#tell();
  }

  /** The same file has another name now. */
  moveTo(path: string): void {
    this.#path = path;
    this.#tell();
  }

  /** All of it is there and proven. */
  end(stamp: FileStamp | null = null): void {
    this.#stamp = stamp;
    this.#availableBytes = null;
    this.#tell();
  }

  /** Waits for the end. */
  async size(): Promise<number> {
    while (this.#availableBytes !== null) await this.#wait();
    this.#signal.throwIfAborted();
    if (this.#sizeBytes === null) {
      const file = await this.#opened();
      const stats = await onDisk(this.#path, "read", () => file.stat());
      if (!stats.isFile()) {
        throw new LonghaulError("path-unsafe", `${this.#path} is not a regular file`, {
          details: { path: this.#path },
        });
      }
      this.#sizeBytes = stats.size;
    }
    return this.#sizeBytes;
  }

  /**
   * At most `length` bytes from `position`, at least one unless that is the end.
   *
   * @param into Where they are put; new memory without it.
   * @throws {LonghaulError} `path-missing`, `disk-failed`; AbortError.
   */
  async read(position: number, length: number, into?: Buffer): Promise<Buffer> {
    while (this.#availableBytes !== null && this.#availableBytes <= position) await this.#wait();
    this.#signal.throwIfAborted();
    const endBytes = this.#availableBytes ?? (await this.size());
    const wanted = Math.max(0, Math.min(length, endBytes - position));
    if (wanted === 0) return Buffer.alloc(0);
    const file = await this.#opened();
    const { bytesRead, buffer } = await onDisk(this.#path, "read", () =>
      file.read(into ?? Buffer.allocUnsafe(wanted), 0, wanted, position),
    );
    this.#signal.throwIfAborted();
    if (bytesRead === 0) throw badArchive("became shorter while it was read");
    return buffer.subarray(0, bytesRead);
  }

  /**
   * From the start to the end, each chunk read ahead while the one before is used.
   *
   * @param isReused A chunk counts until the next one is asked for; without it, for ever.
   */
  async *stream(chunkBytes: number, isReused = false): AsyncGenerator<Buffer> {
    const buffers = isReused ? [Buffer.alloc(chunkBytes), Buffer.alloc(chunkBytes)] : [];
    let position = 0;
    for (let turn = 0, next = this.read(0, chunkBytes, buffers[0]); ; turn += 1) {
      const chunk = await next;
      if (chunk.length === 0) return;
      position += chunk.length;
      next = this.read(position, chunkBytes, buffers[(turn + 1) % 2]);
      // Whoever waits for it hears of it.
      next.catch(() => undefined);
      yield chunk;
    }
  }

  /** @throws {LonghaulError} `source-changed` where somebody wrote to it since it was proven. */
  async assertUnchanged(): Promise<void> {
    if (this.#stamp === null) return;
    const file = await this.#opened();
    const stats = await onDisk(this.#path, "read", () => file.stat({ bigint: true }));
    if (isSameStamp(toFileStamp(stats), this.#stamp)) return;
    const path = toShownPath(this.#path);
    throw new LonghaulError("source-changed", `${path} was changed while it was unpacked`, {
      details: { path },
    });
  }

  /** For reads at once, of a whole file. */
  async descriptor(): Promise<number> {
    await this.size();
    return (await this.#opened()).fd;
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  async #opened(): Promise<FileHandle> {
    while (this.#file === null) {
      const path = this.#path;
      try {
        this.#file = await open(toFsPath(path), "r");
      } catch (error) {
        // It may have got its other name just now, of which we are about to hear.
        const isGone = systemCode(error) === "ENOENT" && this.#availableBytes !== null;
        if (!isGone) throw toDiskError(error, path, "read");
        if (path === this.#path) await this.#wait();
      }
    }
    return this.#file;
  }

  async #wait(): Promise<void> {
    this.#signal.throwIfAborted();
    await this.#news.promise;
    this.#signal.throwIfAborted();
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }
}
