import { setTimeout as sleep } from "node:timers/promises";

/** Time as a dependency, so that tests never wait. */
export interface Clock {
  /** Milliseconds on a clock that never steps back; for durations. */
  nowMs(): number;
  /** Milliseconds since 1970; for people and signatures only, it may jump. */
  wallMs(): number;
  /** @throws AbortError as soon as `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};
