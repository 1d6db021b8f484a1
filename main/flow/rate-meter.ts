/** Half-lives of the two averages: what people see moves soon, what is promised hardly at all. */
const SHOWN_HALF_LIFE_MS = 4_000;
const LEFT_HALF_LIFE_MS = 30_000;
const STALLED_AFTER_MS = 5_000;

/** No promise before this long, and before this part of the whole. */
const FIRST_ESTIMATE_MS = 5_000;
const FIRST_ESTIMATE_SHARE = 0.01;

/** An average and the weight it has so far: what is new has no history to be dragged down by. */
type Average = { readonly sum: number; readonly weight: number };

/** What one meter measured so far; plain data. Times are of `Clock.nowMs`. */
export type RateState = {
  readonly startedAtMs: number;
  readonly sampledAtMs: number;
  readonly lastByteAtMs: number;
  readonly shown: Average;
  readonly left: Average;
};

export type RateSample = {
  readonly nowMs: number;
  /** Since the sample before; zero counts, or the speed of a stream that stands would freeze. */
  readonly bytes: number;
};

export type RateReading = {
  /** For people. */
  readonly shownBytesPerSecond: number;
  /** For the time that is left. */
  readonly leftBytesPerSecond: number;
  /** No byte for 5 s. */
  readonly isStalled: boolean;
};

export function newRate(nowMs: number): RateState {
  const none = { sum: 0, weight: 0 };
  return { startedAtMs: nowMs, sampledAtMs: nowMs, lastByteAtMs: nowMs, shown: none, left: none };
}

/** Samples come from a timer, once a second, not when data comes. */
export function addSample(state: RateState, { nowMs, bytes }: RateSample): RateState {
  const spanMs = nowMs - state.sampledAtMs;
  // Two samples at one time say nothing of speed; the bytes count with the next.
  if (spanMs <= 0) return state;
  const bytesPerSecond = (bytes / spanMs) * 1000;
  return {
    startedAtMs: state.startedAtMs,
    sampledAtMs: nowMs,
    lastByteAtMs: bytes > 0 ? nowMs : state.lastByteAtMs,
    shown: blend(state.shown, bytesPerSecond, spanMs / SHOWN_HALF_LIFE_MS),
    left: blend(state.left, bytesPerSecond, spanMs / LEFT_HALF_LIFE_MS),
  };
}

/** What the meter says now. A stalled stream is shown as standing still. */
export function readRate(state: RateState, nowMs: number): RateReading {
  const isStalled = nowMs - state.lastByteAtMs >= STALLED_AFTER_MS;
  return {
    shownBytesPerSecond: isStalled ? 0 : valueOf(state.shown),
    leftBytesPerSecond: isStalled ? 0 : valueOf(state.left),
    isStalled,
  };
}

/**
 * Seconds until `leftBytes` are moved; null while nothing can be promised: before 5 s, before 1 %,
 * while stalled.
 */
export function secondsLeft(
  state: RateState,
  nowMs: number,
  { doneBytes, leftBytes }: { readonly doneBytes: number; readonly leftBytes: number },
): number | null {
  const { leftBytesPerSecond, isStalled } = readRate(state, nowMs);
  const isEarly =
    nowMs - state.startedAtMs < FIRST_ESTIMATE_MS ||
    doneBytes < (doneBytes + leftBytes) * FIRST_ESTIMATE_SHARE;
  if (isStalled || isEarly || leftBytesPerSecond <= 0) return null;
  return leftBytes / leftBytesPerSecond;
}

/** `halfLives` of the old value passed since it was made. */
function blend(old: Average, value: number, halfLives: number): Average {
  const kept = 0.5 ** halfLives;
  return { sum: old.sum * kept + value * (1 - kept), weight: old.weight * kept + (1 - kept) };
}

function valueOf({ sum, weight }: Average): number {
  return weight === 0 ? 0 : sum / weight;
}
