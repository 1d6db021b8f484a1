import type { SQLOutputValue } from "node:sqlite";
import type { z } from "zod";
import { ErrorInfo } from "#shared/errors.ts";
import { Direction, ItemPhase, LogLine, Receipt, TransferId } from "#shared/transfer.ts";
import type { Prepare } from "./journal-columns.ts";
import type { ItemQuery, ItemRow, ItemTotals, PartRow, TransferRow } from "./journal.ts";
import type { CacheJournal } from "../cache/cache-journal.ts";
import { readEntriesAt, readEntriesOf, readEntryPage } from "./journal-entries.ts";
import * as cache from "./journal-cache.ts";
import { readTotals } from "./journal-totals.ts";

type Row = Readonly<Record<string, SQLOutputValue>>;

/** Every question the journal answers: its input and output. */
export type JournalQuestions = {
  transfers: { input: null; output: readonly TransferRow[] };
  items: { input: ItemQuery; output: readonly ItemRow[] };
  itemTotals: { input: TransferId; output: ItemTotals };
  parts: { input: { transferId: TransferId; itemIndex: number }; output: readonly PartRow[] };
  arrivals: { input: readonly string[]; output: readonly ItemRow[] };
  log: { input: { transferId: TransferId; limit: number }; output: readonly LogLine[] };
} & CacheQuestions;

type CacheQuestionName = Exclude<keyof CacheJournal, "commit">;
type CacheQuestions = {
  [N in CacheQuestionName]: {
    input: Parameters<CacheJournal[N]> extends [infer Input] ? Input : null;
    output: Awaited<ReturnType<CacheJournal[N]>>;
  };
};

export type JournalReader = {
  readonly [N in keyof JournalQuestions]: (
    input: JournalQuestions[N]["input"],
  ) => JournalQuestions[N]["output"];
};

const ARRIVAL_KEYS_MAX = 500;

/** Answers from an open journal file; synchronous, in the journal's thread. */
export function createJournalReader(prepare: Prepare): JournalReader {
  const keyOf = (id: TransferId): number | null => {
    const row = prepare("SELECT key FROM transfers WHERE id = ?").get(id);
    return row === undefined ? null : Number(row["key"]);
  };
  return {
    transfers: () =>
      prepare("SELECT * FROM transfers WHERE id IS NOT NULL ORDER BY position, createdAtMs, key")
        .all()
        .map(toTransferRow),
    items: (query) => {
      const key = keyOf(query.transferId);
      return key === null
        ? []
        : readItems(prepare, key, query).map((row) => toItemRow(row, query.transferId));
    },
    itemTotals: (id) => readTotals(prepare, keyOf(id)),
    parts: ({ transferId, itemIndex }) =>
      prepare("SELECT * FROM parts WHERE transfer = ? AND item = ? ORDER BY number")
        .all(keyOf(transferId), itemIndex)
        .map(toPartRow),
    arrivals: (keys) => readArrivals(prepare, keys.slice(0, ARRIVAL_KEYS_MAX)),
    log: ({ transferId, limit }) =>
      prepare("SELECT atMs, level, text FROM log WHERE transfer = ? ORDER BY seq DESC LIMIT ?")
        .all(keyOf(transferId), limit)
        .map((row) => LogLine.parse(row))
        .toReversed(),
    entriesAt: (paths) => readEntriesAt(prepare, paths),
    entriesOf: (query) => readEntriesOf(prepare, query),
    entryPage: (query) => readEntryPage(prepare, query),
    entryList: (query) => cache.readEntryList(prepare, query),
    evictable: (query) => cache.readEvictable(prepare, query),
    entrySums: (folder) => cache.readEntrySums(prepare, folder),
    entryPieces: (id) => cache.readPieces(prepare, id),
    hasEntries: (origin) => cache.hasEntries(prepare, origin),
    cacheIntents: () => cache.readIntents(prepare),
  };
}

