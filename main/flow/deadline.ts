/** Aborts its signal after a time, unless it is ended before. */
export type Deadline = {
  readonly signal: AbortSignal;
  /** What it was for is over. */
  readonly end: () => void;
};

/**
 * For what happens hundreds of times a second: `AbortSignal.timeout` cannot be ended, so each one
 * would stay, and all that listens to it, until its time has passed.
 */
export function startDeadline(ms: number): Deadline {
  const controller = new AbortController();
  const late = () => controller.abort(new DOMException("the time is over", "TimeoutError"));
  const timer = setTimeout(late, ms).unref();
  return { signal: controller.signal, end: () => clearTimeout(timer) };
}
