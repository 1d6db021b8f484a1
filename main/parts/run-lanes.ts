/** Something that runs until it is done or `signal` aborts. */
export type Task = (signal: AbortSignal) => Promise<void>;

/**
 * Runs tasks side by side. The first that fails stops the others; nothing of theirs is under way
 * any more when it settles.
 *
 * @throws what the first task to fail threw, never the aborts that this caused.
 */
export async function runTogether(tasks: readonly Task[], signal: AbortSignal): Promise<void> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const thrown: unknown[] = [];
  await Promise.all(
    tasks.map(async (task) => {
      try {
        await task(either);
      } catch (error) {
        thrown.push(error);
        failure.abort();
      }
    }),
  );
  if (thrown.length > 0) throw thrown[0];
  signal.throwIfAborted();
}

/**
 * Does `work` on everything that `items` yields, on at most `lanes` of them at once. Items are asked
 * for one by one, so that a million of them need not exist at the same time.
 *
 * @throws as `runTogether`.
 */
export async function runLanes<T>(
  lanes: number,
  items: Iterator<T, unknown>,
  work: (item: T, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const lane: Task = async (laneSignal) => {
    for (let next = items.next(); next.done !== true; next = items.next()) {
      laneSignal.throwIfAborted();
      await work(next.value, laneSignal);
    }
  };
  await runTogether(
    Array.from({ length: lanes }, () => lane),
    signal,
  );
}
