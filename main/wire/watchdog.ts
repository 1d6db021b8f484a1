import type { Clock } from "../flow/clock.ts";

/** How often it looks, in parts of the time it allows. */
const LOOKS_PER_STALL = 8;

type Watched = { lastMs: number; suspendCount: number; readonly onStall: () => void };

/** Watches one stream. Time while it is suspended is not silence of the other side. */
export interface Watch {
  /** A byte moved. */
  touch(): void;
  suspend(): void;
  resume(): void;
  end(): void;
}

/** Calls a stream stalled when no byte moved for `stallMs`; one timer for all streams of a thread. */
export class Watchdog {
  readonly #stallMs: number;
  readonly #clock: Clock;
  readonly #streams = new Set<Watched>();
  #timer: NodeJS.Timeout | undefined;

  constructor(stallMs: number, clock: Clock) {
    this.#stallMs = stallMs;
    this.#clock = clock;
  }

  get stallMs(): number {
    return this.#stallMs;
  }

  watch(onStall: () => void): Watch {
    const stream: Watched = { lastMs: this.#clock.nowMs(), suspendCount: 0, onStall };
    this.#streams.add(stream);
    this.#timer ??= setInterval(() => this.look(), this.#stallMs / LOOKS_PER_STALL).unref();
    return {
      touch: () => {
        stream.lastMs = this.#clock.nowMs();
      },
      suspend: () => {
        stream.suspendCount += 1;
      },
      resume: () => {
        stream.suspendCount -= 1;
        stream.lastMs = this.#clock.nowMs();
      },
      end: () => this.#end(stream),
    };
  }

  /** Ends every stream that was silent for too long. */
  look(): void {
    const nowMs = this.#clock.nowMs();
    for (const stream of this.#streams) {
      if (stream.suspendCount > 0 || nowMs - stream.lastMs < this.#stallMs) continue;
      this.#end(stream);
      stream.onStall();
    }
  }

  #end(stream: Watched): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
