import { closeSync, fsync } from "node:fs";
import { promisify } from "node:util";
import { toDiskError } from "../disk/disk-errors.ts";

/** What is done with the system's files; tests put their own in place. */
export type FlushCalls = {
  readonly sync: (fd: number) => Promise<void>;
  readonly close: (fd: number) => void;
};
const SYSTEM: FlushCalls = { sync: promisify(fsync), close: closeSync };

export type FlushLimits = {
  /** Flushes at once, as of now: they share transactions of the file system. */
  readonly flushes: () => number;
  /** Files that are open, those under way among them. */
  readonly files: number;
};
/**
 * Of all unpackings together. With so many, a file system with a journal takes no longer than it does
 * to flush everything at once; with four, three times as long. No other call has to wait for all of
 * them: there are more threads (see `widenThreadPool`).
 */
const MOST_FLUSHES = 64;
const LEAST_FLUSHES = 2;
const LIMITS: FlushLimits = { flushes: () => MOST_FLUSHES, files: 160 };

/** The share of one of so many unpackings. */
export function flushesOf(unpackingCount: number): number {
  return Math.max(LEAST_FLUSHES, Math.floor(MOST_FLUSHES / unpackingCount));
}

type Waiting = { readonly fd: number; readonly path: string };

/**
 * Flushes written files side by side, behind the back of whoever writes the next ones. Each stays
 * open until it is flushed, so that no lost write goes unnoticed: the system tells of it once, and
 * surely only to a descriptor that was there.
 */
export class FlushQueue {
  readonly #calls: FlushCalls;
  readonly #limits: FlushLimits;
  readonly #waiting: Waiting[] = [];
  #running = 0;
  #failure: Error | null = null;
  /** Resolves at the next change. */
  #change = Promise.withResolvers<void>();

  constructor(limits: Partial<FlushLimits> = {}, calls: FlushCalls = SYSTEM) {
    this.#limits = { ...LIMITS, ...limits };
    this.#calls = calls;
  }

  /** Takes over a descriptor, which is flushed and closed. Whoever adds waits for `room` often. */
  add(fd: number, path: string): void {
    this.#waiting.push({ fd, path });
    this.#pump();
  }

  /** Whether it is better to wait now. */
  get isFull(): boolean {
    return this.#failure !== null || this.#waiting.length + this.#running >= this.#limits.files;
  }

  /** @throws {LonghaulError} what a flush failed with, as `toDiskError`. */
  async room(): Promise<void> {
    while (this.#failure === null && this.isFull) await this.#change.promise;
    if (this.#failure !== null) throw this.#failure;
  }

  /** Resolves when all are flushed and closed. @throws as `room`. */
  async drain(): Promise<void> {
    while (this.#waiting.length + this.#running > 0) await this.#change.promise;
    if (this.#failure !== null) throw this.#failure;
  }

  /** Closes what waits, unflushed, and waits for the rest. */
  async abandon(): Promise<void> {
    for (const { fd } of this.#waiting.splice(0)) this.#calls.close(fd);
    while (this.#running > 0) await this.#change.promise;
  }

  #pump(): void {
    while (this.#running < this.#limits.flushes()) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#running += 1;
      void this.#flush(next);
    }
  }

  /** Never rejects. */
  async #flush({ fd, path }: Waiting): Promise<void> {
    try {
      if (this.#failure === null) await this.#calls.sync(fd);
    } catch (error) {
      this.#fail(error, path);
    }
    try {
      this.#calls.close(fd);
    } catch (error) {
      this.#fail(error, path);
    }
    this.#running -= 1;
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
    this.#pump();
  }

  #fail(error: unknown, path: string): void {
    const failure = toDiskError(error, path, "write");
    this.#failure ??= failure instanceof Error ? failure : new Error(String(failure));
  }
}
