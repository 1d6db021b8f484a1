import type { Clock } from "../../flow/clock.ts";

/** Below this, answers' `Date` headers are let be: servers take 5 to 15 minutes, proxies are stale. */
const TOLERATED_MS = 4 * 60_000;
/** `Date` has whole seconds and travels a while: smaller changes are no news. */
const RESOLUTION_MS = 60_000;

/** The server's wall clock, as far as its answers tell: what signatures are made with. */
export class ServerClock {
  readonly #clock: Clock;
  /** What to add to this machine's clock. */
  #offsetMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
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
    if (this.hasMovedFrom(this.#offsetMs, offsetMs)) this.#offsetMs = offsetMs;
  }

  /** A request signed with that offset may do better when signed again. */
  hasMovedFrom(signedOffsetMs: number, offsetMs = this.#offsetMs): boolean {
    return Math.abs(offsetMs - signedOffsetMs) >= RESOLUTION_MS;
  }
}
