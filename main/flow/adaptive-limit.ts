/**
 * How many requests to one endpoint may be under way, as its answers teach: half as many when it
 * asks to slow down, one more after some that went well.
 */
export type AdaptiveLimit = {
  /** 1 to `ceiling`. */
  readonly limit: number;
  readonly ceiling: number;
  /** Requests that went well since the limit changed. */
  readonly cleanCount: number;
  /** On the clock that never steps back, milliseconds; null: it never was. */
  readonly halvedAtMs: number | null;
};

/** What one more request at a time has to be earned with. */
const CLEAN_PER_STEP = 30;
/** One burst of refusals is one message, however many requests it met. */
const LEAST_BETWEEN_HALVES_MS = 1_000;

export function newLimit(ceiling: number): AdaptiveLimit {
  return { limit: ceiling, ceiling, cleanCount: 0, halvedAtMs: null };
}

/**
 * The endpoint asked to slow down.
 *
 * @param startedAtMs When the refused request began: one from before the last halving says nothing
 * about what holds since.
 */
export function afterThrottle(
  state: AdaptiveLimit,
  startedAtMs: number,
  nowMs: number,
): AdaptiveLimit {
  const { halvedAtMs, limit } = state;
  if (halvedAtMs !== null) {
    if (startedAtMs < halvedAtMs || nowMs - halvedAtMs < LEAST_BETWEEN_HALVES_MS) {
      return state.cleanCount === 0 ? state : { ...state, cleanCount: 0 };
    }
  }
  return { ...state, limit: Math.max(1, limit >> 1), cleanCount: 0, halvedAtMs: nowMs };
}

/** A request went well. */
export function afterClean(state: AdaptiveLimit): AdaptiveLimit {
  if (state.limit >= state.ceiling) return state;
  const cleanCount = state.cleanCount + 1;
  if (cleanCount < CLEAN_PER_STEP) return { ...state, cleanCount };
  return { ...state, limit: state.limit + 1, cleanCount: 0 };
}

/** What may be asked for at most changed. A limit that nothing held down goes along. */
export function withCeiling(state: AdaptiveLimit, ceiling: number): AdaptiveLimit {
  const isFree = state.limit === state.ceiling;
  return { ...state, ceiling, limit: isFree ? ceiling : Math.min(state.limit, ceiling) };
}
