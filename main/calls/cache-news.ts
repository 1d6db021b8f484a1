import type { CacheEvent, CacheWorkState } from "#shared/cache.ts";

const APART_MS = 250;

/** Tells what became of the cache, at most four times a second, whatever happens. */
export class CacheNews {
  readonly #emit: (event: CacheEvent) => void;
  readonly #work: () => CacheWorkState;
  #timer: NodeJS.Timeout | null = null;
  #hasNewEntries = false;
  #isClosed = false;

  constructor(emit: (event: CacheEvent) => void, work: () => CacheWorkState) {
    this.#emit = emit;
    this.#work = work;
  }

  changed(hasNewEntries: boolean): void {
    this.#hasNewEntries ||= hasNewEntries;
    if (this.#isClosed) return;
    this.#timer ??= setTimeout(() => this.#tell(), APART_MS).unref();
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #tell(): void {
    this.#timer = null;
    const hasNewEntries = this.#hasNewEntries;
    this.#hasNewEntries = false;
    this.#emit({ type: "cache", hasNewEntries, work: this.#work() });
  }
}
