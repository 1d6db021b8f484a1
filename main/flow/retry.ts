import { isRetryable, LonghaulError } from "#shared/errors.ts";
import type { ErrorCode } from "#shared/errors.ts";
import type { Clock } from "./clock.ts";
import type { Patience } from "./patience.ts";

/** The policy of trying again, in one place. */
const FIRST_CEILING_MS = 500;
/** A server that says it has too much to do is given twice the time. */
const FIRST_THROTTLED_CEILING_MS = 1_000;
const LONGEST_CEILING_MS = 30_000;
/** Without a network there is nobody to spare; it is looked for again after 2 s, then less often. */
const FIRST_OFFLINE_CEILING_MS = 2_000;
/** A random share of a wait, so that not all look at the same moment. */
const OFFLINE_JITTER = 0.25;
/** A longer Retry-After is a server's fancy. */
export const LONGEST_ASKED_MS = 300_000;

/**
 * Failures of one kind in a row after which waiting will not help: nonsense from the other side, or
 * bytes that are wrong again and again. All other codes are limited by patience alone.
 */
const MOST_IN_A_ROW: Partial<Record<ErrorCode, number>> = { protocol: 4, corrupt: 4 };

/** What says that this machine has no network, or no way to that one. */
const OFFLINE_CAUSES: ReadonlySet<string> = new Set([
  "ENETUNREACH",
  "ENETDOWN",
  "EHOSTUNREACH",
  "EAI_AGAIN",
]);
/**
 * Of these refusals, which are the cause of an error that another signature may mend: so many are
 * answered by another signature, then the refusal itself is what failed. A clock that runs away, or
 * a source of keys that are expired already, must not make it spin.
 */
const MOST_SIGNED_ANEW: Partial<Record<ErrorCode, number>> = {
  "clock-skewed": 2,
  "access-denied": 2,
  "credentials-expired": 1,
};

export type RetryTools = {
  readonly clock: Clock;
  /** A number in [0, 1), for jitter: without it, streams that fail together retry together. */
  readonly random: () => number;
  readonly patience: Patience;
  /** Told before each wait. */
  readonly onWait?: (wait: RetryWait) => void;
};

export type RetryWait = {
  /** The attempt that comes next, counted from 1. */
  readonly attempt: number;
  readonly delayMs: number;
  readonly error: LonghaulError;
};

/**
 * Runs `attempt` until it succeeds, fails for good, or patience is spent.
 * `attempt` must be safe to repeat: it may have taken effect before it failed.
 *
 * @throws the error of the last attempt, unwrapped; AbortError when canceled while waiting.
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  { clock, random, patience, onWait }: RetryTools,
  signal: AbortSignal,
): Promise<T> {
  let hasBlinked = false;
  const alike = new Alike();
  const signedAnew = new SignedAnew();
  for (let failureCount = 1; ; failureCount += 1) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof LonghaulError)) throw error;
      const { code } = error;
      if (!isWorthRepeating(error, alike.count(error))) throw error;
      if (code === "unknown-host" && !hasBlinked) {
        // A resolver that blinks is asked again at once, which counts as no failure.
        hasBlinked = true;
        failureCount -= 1;
        continue;
      }
      signedAnew.count(error);
      const leftMs = patience.leftMs();
      if (leftMs <= 0) throw error;
      const delayMs = Math.min(leftMs, retryDelayMs(error, failureCount, random));
      onWait?.({ attempt: failureCount + 1, delayMs, error });
      await clock.sleep(delayMs, signal);
    }
  }
}

/**
 * Full jitter under a ceiling that doubles with every failure, but never sooner than the other side
 * asked.
 *
 * @param failureCount Failures in a row, this one included.
 */
export function retryDelayMs(
  error: LonghaulError,
  failureCount: number,
  random: () => number,
): number {
  if (OFFLINE_CAUSES.has(error.details.cause ?? "")) {
    return ceilingOf(FIRST_OFFLINE_CEILING_MS, failureCount) * (1 - OFFLINE_JITTER * random());
  }
  const firstMs = error.code === "throttled" ? FIRST_THROTTLED_CEILING_MS : FIRST_CEILING_MS;
  const ceilingMs = ceilingOf(firstMs, failureCount);
  const askedMs = Math.min(LONGEST_ASKED_MS, error.details.retryAfterMs ?? 0);
  return Math.max(askedMs, random() * ceilingMs);
}

function ceilingOf(firstMs: number, failureCount: number): number {
  return Math.min(LONGEST_CEILING_MS, firstMs * 2 ** (failureCount - 1));
}

/** True where trying on was a matter of patience alone. */
export function isBoundByPatience(code: ErrorCode): boolean {
  return isRetryable(code) && MOST_IN_A_ROW[code] === undefined;
}

function isWorthRepeating({ code }: LonghaulError, alikeCount: number): boolean {
  return isRetryable(code) && alikeCount < (MOST_IN_A_ROW[code] ?? Infinity);
}

/** How many failures of one kind came one after another. */
class Alike {
  #code: ErrorCode | null = null;
  #count = 0;

  /** @returns how many, with this one. */
  count({ code }: LonghaulError): number {
    this.#count = code === this.#code ? this.#count + 1 : 1;
    this.#code = code;
    return this.#count;
  }
}

/** How often one request was signed anew, by why it was refused. */
class SignedAnew {
  readonly #counts = new Map<ErrorCode, number>();

  /** @throws the refusal, once another signature has been tried often enough. */
  count({ cause }: LonghaulError): void {
    if (!(cause instanceof LonghaulError)) return;
    const { code } = cause;
    const most = MOST_SIGNED_ANEW[code];
    if (most === undefined) return;
    const count = (this.#counts.get(code) ?? 0) + 1;
    if (count > most) throw cause;
    this.#counts.set(code, count);
  }
}
