import type { Clock } from "../flow/clock.ts";

/** How often it looks, in parts of the time it allows for silence. */
const LOOKS_PER_STALL = 8;

/** A look that comes later than this many looks take was held up by this machine. */
const LONGEST_LOOKS = 4;

/** The rate floor: a stream is judged by a time, usually a minute, in which nothing but the other side held it up. */
const LEAST_BYTES_PER_SECOND = 1024;
/** Of what the median of its siblings gets. */
const LEAST_SHARE = 0.02;

/** `stalled`: no byte for too long. `too slow`: bytes, but below the rate floor. */
export type StallCause = "stalled" | "too slow";

type Watched = {
  lastMs: number;
  suspendCount: number;
  /** Of the minute that is being measured, without the time of being suspended. */
  activeMs: number;
  activeBytes: number;
  /** Of the minute before; null until there was one. */
  bytesPerSecond: number | null;
  readonly onStall: (cause: StallCause) => void;
};

/** Watches one stream. Time while it is suspended is not silence of the other side. */
export interface Watch {
  /** Something moved: this many bytes of the body. */
  touch(bytes: number): void;
  suspend(): void;
  resume(): void;
  end(): void;
}

/**
 * Ends streams that no longer get anywhere: silent for `stallMs`, or trickling for a minute while
 * others flow. One timer for all streams of a thread.
 */
export class Watchdog {
  #stallMs: number;
  readonly #judgedMs: number;
  readonly #clock: Clock;
  readonly #streams = new Set<Watched>();
  #lookedAtMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    { stallMs, judgedMs }: { readonly stallMs: number; readonly judgedMs: number },
    clock: Clock,
  ) {
    this.#stallMs = stallMs;
    this.#judgedMs = judgedMs;
    this.#clock = clock;
  }

  /** How long silence may last; holds at once. */
  setStall(stallMs: number): void {
    this.#stallMs = stallMs;
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#startTimer();
  }

  watch(onStall: (cause: StallCause) => void): Watch {
    const lastMs = this.#clock.nowMs();
    const fresh = { suspendCount: 0, activeMs: 0, activeBytes: 0, bytesPerSecond: null };
    const stream: Watched = { ...fresh, lastMs, onStall };
    this.#streams.add(stream);
    this.#startTimer();
    return {
      touch: (bytes) => {
        stream.lastMs = this.#clock.nowMs();
        stream.activeBytes += bytes;
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

  /** Judges every stream. */
  look(): void {
    const nowMs = this.#clock.nowMs();
    // Time in which this thread did not run was nobody's to use.
    const spanMs = Math.min(nowMs - this.#lookedAtMs, LONGEST_LOOKS * this.#everyMs);
    this.#lookedAtMs = nowMs;
    const waiting = [...this.#streams].filter(({ suspendCount }) => suspendCount === 0);
    for (const stream of waiting) {
      measure(stream, spanMs, this.#judgedMs);
      const cause = this.#judge(stream, nowMs);
      if (cause === null) continue;
      this.#end(stream);
      stream.onStall(cause);
    }
  }

  #judge(stream: Watched, nowMs: number): StallCause | null {
    if (nowMs - stream.lastMs >= this.#stallMs) return "stalled";
    const { bytesPerSecond } = stream;
    if (bytesPerSecond === null || bytesPerSecond >= this.#floorFor(stream)) return null;
    return "too slow";
  }

  #floorFor(stream: Watched): number {
    const rates = [...this.#streams]
      .filter((sibling) => sibling !== stream)
      .flatMap(({ bytesPerSecond }) => bytesPerSecond ?? [])
      .toSorted((a, b) => a - b);
    const median = rates[rates.length >> 1] ?? 0;
    return Math.max(LEAST_BYTES_PER_SECOND, median * LEAST_SHARE);
  }

  #startTimer(): void {
    if (this.#timer !== undefined) return;
    this.#lookedAtMs = this.#clock.nowMs();
    this.#timer = setInterval(() => this.look(), this.#everyMs).unref();
  }

  get #everyMs(): number {
    return this.#stallMs / LOOKS_PER_STALL;
  }

  #end(stream: Watched): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function measure(stream: Watched, spanMs: number, judgedMs: number): void {
  stream.activeMs += spanMs;
  if (stream.activeMs < judgedMs) return;
  stream.bytesPerSecond = (stream.activeBytes / stream.activeMs) * 1000;
  stream.activeMs = 0;
  stream.activeBytes = 0;
}
