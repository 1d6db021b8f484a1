import { z } from "zod";
import { Unpacked } from "#shared/archive.ts";
import type { Direction, ItemPhase, TransferId } from "#shared/transfer.ts";
import { NO_SYNC, SyncCounts, SyncWish } from "#shared/sync.ts";
import { ConflictRule, ItemPhase as ItemPhases, Rung } from "#shared/transfer.ts";
import type { ItemTotals, TransferRow } from "./journal.ts";
import { specKey, syncOf, TransferSpec } from "./transfer-spec.ts";
import { isActive, TransferState } from "./transfer-state.ts";

/** How far the walk or the listing came; committed together with the items it found. */
export const Listing = z.strictObject({
  isComplete: z.boolean(),
  /** Index of the source or key being listed. */
  source: z.int().nonnegative(),
  /** Within that source: the last path found, or the store's cursor; null at its start. */
  cursor: z.string().nullable(),
  itemCount: z.int().nonnegative(),
  /**
   * Of a sync that deletes, how far it knows what to delete: it was seen that there is nothing; it is
   * being looked for, from `cursor` on; every bit of it is an item. Absent: nobody has looked.
   */
  extras: z.enum(["none", "listing", "listed"]).optional(),
});
export type Listing = z.infer<typeof Listing>;

const Agreement = SyncWish.pick({ allowsEmpty: true, mostDeletes: true });

/** What the items' totals cannot say. */
export const Counters = z.strictObject({
  /** The rule in force; an answer "for all" changes it. */
  rule: ConflictRule,
  /** What has moved is read back and compared; the last wish holds. */
  isReadBack: z.boolean().default(false),
  movedTwiceBytes: z.int().nonnegative(),
  resumedAtBytes: z.int().nonnegative().nullable(),
  /** The weakest of the finished items. */
  rung: Rung.nullable(),
  /** Null is no cap of its own; left out by versions that knew none. */
  capBytesPerSecond: z.int().nullable().default(null),
  /** Items that were left out because something else has their place. */
  otherCount: z.int().nonnegative().default(0),
  /** Of a sync. */
  sync: SyncCounts.nullable().default(null),
  /** Of a download that is unpacked. */
  unpacked: Unpacked.nullable().default(null),
  /** What somebody agreed to that a sync deletes; the last word holds. */
  agreed: Agreement.nullable().default(null),
  /** Engine deaths in a row while it ran and got no further. */
  deaths: z
    .strictObject({
      count: z.int().nonnegative(),
      /** Of the last run that ended so: the same run is counted once. */
      runSinceMs: z.number(),
      /** How far it was then: bytes done, items done and items listed together. */
      reached: z.int().nonnegative(),
    })
    .nullable()
    .default(null),
});
export type Counters = z.infer<typeof Counters>;

/** One transfer in memory. Only `transfer-book.ts` writes it. */
export type TransferRecord = {
  readonly id: TransferId;
  readonly direction: Direction;
  readonly name: string;
  readonly spec: TransferSpec;
  readonly createdAtMs: number;
  readonly position: number;
  readonly state: TransferState;
  readonly listing: Listing;
  readonly counters: Counters;
  /** Of items at rest; what an item under way has done is in its run. */
  readonly totals: Totals;
  readonly startedAtMs: number | null;
  readonly finishedAtMs: number | null;
  /** Up to the last change of state. */
  readonly activeMs: number;
};

export type Totals = {
  readonly sizeBytes: number;
  readonly doneBytes: number;
  readonly keptBytes: number;
  readonly counts: Readonly<Record<ItemPhase, number>>;
};

export const NO_COUNTS: Readonly<Record<ItemPhase, number>> = {
  arriving: 0,
  arrived: 0,
  waiting: 0,
  moving: 0,
  verifying: 0,
  asking: 0,
  done: 0,
  skipped: 0,
  failed: 0,
};

export const NO_TOTALS: Totals = { sizeBytes: 0, doneBytes: 0, keptBytes: 0, counts: NO_COUNTS };

export function newRecord(
  id: TransferId,
  spec: TransferSpec,
  name: string,
  at: { position: number; wallMs: number },
): TransferRecord {
  return {
    id,
    direction: spec.kind === "download" ? "download" : "upload",
    name,
    spec,
    createdAtMs: at.wallMs,
    position: at.position,
    state: { phase: "queued" },
    listing: { isComplete: false, source: 0, cursor: null, itemCount: 0 },
    counters: {
      otherCount: 0,
      rule: spec.onConflict,
      isReadBack: spec.kind !== "drop" && spec.readBack,
      movedTwiceBytes: 0,
      resumedAtBytes: null,
      rung: null,
      capBytesPerSecond: null,
      sync: syncOf(spec) === null ? null : NO_SYNC,
      unpacked: null,
      agreed: agreementOf(spec),
      deaths: null,
    },
    totals: NO_TOTALS,
    startedAtMs: null,
    finishedAtMs: null,
    activeMs: 0,
  };
}

/** The part of a sync's wish that may change while it is unfinished; null of what is no sync. */
export function agreementOf(spec: TransferSpec): Counters["agreed"] {
  const sync = syncOf(spec);
  if (sync === null) return null;
  const { allowsEmpty, mostDeletes } = sync;
  return { allowsEmpty, mostDeletes };
}

/**
 * A record from the journal. What was running when the process ended is queued again: no run of it
 * is under way any more.
 *
 * @throws {z.ZodError} when the journal holds what no version wrote.
 */
export function readRecord(row: TransferRow, items: ItemTotals): TransferRecord {
  const state = TransferState.parse(row.state);
  return {
    id: row.id,
    direction: row.direction,
    name: row.name,
    spec: TransferSpec.parse(row.spec),
    createdAtMs: row.createdAtMs,
    position: row.position,
    state: isActive(state) ? { phase: "queued" } : state,
    listing: Listing.parse(row.listing),
    counters: Counters.parse(row.counters),
    totals: toTotals(items),
    startedAtMs: row.startedAtMs,
    finishedAtMs: row.finishedAtMs,
    activeMs: row.activeMs,
  };
}

export function toRow(record: TransferRecord): TransferRow {
  return {
    id: record.id,
    position: record.position,
    direction: record.direction,
    name: record.name,
    specKey: specKey(record.spec) ?? record.id,
    spec: record.spec,
    state: record.state,
    listing: record.listing,
    counters: record.counters,
    createdAtMs: record.createdAtMs,
    startedAtMs: record.startedAtMs,
    finishedAtMs: record.finishedAtMs,
    activeMs: record.activeMs,
  };
}

function toTotals(items: ItemTotals): Totals {
  const counts = { ...NO_COUNTS };
  for (const phase of ItemPhases.options) counts[phase] = items.byPhase[phase].count;
  return {
    sizeBytes: items.sizeBytes,
    doneBytes: items.doneBytes,
    keptBytes: items.keptBytes,
    counts,
  };
}

export function itemCountOf(totals: Totals): number {
  return Object.values(totals.counts).reduce((sum, count) => sum + count, 0);
}
