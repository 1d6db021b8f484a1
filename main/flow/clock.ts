import { setTimeout as sleep } from "node:timers/promises";

/** Time as a dependency, so that tests never wait. */
export interface Clock {
  /** Milliseconds on a clock that never steps back, the same in every thread; for durations. */
  nowMs(): number;
  /** Milliseconds since 1970; for people and signatures only, it may jump. */
  wallMs(): number;
  /** @throws AbortError as soon as `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

const NANOSECONDS_PER_MS = 1e6;

export const systemClock: Clock = {
  // Not performance.now(), which counts from the start of each thread.
  nowMs: () => Number(process.hrtime.bigint()) / NANOSECONDS_PER_MS,
  wallMs: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};
