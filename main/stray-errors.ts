/** The part of `process` that tells of what nobody caught. */
type Source = Pick<NodeJS.EventEmitter, "on" | "off">;

/** So many within a minute are no accident any more: the process ends, and starts anew with a clear head. */
const MOST = 50;
const WITHIN_MS = 60_000;

/**
 * Logs what nobody caught anywhere in this process, and lets it go on: what every other transfer
 * does is worth more than the request whose error went astray.
 *
 * @returns stops listening.
 */
export function outliveStrayErrors(
  source: Source,
  log: (level: "error", text: string) => void,
  nowMs: () => number,
): () => void {
  let recentMs: number[] = [];
  const take = (kind: string) => (thrown: unknown) => {
    const now = nowMs();
    recentMs = [...recentMs.filter((atMs) => now - atMs < WITHIN_MS), now];
    const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    log("error", `a bug: ${kind} ${text}`);
    if (recentMs.length < MOST) return;
    log("error", "too many of these; this process ends");
    stop();
    throw thrown;
  };
  const onError = take("nobody caught");
  const onRejection = take("nobody awaited");
  const stop = () => {
    source.off("uncaughtException", onError);
    source.off("unhandledRejection", onRejection);
  };
  source.on("uncaughtException", onError);
  source.on("unhandledRejection", onRejection);
  return stop;
}
