import type { Clock } from "../../flow/clock.ts";

/** Below this, answers' `Date` headers are let be: servers take 5 to 15 minutes, proxies are stale. */
const TOLERATED_MS = 4 * 60_000;
/** `Date` has whole seconds and travels a while: smaller changes are no news. */
const RESOLUTION_MS = 60_000;

/** From here on it is told: a clock that is so far off is wrong for other things, too. */
const TOLD_MS = 5 * 60_000;

/** The server's wall clock, as far as its answers tell: what signatures are made with. */
export class ServerClock {
  readonly #clock: Clock;
  readonly #onSkew: ((aheadMs: number) => void) | undefined;
  /** What to add to this machine's clock. */
  #offsetMs = 0;

  /**
   * @param onSkew Told by how much this machine is ahead of the server, each time that it turns out
   * to be off by minutes, and 0 when it is right again.
   */
  constructor(clock: Clock, onSkew?: (aheadMs: number) => void) {
    this.#clock = clock;
    this.#onSkew = onSkew;
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  localMs(): number {
    return this.#clock.wallMs();
  }

  serverMs(): number {
    return this.#clock.wallMs() + this.#offsetMs;
  }

  /** Learns from the `Date` header of any answer. */
  observe(date: string | undefined): void {
    const serverMs = Date.parse(date ?? "");
    if (Number.isNaN(serverMs)) return;
    const measuredMs = serverMs - this.#clock.wallMs();
    const offsetMs = Math.abs(measuredMs) < TOLERATED_MS ? 0 : measuredMs;
    if (!this.hasMovedFrom(this.#offsetMs, offsetMs)) return;
    this.#offsetMs = offsetMs;
    this.#onSkew?.(Math.abs(offsetMs) < TOLD_MS ? 0 : -offsetMs);
  }

  /** A request signed with that offset may do better when signed again. */
  hasMovedFrom(signedOffsetMs: number, offsetMs = this.#offsetMs): boolean {
    return Math.abs(offsetMs - signedOffsetMs) >= RESOLUTION_MS;
  }
}
