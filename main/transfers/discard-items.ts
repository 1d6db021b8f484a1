import type { ItemRow, Journal } from "./journal.ts";
import type { OpenedStore, RunPorts } from "./run-ports.ts";
import type { TransferRecord } from "./transfer-record.ts";
import type { SendResume } from "../parts/resume.ts";
import { isAbort, isRetryable, LonghaulError } from "#shared/errors.ts";
import { abandonFetch, abandonSend } from "../parts/abandon.ts";
import { findOurs } from "../parts/find-ours.ts";
import { runLanes } from "../parts/run-lanes.ts";
import { keyFor } from "./item-names.ts";
import type { ItemResume } from "./item-record.ts";
import { readResume } from "./item-record.ts";
import { discardUnpacking } from "./unpack-item.ts";
import { removeSpool } from "./spool.ts";
import { openStoreOf } from "./run-ports.ts";

/**
 * Removes what a canceled transfer left: partial files and spools here, unfinished uploads at the
 * store. Never fails for want of the store: what is left there stays in the journal, is told in the
 * transfer's log, and is removed when this is called again.
 *
 * @returns whether nothing is left.
 */
export type Discard = (record: TransferRecord) => Promise<boolean>;

type Ports = Pick<RunPorts, "journal" | "openStore" | "book" | "retryFor" | "clock">;

const PAGE = 500;
/** A person waits for it; the rest is for the next start. */
const DISCARD_FOR_MS = 30_000;
/** Uploads that are aborted at once: on a slow line every one waits for two answers. */
const LANES = 8;
/** An upload that was asked for just before is looked for again, until it would have appeared. */
const APPEARS_WITHIN_MS = 60_000;

export function createDiscard(ports: Ports, closing: AbortSignal): Discard {
  return async (record) => {
    const signal = AbortSignal.any([closing, AbortSignal.timeout(DISCARD_FOR_MS)]);
    const discarding = new Discarding(ports, record, signal);
    try {
      for await (const rows of pagesOf(ports.journal, record)) await discarding.discardAll(rows);
      return await discarding.tell();
    } catch (error) {
      // The engine closes: the next start goes on.
      if (!closing.aborted || !isAbort(error)) throw error;
      return false;
    }
  };
}

class Discarding {
  readonly #ports: Ports;
  readonly #record: TransferRecord;
  readonly #signal: AbortSignal;
  #opened: Promise<OpenedStore> | null = null;
  #removedCount = 0;
  #leftCount = 0;
  /** What may have landed, of which the store did not say it yet. */
  #unknownCount = 0;
  /** Why something is left; after it the store is not asked again. */
  #failure: string | null = null;

  constructor(ports: Ports, record: TransferRecord, signal: AbortSignal) {
    this.#ports = ports;
    this.#record = record;
    this.#signal = signal;
  }

  async discardAll(rows: readonly ItemRow[]): Promise<void> {
    // Each says for itself what became of it, also when the time is up.
    const never = new AbortController().signal;
    await runLanes(LANES, rows.values(), async (row) => await this.#discard(row), never);
  }

  async #discard(row: ItemRow): Promise<void> {
    await removeSpool(row.source);
    if (row.resume === null) return;
    const resume = readResume(row.resume);
    const { send, fetch, otherName, mayHaveLanded } = resume;
    try {
      await this.#discardUnpacking(resume);
    } catch (error) {
      // A disk that is not there, or full: the next start goes on.
      this.#note(error);
      return;
    }
    if (send === null && fetch === null) {
      if (mayHaveLanded !== undefined) await this.#lookFor(row, otherName, mayHaveLanded);
      return;
    }
    try {
      if (fetch !== null) await abandonFetch(fetch);
      if (send !== null && !(await this.#abort(otherName ?? row.name, send))) {
        this.#unknownCount += 1;
        return;
      }
    } catch (error) {
      this.#note(error);
      return;
    }
    this.#removedCount += 1;
    await this.#forget(row);
  }

  /** What is in place already stays: it is whole. */
  async #discardUnpacking({ unpackId, unpackInto }: ItemResume): Promise<void> {
    const { spec } = this.#record;
    const destination =
      unpackInto ?? (spec.kind === "download" ? spec.unpack?.destination : undefined);
    if (unpackId === null || destination === undefined) return;
    await discardUnpacking(this.#ports.journal, destination, unpackId, this.#signal);
  }

  async #forget({ transferId, index }: ItemRow): Promise<void> {
    await this.#ports.journal.commit([{ type: "item-changed", transferId, index, resume: null }]);
  }

