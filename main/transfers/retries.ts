import type { RetryWait } from "../flow/retry.ts";
import type { Clock } from "../flow/clock.ts";
import type { Patience } from "../flow/patience.ts";
import type { MoveObserver, Retry, RetryNotice } from "../parts/ports.ts";
import { LonghaulError, toErrorInfo } from "#shared/errors.ts";
import { withRetries } from "../flow/retry.ts";

type Observer = Pick<MoveObserver, "retrying" | "retried">;

/** The policy of `flow/retry.ts` for every request of the engine: who waits is seen, and can be woken. */
export class Retries {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #newPatience: () => Patience;
  readonly #onRetry: ((notice: RetryNotice) => void) | undefined;
  #poke = new AbortController();

  constructor(options: {
    readonly clock: Clock;
    /** Numbers in [0, 1). */
    readonly random: () => number;
    /** One for what belongs to no transfer's run. */
    readonly newPatience: () => Patience;
    readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
  }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#newPatience = options.newPatience;
    this.#onRetry = options.onRetry;
  }

  /** Whatever waits tries again now. */
  poke(): void {
    const poke = this.#poke;
    this.#poke = new AbortController();
    poke.abort();
  }

  /**
   * For the requests of one item or listing.
   *
   * @param patience Of the transfer they belong to; without one they have a patience of their own.
   */
  for(observer: Observer, patience = this.#newPatience()): Retry {
    return {
      run: async (part, attempt, signal) =>
        await withRetries(
          async () => {
            const result = await oncePerExpiry(attempt);
            patience.answered();
            return result;
          },
          {
            clock: this.#wakeable(() => observer.retried(part)),
            random: this.#random,
            patience,
            onWait: (wait) => this.#tell(observer, this.#toNotice(part, wait)),
          },
          signal,
        ),
    };
  }

  #tell(observer: Observer, notice: RetryNotice): void {
    observer.retrying(notice);
    this.#onRetry?.(notice);
  }

  #toNotice(part: number | null, { attempt, delayMs, error }: RetryWait): RetryNotice {
    return { attempt, atMs: this.#clock.wallMs() + delayMs, part, error: toErrorInfo(error) };
  }

  /** The clock, but for sleeps that `poke` ends early. */
  #wakeable(onWoken: () => void): Clock {
    const clock = this.#clock;
    return {
      nowMs: () => clock.nowMs(),
      wallMs: () => clock.wallMs(),
      sleep: async (ms, signal) => {
        const poke = this.#poke.signal;
        try {
          await clock.sleep(ms, AbortSignal.any([signal, poke]));
        } catch (interruption) {
          signal.throwIfAborted();
          if (!poke.aborted) throw interruption;
        } finally {
          onWoken();
        }
      },
    };
  }
}

/** The store forgot keys that the server called expired: the second attempt signs with new ones. */
async function oncePerExpiry<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof LonghaulError) || error.code !== "credentials-expired") throw error;
    return await attempt();
  }
}
