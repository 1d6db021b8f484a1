import type { Clock } from "../flow/clock.ts";
import type { CacheJournal } from "./cache-journal.ts";
import type { Entry } from "./entry.ts";

/** How long questions gather. Items that move side by side come together within it. */
const GATHER_MS = 10;
/** The journal answers about no more at once. */
const MOST_KEYS = 1000;

type Batch = {
  readonly keys: Set<string>;
  readonly answer: Promise<ReadonlyMap<string, readonly Entry[]>>;
};

/**
 * Asks the journal about many objects at a time: every question makes it commit what waits, and one
 * for each of a thousand small files would make a thousand commits of them.
 */
export class EntryLookups {
  readonly #journal: Pick<CacheJournal, "entriesOf">;
  readonly #clock: Clock;
  /** By origin; those that still gather. */
  readonly #gathering = new Map<string, Batch>();

  constructor(journal: Pick<CacheJournal, "entriesOf">, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
  }

  /** All copies that are known of an object. */
  async of(origin: string, key: string): Promise<readonly Entry[]> {
    let batch = this.#gathering.get(origin);
    if (batch === undefined || batch.keys.size >= MOST_KEYS) batch = this.#begin(origin);
    batch.keys.add(key);
    return (await batch.answer).get(key) ?? [];
  }

  #begin(origin: string): Batch {
    const keys = new Set<string>();
    const batch: Batch = { keys, answer: this.#ask(origin, keys) };
    this.#gathering.set(origin, batch);
    return batch;
  }

  async #ask(origin: string, keys: ReadonlySet<string>) {
    await this.#clock.sleep(GATHER_MS, new AbortController().signal);
    if (this.#gathering.get(origin)?.keys === keys) this.#gathering.delete(origin);
    const entries = await this.#journal.entriesOf({ origin, keys: [...keys] });
    return Map.groupBy(entries, ({ key }) => key);
  }
}
