import type { TransferBook } from "../transfers/transfer-book.ts";
import type { Counters, TransferRecord } from "../transfers/transfer-record.ts";
import { isActive } from "../transfers/transfer-state.ts";

/** A transfer under which the engine died so often, and which got no further meanwhile, rests. */
const MOST_DEATHS = 3;

const WORDS =
  "Longhaul ended unexpectedly three times in a row while this transfer ran, so it rests. Resume it to try once more; if it comes back, report it with the log.";

/**
 * Counts the deaths of engines, and pauses what may be their cause, before anything starts. A run
 * that got further than the one before begins the count anew: power cuts end no transfer.
 *
 * @returns the names of those that rest now.
 */
export async function guardCrashLoops(book: TransferBook): Promise<readonly string[]> {
  const resting: string[] = [];
  for (const [id, runSinceMs] of book.cutShort()) {
    const record = book.get(id);
    const deaths = deathsOf(record, runSinceMs);
    if (
      deaths.count !== record.counters.deaths?.count ||
      deaths.runSinceMs !== record.counters.deaths.runSinceMs
    ) {
      await book.count(id, (counters) => ({ ...counters, deaths }));
    }
    if (deaths.count < MOST_DEATHS) continue;
    await book.apply(id, { type: "paused", cause: "user", error: null });
    await book.log(id, "error", WORDS);
    resting.push(record.name);
  }
  return resting;
}

/** An engine that closes in order leaves nothing that looks like a death. */
export async function leaveInOrder(book: TransferBook): Promise<void> {
  const running = book.upcoming().filter(({ state }) => isActive(state));
  await Promise.all(running.map(({ id }) => book.apply(id, { type: "yielded" })));
}

function deathsOf(
  { counters, totals, listing }: TransferRecord,
  runSinceMs: number,
): NonNullable<Counters["deaths"]> {
  const before = counters.deaths;
  if (before?.runSinceMs === runSinceMs) return before;
  const reached = totals.doneBytes + totals.counts.done + listing.itemCount;
  const isStuck = before !== null && reached <= before.reached;
  return { count: isStuck ? before.count + 1 : 1, runSinceMs, reached };
}
