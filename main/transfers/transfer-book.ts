import type { LogLine, Rung, TransferId } from "#shared/transfer.ts";
import type { ItemRow, Journal, JournalChange, NewItem } from "./journal.ts";
import type { Counters, Listing, Totals, TransferRecord } from "./transfer-record.ts";
import type { TransferEvent } from "./transfer-state.ts";
import type { Clock } from "../flow/clock.ts";
import { ZodError } from "zod";
import type { Entry } from "../cache/entry.ts";
import { hasVersion } from "../cache/entry.ts";
import { LonghaulError } from "#shared/errors.ts";
import type { SyncCounts } from "#shared/sync.ts";
import type { SyncDeed } from "./outcome.ts";
import { weakerRung } from "./rungs.ts";
import { readRecord, toRow } from "./transfer-record.ts";
import { isActive, isSettled, nextState, TransferState } from "./transfer-state.ts";

type ItemChange = Partial<Omit<ItemRow, "transferId" | "index">>;

/** What a finished item adds to its transfer, and to what is known of files here. */
export type ItemTally = {
  readonly movedTwiceBytes?: number;
  readonly rung?: Rung;
  readonly entry?: Entry | null;
  readonly sync?: SyncDeed | undefined;
  readonly keepsVersions?: boolean;
  readonly isOther?: boolean;
  /** What becomes of all that arrived: it went, or was left, as the one object that this item is. */
  readonly arrived?: "done" | "skipped" | undefined;
};

/**
 * The one writer of transfers. Every change goes the same way: reduce, journal, publish; so
 * nothing is announced that a crash could forget.
 *
 * Two generations of each record: `reduced` is what the next change builds on, at once and without
 * waiting for the disk; `get` and `list` give the one that the journal has confirmed. Commits take
 * effect in call order, so the confirmed one follows step by step.
 */
export class TransferBook {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #publish: (id: TransferId, isNews?: boolean) => void;
  readonly #reduced = new Map<TransferId, TransferRecord>();
  readonly #confirmed = new Map<TransferId, TransferRecord>();
  /** Counts how often what was reduced turned out to be built on a change that never was. */
  #generation = 0;
  readonly #cutShort = new Map<TransferId, number>();

  /** @param ports `publish` is told whether the transfer is in another phase than before. */
  constructor(ports: {
    journal: Journal;
    clock: Clock;
    publish: (id: TransferId, isNews?: boolean) => void;
  }) {
    this.#journal = ports.journal;
    this.#clock = ports.clock;
    this.#publish = ports.publish;
  }

