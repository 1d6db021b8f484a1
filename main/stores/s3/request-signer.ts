import { LonghaulError } from "#shared/errors.ts";
import type { CredentialProvider, Credentials } from "../../profiles/credentials.ts";
import { isSameKeys } from "../../profiles/same-keys.ts";
import type { ServerClock } from "./server-clock.ts";
import { signHeaders } from "./sigv4.ts";
import type { PlainRequest } from "./sigv4.ts";

/** What a request was signed with, to judge an answer that refuses the signature. */
export type Stamp = {
  readonly offsetMs: number;
  readonly credentials: Credentials | null;
};

export type SignedHeaders = {
  readonly headers: Record<string, string>;
  readonly stamp: Stamp;
};

/** Signs for one endpoint and region, with the server's time and keys that are not known to be spent. */
export class RequestSigner {
  readonly #provider: CredentialProvider;
  readonly #region: string;
  readonly clock: ServerClock;
  /** Keys that the server called expired. */
  #expired: Credentials | null = null;

  constructor(provider: CredentialProvider, region: string, clock: ServerClock) {
    this.#provider = provider;
    this.#region = region;
    this.clock = clock;
  }

  /** @throws {LonghaulError} `credentials-missing`; `credentials-expired` when only spent keys are to be had. */
  async sign(request: PlainRequest, signal: AbortSignal): Promise<SignedHeaders> {
    signal.throwIfAborted();
    const credentials = await this.#provider.get(signal);
    const stamp = { offsetMs: this.clock.offsetMs, credentials };
    if (!credentials) return { headers: { ...request.headers }, stamp };
    if (this.#expired && isSameKeys(this.#expired, credentials)) {
      throw new LonghaulError(
        "credentials-expired",
        "the keys have expired and there are no newer",
      );
    }
    const scope = { credentials, region: this.#region, wallMs: this.clock.serverMs() };
    return { headers: signHeaders(request, scope), stamp };
  }

  /**
   * Whether a refused request is worth signing anew: the clock has been set right since, or other
   * keys may be had. Each cause can say so once, since the next signature already knows.
   */
  canSignBetter(refusal: LonghaulError, stamp: Stamp): boolean {
    if (refusal.code === "credentials-expired" && stamp.credentials) {
      this.#expired = stamp.credentials;
      this.#provider.forget(stamp.credentials);
      return true;
    }
    // The next request asks the source, which may have been put right.
    if (refusal.code === "credentials-wrong" && stamp.credentials) {
      this.#provider.forget(stamp.credentials);
    }
    // A HEAD says 403 and no more; with a clock that was off, the clock is the likely cause.
    const mayBeSkew = refusal.code === "clock-skewed" || refusal.code === "access-denied";
    return mayBeSkew && this.clock.hasMovedFrom(stamp.offsetMs);
  }
}
