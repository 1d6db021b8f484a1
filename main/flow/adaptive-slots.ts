import type { AdaptiveLimit } from "./adaptive-limit.ts";
import type { Clock } from "./clock.ts";
import { LonghaulError } from "#shared/errors.ts";
import { afterClean, afterThrottle, newLimit, withCeiling } from "./adaptive-limit.ts";
import { Semaphore } from "./semaphore.ts";

/** Slots for the requests to one endpoint, as many as it takes at the moment. */
export class AdaptiveSlots {
  readonly #clock: Clock;
  readonly #slots: Semaphore;
  #state: AdaptiveLimit;

  /** @param ceiling At least 1. */
  constructor(ceiling: number, clock: Clock) {
    this.#clock = clock;
    this.#slots = new Semaphore(ceiling);
    this.#state = newLimit(ceiling);
  }

  /** How many there are now. */
  get limit(): number {
    return this.#state.limit;
  }

  setCeiling(ceiling: number): void {
    this.#become(withCeiling(this.#state, ceiling));
  }

  /** As `Semaphore.acquire`. @throws AbortError */
  async acquire(signal: AbortSignal, holder?: string): Promise<() => void> {
    return await this.#slots.acquire(signal, holder);
  }

  /** Runs one request, and learns from how it ends. */
  async heed<T>(request: () => Promise<T>): Promise<T> {
    const startedAtMs = this.#clock.nowMs();
    try {
      const result = await request();
      this.#become(afterClean(this.#state));
      return result;
    } catch (error) {
      if (error instanceof LonghaulError && error.code === "throttled") {
        this.#become(afterThrottle(this.#state, startedAtMs, this.#clock.nowMs()));
      }
      throw error;
    }
  }

  #become(state: AdaptiveLimit): void {
    if (state.limit !== this.#state.limit) this.#slots.setLimit(state.limit);
    this.#state = state;
  }
}