  /**
   * What was canceled a moment too late is at the store, whole: that is said, and it is left there.
   * A store that does not answer now is asked when this is called again.
   */
  async #lookFor(row: ItemRow, otherName: string | null, sha256: string): Promise<void> {
    const { spec, id } = this.#record;
    if (spec.kind === "download" || row.phase === "done" || row.phase === "skipped") return;
    const key = keyFor(spec, otherName ?? row.name);
    try {
      const { store } = await this.#open();
      const mark = { etag: undefined, pieces: [{ end: row.sizeBytes, sha256 }] };
      const landed = await findOurs(store, key, mark, this.#signal);
      const text = `It was too late to cancel ${row.name}: it is in the bucket as ${key}.`;
      if (landed !== undefined) await this.#ports.book.log(id, "warn", text);
    } catch (error) {
      const isExpected = error instanceof LonghaulError;
      if (this.#signal.aborted || (isExpected && isRetryable(error.code))) {
        this.#unknownCount += 1;
        return;
      }
      if (!isExpected) throw error;
    }
    await this.#forget(row);
  }

  /** Says in the transfer's log what came of it. @returns whether nothing is left. */
  async tell(): Promise<boolean> {
    const { book } = this.#ports;
    const { id } = this.#record;
    if (this.#removedCount > 0) await book.log(id, "info", "What was moved so far is removed.");
    if (this.#failure === null) return this.#unknownCount === 0;
    const items = this.#leftCount === 1 ? "unfinished item" : "unfinished items";
    const text = `${this.#leftCount} ${items} could not be removed yet: ${this.#failure}`;
    await book.log(id, "warn", text);
    return false;
  }

  /** @returns false for what is to be looked for again later. */
  async #abort(name: string, send: SendResume): Promise<boolean> {
    const { spec } = this.#record;
    if (spec.kind === "download") return true;
    if (this.#failure !== null) throw new LonghaulError("unreachable", this.#failure);
    const { store } = await this.#open();
    const retry = this.#ports.retryFor({ retrying: () => undefined, retried: () => undefined });
    const isGone = await abandonSend(keyFor(spec, name), send, { store, retry }, this.#signal);
    return isGone || !this.#mayAppear(send);
  }

  /** It was asked for until the cancel, if it was. A clock that went back is no reason to wait. */
  #mayAppear({ intentAtMs }: SendResume): boolean {
    const lastAskedMs = Math.max(intentAtMs, this.#record.finishedAtMs ?? 0);
    const ageMs = this.#ports.clock.wallMs() - lastAskedMs;
    return ageMs >= 0 && ageMs < APPEARS_WITHIN_MS;
  }

  async #open(): Promise<OpenedStore> {
    const { spec } = this.#record;
    this.#opened ??= openStoreOf(spec, this.#ports, this.#signal);
    return await this.#opened;
  }

  #note(error: unknown): void {
    const isExpected = error instanceof LonghaulError || this.#signal.aborted;
    if (!isExpected) throw error;
    this.#leftCount += 1;
    this.#failure ??= error instanceof LonghaulError ? error.message : "the server did not answer";
  }
}

/** A page of the items that were begun at a time. */
export async function* pagesOf(
  journal: Pick<Journal, "items">,
  { id, spec }: Pick<TransferRecord, "id" | "spec">,
): AsyncGenerator<readonly ItemRow[]> {
  // A page's file may be here in part before anything is known of how far it came.
  const isBegun = spec.kind !== "drop";
  for (let afterIndex = -1; ;) {
    const rows = await journal.items({ transferId: id, isBegun, afterIndex, limit: PAGE });
    yield rows;
    afterIndex = rows.at(-1)?.index ?? afterIndex;
    if (rows.length < PAGE) return;
  }
}
