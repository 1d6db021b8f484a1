import type { Clock } from "./clock.ts";

/** Time in which this process did not run, or by which the wall clock was set, since the look before. */
export type Jump = {
  /** By how much the monotonic clock went further than a look takes to come. */
  readonly stoppedMs: number;
  /** By how much the wall clock went other ways than the monotonic one; negative is back. */
  readonly wallMs: number;
};

/**
 * Sees that the machine slept, the process was stopped, or the clock was set. Some systems' monotonic
 * clock goes on while they sleep (macOS, Windows), others' stands still (Linux): then the wall clock
 * tells.
 */
export class JumpGauge {
  readonly #clock: Pick<Clock, "nowMs" | "wallMs">;
  readonly #leastMs: number;
  #nowMs: number;
  #wallMs: number;

  /** @param leastMs Shorter ones are a busy machine. */
  constructor(clock: Pick<Clock, "nowMs" | "wallMs">, leastMs: number) {
    this.#clock = clock;
    this.#leastMs = leastMs;
    this.#nowMs = clock.nowMs();
    this.#wallMs = clock.wallMs();
  }

  /** Looked at every second or so. @returns null where nothing jumped. */
  look(): Jump | null {
    const nowMs = this.#clock.nowMs();
    const wallMs = this.#clock.wallMs();
    const passedMs = nowMs - this.#nowMs;
    const drift = wallMs - this.#wallMs - passedMs;
    this.#nowMs = nowMs;
    this.#wallMs = wallMs;
    const stoppedMs = passedMs >= this.#leastMs ? passedMs : 0;
    const setMs = Math.abs(drift) >= this.#leastMs ? drift : 0;
    return stoppedMs === 0 && setMs === 0 ? null : { stoppedMs, wallMs: setMs };
  }
}
