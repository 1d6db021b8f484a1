import { LonghaulError } from "#shared/errors.ts";
import type { Clock } from "../flow/clock.ts";
import type { CredentialProvider, Credentials } from "./credentials.ts";

/** Keys are asked for anew this long before they expire, so that none expires on its way. */
const REFRESH_BEFORE_MS = 5 * 60_000;
/** A role, an SSO portal or a `credential_process` that takes longer is not going to answer. */
const SOURCE_DEADLINE_MS = 30_000;

/** Keeps keys while they are good, and asks their source once however many requests need them. */
export class CachedCredentials implements CredentialProvider {
  readonly #read: () => Promise<Credentials>;
  readonly #clock: Clock;
  #kept: Credentials | null = null;
  #pending: Promise<Credentials> | null = null;

  constructor(read: () => Promise<Credentials>, clock: Clock) {
    this.#read = read;
    this.#clock = clock;
  }

  async get(signal: AbortSignal): Promise<Credentials> {
    signal.throwIfAborted();
    if (this.#kept && this.#isFresh(this.#kept)) return this.#kept;
    this.#pending ??= this.#refresh();
    return untilAborted(this.#pending, signal);
  }

  forget(spent: Credentials): void {
    if (this.#kept && isSame(this.#kept, spent)) this.#kept = null;
  }

  async #refresh(): Promise<Credentials> {
    try {
      this.#kept = await this.#readInTime();
      return this.#kept;
    } finally {
      this.#pending = null;
    }
  }

  async #readInTime(): Promise<Credentials> {
    const deadline = AbortSignal.timeout(SOURCE_DEADLINE_MS);
    try {
      return await untilAborted(this.#read(), deadline);
    } catch (thrown) {
      if (!deadline.aborted) throw thrown;
      throw new LonghaulError("credentials-missing", "the source of the keys does not answer", {
        cause: thrown,
      });
    }
  }

  #isFresh({ expiresAtMs }: Credentials): boolean {
    return expiresAtMs === null || expiresAtMs - this.#clock.wallMs() > REFRESH_BEFORE_MS;
  }
}

/** The same keys again, even if the source says another time of their end. */
function isSame(a: Credentials, b: Credentials): boolean {
  return a.accessKeyId === b.accessKeyId && a.sessionToken === b.sessionToken;
}

/** The caller stops waiting; the question itself goes on, for whoever else waits. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