function readItems(prepare: Prepare, key: number, query: ItemQuery): Row[] {
  const { limit, phases = [], afterIndex = -1, offset = 0 } = query;
  if (query.isBegun === true) {
    return prepare(
      `SELECT * FROM items INDEXED BY begun
         WHERE transfer = ? AND idx > ? AND resume IS NOT NULL ORDER BY idx LIMIT ?`,
    ).all(key, afterIndex, limit);
  }
  if (phases.length === 0) {
    // Indexes have no gaps, so what to leave out need not be walked over.
    return prepare("SELECT * FROM items WHERE transfer = ? AND idx > ? ORDER BY idx LIMIT ?").all(
      key,
      afterIndex + offset,
      limit,
    );
  }
  // One sorted walk of the phase index for each phase, merged; only the page itself is looked up.
  const walk = "SELECT idx FROM items WHERE transfer = ? AND phase = ? AND idx > ?";
  const distinct = [...new Set(phases)];
  const page = `${distinct.map(() => walk).join(" UNION ALL ")} ORDER BY idx LIMIT ? OFFSET ?`;
  return prepare(
    `SELECT items.* FROM (${page}) AS page
       JOIN items ON items.transfer = ? AND items.idx = page.idx ORDER BY page.idx`,
  ).all(...distinct.flatMap((phase) => [key, phase, afterIndex]), limit, offset, key);
}

function readArrivals(prepare: Prepare, keys: readonly string[]): ItemRow[] {
  const find = prepare(
    `SELECT items.*, transfers.id AS transferId, transfers.key AS age
       FROM items JOIN transfers ON transfers.key = items.transfer
       WHERE arrivalKey = ? AND phase = 'arriving' AND transfers.id IS NOT NULL`,
  );
  return keys
    .flatMap((key) => find.all(key))
    .toSorted((a, b) => Number(b["age"]) - Number(a["age"]) || Number(a["idx"]) - Number(b["idx"]))
    .map((row) => toItemRow(row, TransferId.parse(row["transferId"])));
}

function toTransferRow(row: Row): TransferRow {
  return {
    id: TransferId.parse(row["id"]),
    position: Number(row["position"]),
    direction: Direction.parse(row["direction"]),
    name: String(row["name"]),
    specKey: String(row["specKey"]),
    spec: fromJson(row["spec"]),
    state: fromJson(row["state"]),
    listing: fromJson(row["listing"]),
    counters: fromJson(row["counters"]),
    createdAtMs: Number(row["createdAtMs"]),
    startedAtMs: numberOrNull(row["startedAtMs"]),
    finishedAtMs: numberOrNull(row["finishedAtMs"]),
    activeMs: Number(row["activeMs"]),
  };
}

function toItemRow(row: Row, transferId: TransferId): ItemRow {
  return {
    transferId,
    index: Number(row["idx"]),
    name: String(row["name"]),
    sizeBytes: Number(row["sizeBytes"]),
    phase: ItemPhase.parse(row["phase"]),
    doneBytes: Number(row["doneBytes"]),
    keptBytes: Number(row["keptBytes"]),
    source: fromJson(row["source"]),
    resume: fromJson(row["resume"]),
    arrivalKey: textOrNull(row["arrivalKey"]),
    error: parsedOrNull(ErrorInfo, row["error"]),
    note: textOrNull(row["note"]),
    receipt: parsedOrNull(Receipt, row["receipt"]),
  };
}

function toPartRow(row: Row): PartRow {
  return {
    number: Number(row["number"]),
    start: Number(row["startByte"]),
    end: Number(row["endByte"]),
    etag: textOrNull(row["etag"]),
    sha256: textOrNull(row["sha256"]),
    proof: fromJson(row["proof"]),
  };
}

function fromJson(value: SQLOutputValue | undefined): unknown {
  return typeof value === "string" ? JSON.parse(value) : null;
}

function parsedOrNull<T>(schema: z.ZodType<T>, value: SQLOutputValue | undefined): T | null {
  return typeof value === "string" ? schema.parse(JSON.parse(value)) : null;
}

function textOrNull(value: SQLOutputValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}

function numberOrNull(value: SQLOutputValue | undefined): number | null {
  return typeof value === "number" ? value : null;
}