  /**
   * Reads back what the journal holds. What was under way is queued.
   *
   * @returns the names of transfers that cannot be read, which stay in the journal as they are: one
   * of them must not keep all others from going on.
   */
  async load(): Promise<readonly string[]> {
    const unreadable: string[] = [];
    for (const row of await this.#journal.transfers()) {
      try {
        const record = goingOn(readRecord(row, await this.#journal.itemTotals(row.id)));
        const state = TransferState.parse(row.state);
        if (isActive(state) && "sinceMs" in state) this.#cutShort.set(row.id, state.sinceMs);
        this.#reduced.set(record.id, record);
        this.#confirmed.set(record.id, record);
      } catch (error) {
        if (!(error instanceof ZodError)) throw error;
        unreadable.push(row.name);
      }
    }
    return unreadable;
  }

  /** What ran when the last engine died, with the start of that run; an engine that closes leaves none. */
  cutShort(): ReadonlyMap<TransferId, number> {
    return this.#cutShort;
  }

  /** In queue order. */
  list(): readonly TransferRecord[] {
    return inQueueOrder(this.#confirmed.values());
  }

  /** In queue order, each as the next event will meet it, confirmed or not. */
  upcoming(): readonly TransferRecord[] {
    return inQueueOrder(this.#reduced.values());
  }

  find(id: TransferId): TransferRecord | undefined {
    return this.#confirmed.get(id);
  }

  /** @throws {LonghaulError} `invalid` when there is none. */
  get(id: TransferId): TransferRecord {
    const record = this.#confirmed.get(id);
    if (!record) throw new LonghaulError("invalid", `there is no transfer ${id}`);
    return record;
  }

  async add(record: TransferRecord): Promise<void> {
    this.#reduced.set(record.id, record);
    try {
      await this.#journal.commit([{ type: "transfer-put", row: toRow(record) }]);
    } catch (error) {
      this.#reduced.delete(record.id);
      throw error;
    }
    this.#confirmed.set(record.id, record);
    this.#publish(record.id);
  }

  /** Forgets a settled transfer; another is left alone and the answer is false. */
  async remove(id: TransferId): Promise<boolean> {
    const record = this.#reduced.get(id);
    if (!record || !isSettled(record.state)) return false;
    this.#reduced.delete(id);
    try {
      await this.#journal.commit([{ type: "transfer-removed", id }]);
    } catch (error) {
      this.#reduced.set(id, record);
      throw error;
    }
    this.#confirmed.delete(id);
    this.#publish(id);
    return true;
  }

  /** Applies an event to a transfer's state; false when it did not apply. */
  async apply(id: TransferId, event: TransferEvent): Promise<boolean> {
    const record = this.#latest(id);
    const wallMs = this.#clock.wallMs();
    const state = nextState(record.state, event, wallMs);
    if (state === record.state) return false;
    await this.#write({ ...record, state, ...times(record, state, wallMs) }, []);
    return true;
  }

  /** The state that the next event will meet, confirmed or not. */
  upcomingState(id: TransferId): TransferState {
    return this.#latest(id).state;
  }

  async setPosition(id: TransferId, position: number): Promise<void> {
    await this.#write({ ...this.#latest(id), position }, []);
  }

  /** Changes what the items' totals cannot say. */
  async count(id: TransferId, change: (counters: Counters) => Counters): Promise<void> {
    const record = this.#latest(id);
    await this.#write({ ...record, counters: change(record.counters) }, []);
  }

  /** Adds a page of items and how far the listing came, together. */
  async addItems(id: TransferId, items: readonly NewItem[], listing: Listing): Promise<void> {
    const record = this.#latest(id);
    const totals = items.reduce((sum, item) => addTo(sum, asRow(item), 1), record.totals);
    const changes: JournalChange[] =
      items.length === 0 ? [] : [{ type: "items-added", transferId: id, items }];
    const counters = addSame(record.counters, items);
    await this.#write({ ...record, totals, listing, counters }, changes);
  }

  /** Changes one item. `before` is its row as it was read or last changed. */
  async changeItem(before: ItemRow, change: ItemChange, also: ItemTally = {}): Promise<void> {
    const record = this.#latest(before.transferId);
    const changed = addTo(addTo(record.totals, before, -1), { ...before, ...change }, 1);
    const totals = also.arrived === undefined ? changed : settleArrived(changed, also.arrived);
    const counters = {
      ...record.counters,
      movedTwiceBytes: record.counters.movedTwiceBytes + (also.movedTwiceBytes ?? 0),
      rung: weakerRung(record.counters.rung, also.rung ?? null),
      sync: addDeed(record.counters.sync, also, before),
      otherCount: record.counters.otherCount + (also.isOther === true ? 1 : 0),
    };
    const entry = also.entry && hasVersion(also.entry) ? also.entry : null;
    await this.#write({ ...record, totals, counters }, [
      { type: "item-changed", transferId: record.id, index: before.index, ...change },
      ...(entry ? [{ type: "entry-put" as const, entry }] : []),
      ...(also.arrived ? [movedArrived(record.id, also.arrived)] : []),
    ]);
  }

  /** Moves all items of some phases to `waiting`, for a retry or an answer. */
  async requeueItems(id: TransferId, from: readonly ("failed" | "asking")[]): Promise<void> {
    const record = this.#latest(id);
    const counts = { ...record.totals.counts };
    for (const phase of from) {
      counts.waiting += counts[phase];
      counts[phase] = 0;
    }
    await this.#write({ ...record, totals: { ...record.totals, counts } }, [
      { type: "items-moved", transferId: id, from, to: "waiting" },
    ]);
  }

  async log(id: TransferId, level: LogLine["level"], text: string): Promise<void> {
    const line = { atMs: this.#clock.wallMs(), level, text };
    await this.#journal.commit([{ type: "logged", transferId: id, line }]);
  }

  #latest(id: TransferId): TransferRecord {
    const record = this.#reduced.get(id);
    if (!record) throw new LonghaulError("invalid", `there is no transfer ${id}`);
    return record;
  }

