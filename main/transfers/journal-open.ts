import type { TransferId } from "#shared/transfer.ts";
import type { Clock } from "../flow/clock.ts";
import type { JournalLink, QuestionInput, QuestionName, QuestionOutput } from "./journal-link.ts";
import type { ItemQuery, Journal, JournalChange, JournalOpening } from "./journal.ts";
import { openJournalFile } from "./journal-file.ts";
import { JournalQueue } from "./journal-queue.ts";
import { JournalServer } from "./journal-server.ts";
import { startJournalThread } from "./journal-thread.ts";

/**
 * Opens the journal file in a thread of its own, or makes one. Its folder must exist, and only one
 * process may have it open: the home's lock sees to that.
 *
 * @throws {LonghaulError} `disk-full`, `disk-failed`, `path-denied`.
 */
export async function openJournal(path: string, clock: Clock): Promise<JournalOpening> {
  const { link, ...found } = await startJournalThread(path, clock.wallMs());
  return { journal: new LinkedJournal(link, clock), ...found };
}

/** The same journal without a thread: every commit holds up the caller. For tests, in memory by default. */
export function openJournalHere(clock: Clock, path = ":memory:"): Journal {
  const server = new JournalServer(openJournalFile(path, clock.wallMs()));
  const link: JournalLink = {
    // No time of a real disk gets into tests with a clock of their own.
    commitAll: async (calls) => ({ ...server.commitAll(calls), diskMs: 0 }),
    ask: async (name, input) => server.ask({ name, input }).output,
    close: async () => server.close(),
  };
  return new LinkedJournal(link, clock);
}

class LinkedJournal implements Journal {
  readonly #link: JournalLink;
  readonly #queue: JournalQueue;
  readonly #closing = new AbortController();

  constructor(link: JournalLink, clock: Clock) {
    this.#link = link;
    this.#queue = new JournalQueue((calls) => link.commitAll(calls), clock);
  }

  async commit(changes: readonly JournalChange[]): Promise<void> {
    if (changes.length > 0) await this.#queue.add(changes);
  }

  transfers() {
    return this.#ask("transfers", null);
  }

  items(query: ItemQuery) {
    return this.#ask("items", query);
  }

  itemTotals(transferId: TransferId) {
    return this.#ask("itemTotals", transferId);
  }

  parts(transferId: TransferId, itemIndex: number) {
    return this.#ask("parts", { transferId, itemIndex });
  }

  arrivals(keys: readonly string[]) {
    return this.#ask("arrivals", keys);
  }

  log(transferId: TransferId, limit: number) {
    return this.#ask("log", { transferId, limit });
  }

  entriesAt(paths: readonly string[]) {
    return this.#ask("entriesAt", paths);
  }

  entriesOf(query: QuestionInput<"entriesOf">) {
    return this.#ask("entriesOf", query);
  }

  entryPage(query: QuestionInput<"entryPage">) {
    return this.#ask("entryPage", query);
  }

  entryList(query: QuestionInput<"entryList">) {
    return this.#ask("entryList", query);
  }

  evictable(query: QuestionInput<"evictable">) {
    return this.#ask("evictable", query);
  }

  entrySums(folder: string) {
    return this.#ask("entrySums", folder);
  }

  entryPieces(id: QuestionInput<"entryPieces">) {
    return this.#ask("entryPieces", id);
  }

  hasEntries(origin: string) {
    return this.#ask("hasEntries", origin);
  }

  cacheIntents() {
    return this.#ask("cacheIntents", null);
  }

  async close(): Promise<void> {
    this.#queue.close();
    this.#closing.abort();
    await this.#link.close();
  }

  /** What waits is sent off first: a read sees it. @throws AbortError once it is closed. */
  async #ask<N extends QuestionName>(name: N, input: QuestionInput<N>): Promise<QuestionOutput<N>> {
    const { signal } = this.#closing;
    signal.throwIfAborted();
    this.#queue.flush();
    try {
      return await this.#link.ask(name, input);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  }
}
