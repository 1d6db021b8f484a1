/** The part of `process` that signals come from. */
export type SignalSource = {
  on(signal: "SIGINT" | "SIGTERM" | "SIGHUP", listener: () => void): unknown;
};

export type Interrupts = {
  /** Aborts at the first signal: stop cleanly, keep the parts. */
  readonly signal: AbortSignal;
  /** 130 or 143 after a signal, else null. */
  exitCode(): number | null;
};

/**
 * One press can arrive twice: from the terminal, which signals the whole group, and passed on by a
 * parent. A person does not press twice this fast.
 */
const ONE_PRESS_MS = 150;

/** First signal: `signal` aborts. The second one leaves at once, with `exit`. */
export function watchInterrupts(
  source: SignalSource,
  nowMs: () => number,
  exit: (code: number) => void,
): Interrupts {
  const controller = new AbortController();
  let first: { readonly code: number; readonly atMs: number } | null = null;
  const listen = (name: "SIGINT" | "SIGTERM" | "SIGHUP", code: number) => {
    source.on(name, () => {
      if (first === null) {
        first = { code, atMs: nowMs() };
        controller.abort();
      } else if (nowMs() - first.atMs > ONE_PRESS_MS) {
        exit(code);
      }
    });
  };
  listen("SIGINT", 130);
  listen("SIGTERM", 143);
  listen("SIGHUP", 129);
  return { signal: controller.signal, exitCode: () => first?.code ?? null };
}
