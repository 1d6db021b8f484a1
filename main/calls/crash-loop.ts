import type { TransferId } from "#shared/transfer.ts";
import type { Clock } from "../flow/clock.ts";
import type { TransferBook } from "../transfers/transfer-book.ts";
import type { TransferDesk } from "../transfers/transfer-desk.ts";
import type { Counters, TransferRecord } from "../transfers/transfer-record.ts";
import type { TransferState } from "../transfers/transfer-state.ts";
import { formatDuration } from "#shared/format.ts";
import { isActive } from "../transfers/transfer-state.ts";

/** A transfer under which the engine died so often, and which got no further meanwhile, rests. */
const MOST_DEATHS = 3;
/** Its first rest; each further death doubles it. The others move meanwhile. */
const FIRST_REST_MS = 60_000;
const LONGEST_REST_MS = 3_600_000;
/** Of two that rest one may be innocent: it is to run once without the other. */
const APART_MS = 30_000;
const LOOK_EVERY_MS = 2_000;
/** A clock that is set by so much is set, and not merely corrected. */
const CLOCK_SET_MS = 300_000;

/**
 * Counts the deaths of engines, and rests what may be their cause, before anything starts. A run
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
    const restMs = restOf(deaths.count) + resting.length * APART_MS;
    await book.apply(id, { type: "paused", cause: "crashed", error: null, restMs });
    await book.log(id, "error", words(deaths.count, restMs));
    resting.push(record.name);
  }
  return resting;
}

type Ports = {
  readonly book: Pick<TransferBook, "list" | "find" | "upcomingState">;
  readonly desk: Pick<TransferDesk, "letGo">;
  readonly clock: Clock;
  /** Which transfers this process may run. */
  readonly isOurs: (id: TransferId) => boolean;
};

/** Lets what rests since a start go on when its time is over, until `signal` aborts. Never rejects. */
export async function endRests(
  { book, desk, clock, isOurs }: Ports,
  signal: AbortSignal,
): Promise<void> {
  const resting = new Set(book.list().flatMap(({ id, state }) => (rests(state) ? [id] : [])));
  while (resting.size > 0 && !signal.aborted) {
    for (const id of resting) {
      // Also a pause or a cancel that is not written yet ends it.
      const state = book.find(id) && book.upcomingState(id);
      if (!rests(state)) resting.delete(id);
      // What cannot be written now is tried at the next look.
      else if (isOurs(id) && isOver(state, clock)) await desk.letGo(id).catch(() => undefined);
    }
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
}

type Resting = Extract<TransferState, { phase: "paused" }>;

function rests(state: TransferState | undefined): state is Resting {
  return state?.phase === "paused" && state.cause === "crashed";
}

/** A clock that was set back makes no rest longer. */
function isOver({ sinceMs, untilMs = 0 }: Resting, clock: Clock): boolean {
  const nowMs = clock.wallMs();
  return nowMs >= untilMs || nowMs < sinceMs - CLOCK_SET_MS;
}

function restOf(deathCount: number): number {
  return Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** (deathCount - MOST_DEATHS));
}

function words(deathCount: number, restMs: number): string {
  return `Longhaul ended unexpectedly ${deathCount} times in a row while this transfer ran, so it rests for ${formatDuration(restMs / 1000)} and then tries once more. If it comes back, report it with the log.`;
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
