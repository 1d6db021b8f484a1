import { orAbort } from "../flow/or-abort.ts";
import { LonghaulError } from "#shared/errors.ts";
import type { Clock } from "../flow/clock.ts";
import type { CredentialProvider, Credentials } from "./credentials.ts";
import { isSameKeys } from "./same-keys.ts";

/** Keys are asked for anew this long before they expire, so that none expires on its way. */
const REFRESH_BEFORE_MS = 5 * 60_000;
/** Keys that are handed out with less time left than that are not asked for with every request. */
const REFRESH_EVERY_MS = 15_000;
/** A role, an SSO portal or a `credential_process` that takes longer is not going to answer. */
const SOURCE_DEADLINE_MS = 30_000;

/** Keeps keys while they are good, and asks their source once however many requests need them. */
export class CachedCredentials implements CredentialProvider {
  readonly #read: () => Promise<Credentials>;
  readonly #clock: Clock;
  #kept: Credentials | null = null;
  /** Monotonic, of the last answer of the source, a failure included. */
  #askedAtMs = -Infinity;
  #pending: Promise<Credentials> | null = null;

  constructor(read: () => Promise<Credentials>, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  async get(signal: AbortSignal): Promise<Credentials> {
    signal.throwIfAborted();
    if (this.#kept && this.#isGood(this.#kept)) return this.#kept;
    this.#pending ??= this.#refresh();
    return orAbort(this.#pending, signal);
  }

  forget(refused: Credentials): void {
    if (this.#kept && isSameKeys(this.#kept, refused)) this.#kept = null;
  }

  /** Where the source is away, what is kept serves until its end. */
  async #refresh(): Promise<Credentials> {
    const before = this.#kept;
    try {
      this.#kept = await this.#readInTime();
      return this.#kept;
    } catch (thrown) {
      if (before === null || this.#kept !== before || this.#leftMs(before) <= 0) throw thrown;
      return before;
    } finally {
      this.#askedAtMs = this.#clock.nowMs();
      this.#pending = null;
    }
  }

  async #readInTime(): Promise<Credentials> {
    const deadline = AbortSignal.timeout(SOURCE_DEADLINE_MS);
    try {
      return await orAbort(this.#read(), deadline);
    } catch (thrown) {
      if (!deadline.aborted) throw thrown;
      throw new LonghaulError("credentials-missing", "the source of the keys does not answer", {
        cause: thrown,
      });
    }
  }

  /** Fresh, or not yet over and asked for only just now. */
  #isGood(keys: Credentials): boolean {
    const leftMs = this.#leftMs(keys);
    if (leftMs > REFRESH_BEFORE_MS) return true;
    return leftMs > 0 && this.#clock.nowMs() - this.#askedAtMs < REFRESH_EVERY_MS;
  }

  #leftMs({ expiresAtMs }: Credentials): number {
    return expiresAtMs === null ? Infinity : expiresAtMs - this.#clock.wallMs();
  }
}
