import type { Clock } from "./clock.ts";

/** Infinity is for ever. */
export type PatienceLimits = {
  /** Without a single byte so far: the address may be wrong. */
  readonly beforeFirstByteMs: number;
  /** Since the last verified byte. */
  readonly sinceLastByteMs: number;
};

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** The window and `serve` go on by themselves for a day. */
export const LASTING_PATIENCE: PatienceLimits = {
  beforeFirstByteMs: DAY_MS,
  sinceLastByteMs: DAY_MS,
};

/** One command, which somebody or a script waits for. */
export const ONE_SHOT_PATIENCE: PatienceLimits = {
  beforeFirstByteMs: 2 * MINUTE_MS,
  sinceLastByteMs: 30 * MINUTE_MS,
};

/** One command's, where it may say how long it tries. */
export function patienceOf(giveUpAfterMs: number | null): PatienceLimits {
  if (giveUpAfterMs === null) return ONE_SHOT_PATIENCE;
  return { beforeFirstByteMs: giveUpAfterMs, sinceLastByteMs: giveUpAfterMs };
}

/** How long a transfer keeps trying; one for all its items, so that progress of any counts for all. */
export class Patience {
  readonly #limits: PatienceLimits;
  readonly #clock: Pick<Clock, "nowMs">;
  #sinceMs: number;
  #hasMoved = false;

  constructor(limits: PatienceLimits, clock: Pick<Clock, "nowMs">) {
    this.#limits = limits;
    this.#clock = clock;
    this.#sinceMs = clock.nowMs();
  }

  /** A request succeeded: somebody is there. */
  answered(): void {
    this.#sinceMs = this.#clock.nowMs();
  }

  /** A byte was verified. */
  progressed(): void {
    this.#hasMoved = true;
    this.#sinceMs = this.#clock.nowMs();
  }

  /** Zero or less: give up. */
  leftMs(): number {
    const { beforeFirstByteMs, sinceLastByteMs } = this.#limits;
    const limitMs = this.#hasMoved ? sinceLastByteMs : beforeFirstByteMs;
    return this.#sinceMs + limitMs - this.#clock.nowMs();
  }
}