  async #write(next: TransferRecord, changes: readonly JournalChange[]): Promise<void> {
    const columns = changedColumns(this.#latest(next.id), next);
    this.#reduced.set(next.id, next);
    const generation = this.#generation;
    try {
      await this.#journal.commit([
        ...changes,
        ...(columns === null
          ? []
          : [{ type: "transfer-changed" as const, id: next.id, ...columns }]),
      ]);
    } catch (error) {
      await this.#readBack(next.id);
      throw error;
    }
    const before = this.#confirmed.get(next.id);
    if (before === undefined) return;
    if (generation === this.#generation) this.#confirmed.set(next.id, next);
    else await this.#readBack(next.id);
    this.#publish(next.id, before.state.phase !== next.state.phase);
  }

  /**
   * The journal did not take a change that others may be built on already: from here on, what it
   * has is what counts. Twice a new generation, for what is built while it is read.
   */
  async #readBack(id: TransferId): Promise<void> {
    this.#generation += 1;
    const record = (await this.#readOne(id)) ?? this.#confirmed.get(id);
    this.#generation += 1;
    if (record === undefined || !this.#reduced.has(id)) return;
    this.#reduced.set(id, record);
    this.#confirmed.set(id, record);
  }

  /** Undefined when the journal cannot even be read. */
  async #readOne(id: TransferId): Promise<TransferRecord | undefined> {
    try {
      const row = (await this.#journal.transfers()).find((one) => one.id === id);
      return row && readRecord(row, await this.#journal.itemTotals(id));
    } catch {
      return undefined;
    }
  }
}

function addDeed(
  counts: SyncCounts | null,
  { sync, keepsVersions = false }: ItemTally,
  { sizeBytes }: ItemRow,
): SyncCounts | null {
  if (counts === null || sync === undefined) return counts;
  switch (sync) {
    case "move":
      return { ...counts, moves: counts.moves + 1, moveBytes: counts.moveBytes + sizeBytes };
    case "delete": {
      const isKept = counts.keepsVersions || keepsVersions;
      return { ...counts, deletes: counts.deletes + 1, keepsVersions: isKept };
    }
    case "same":
      return { ...counts, same: counts.same + 1 };
    default:
      return sync satisfies never;
  }
}

/** Those that a listing settled, because they are there as they should be. */
function addSame(counters: Counters, items: readonly NewItem[]): Counters {
  const { sync } = counters;
  if (sync === null) return counters;
  const same = items.filter(
    ({ phase, keptBytes }) => phase === "skipped" && keptBytes !== undefined,
  );
  return { ...counters, sync: { ...sync, same: sync.same + same.length } };
}

function movedArrived(transferId: TransferId, to: "done" | "skipped"): JournalChange {
  return { type: "items-moved", transferId, from: ["arrived"], to };
}

/** As the journal counts them then: nothing but what arrived has bytes in such a transfer. */
function settleArrived(totals: Totals, to: "done" | "skipped"): Totals {
  const { counts, sizeBytes, keptBytes } = totals;
  return {
    sizeBytes,
    doneBytes: sizeBytes,
    keptBytes: to === "skipped" ? sizeBytes : keptBytes,
    counts: { ...counts, arrived: 0, [to]: counts[to] + counts.arrived },
  };
}

function inQueueOrder(records: Iterable<TransferRecord>): readonly TransferRecord[] {
  return [...records].toSorted((a, b) => a.position - b.position || a.createdAtMs - b.createdAtMs);
}

/** Marks where an unfinished transfer goes on, which its row then says. */
function goingOn(record: TransferRecord): TransferRecord {
  if (isSettled(record.state) || record.totals.doneBytes === 0) return record;
  const counters = { ...record.counters, resumedAtBytes: record.totals.doneBytes };
  return { ...record, counters };
}

function times(record: TransferRecord, state: TransferState, wallMs: number) {
  const ranSinceMs =
    isActive(record.state) && "sinceMs" in record.state ? record.state.sinceMs : null;
  const isLeaving = ranSinceMs !== null && !isActive(state);
  return {
    startedAtMs: record.startedAtMs ?? (state.phase === "running" ? wallMs : null),
    finishedAtMs: "atMs" in state ? state.atMs : null,
    activeMs: isLeaving ? record.activeMs + Math.max(0, wallMs - ranSinceMs) : record.activeMs,
  };
}

/** The columns that differ, or null when none does: items have rows of their own. */
function changedColumns(before: TransferRecord, after: TransferRecord) {
  const { position, state, listing, counters, startedAtMs, finishedAtMs, activeMs } = after;
  const isSame =
    position === before.position &&
    state === before.state &&
    listing === before.listing &&
    JSON.stringify(counters) === JSON.stringify(before.counters);
  if (isSame) return null;
  return { position, state, listing, counters, startedAtMs, finishedAtMs, activeMs };
}

function asRow(item: NewItem): Pick<ItemRow, "phase" | "sizeBytes" | "doneBytes" | "keptBytes"> {
  return {
    phase: item.phase ?? "waiting",
    sizeBytes: item.sizeBytes,
    doneBytes: item.doneBytes ?? 0,
    keptBytes: item.keptBytes ?? 0,
  };
}

function addTo(
  totals: Totals,
  item: Pick<ItemRow, "phase" | "sizeBytes" | "doneBytes" | "keptBytes">,
  sign: 1 | -1,
): Totals {
  return {
    sizeBytes: totals.sizeBytes + sign * item.sizeBytes,
    doneBytes: totals.doneBytes + sign * item.doneBytes,
    keptBytes: totals.keptBytes + sign * item.keptBytes,
    counts: { ...totals.counts, [item.phase]: totals.counts[item.phase] + sign },
  };
}
