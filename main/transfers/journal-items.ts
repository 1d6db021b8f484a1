import { LonghaulError } from "#shared/errors.ts";
import { ItemPhase } from "#shared/transfer.ts";
import type { Prepare } from "./journal-columns.ts";
import type { Weights } from "./journal-totals.ts";
import type { JournalChange, NewItem, PhaseTotals } from "./journal.ts";
import { assignments, ITEM_COLUMNS, toColumns, toJson } from "./journal-columns.ts";
import { addTotals, negative, readTotals, sumByPhase } from "./journal-totals.ts";
import { ITEMS_PER_COMMIT } from "./journal.ts";

type Change<T extends JournalChange["type"]> = Extract<JournalChange, { type: T }>;

/** In these an item needs no resume any more. */
const SETTLED: ReadonlySet<ItemPhase> = new Set(["done", "skipped"]);

export function addItems(prepare: Prepare, key: number, items: readonly NewItem[]): void {
  if (items.length > ITEMS_PER_COMMIT) {
    throw new LonghaulError("internal", `${items.length} items in one page of the journal`);
  }
  const insert = prepare(
    `INSERT INTO items (transfer, idx, name, sizeBytes, phase, doneBytes, keptBytes, source,
                        resume, arrivalKey, error, note, receipt)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const added: Weights[] = [];
  for (const item of items) {
    const { phase = "waiting", sizeBytes, doneBytes = 0, keptBytes = 0 } = item;
    const { changes } = insert.run(
      key,
      item.index,
      item.name,
      sizeBytes,
      phase,
      doneBytes,
      keptBytes,
      toJson(item.source),
      toJson(item.resume),
      item.arrivalKey ?? null,
      toJson(item.error),
      item.note ?? null,
      toJson(item.receipt),
    );
    if (changes === 1) added.push({ phase, sizeBytes, doneBytes, keptBytes });
  }
  for (const [phase, sum] of sumByPhase(added)) addTotals(prepare, key, { phase, sum });
}

export function changeItem(prepare: Prepare, key: number, change: Change<"item-changed">): void {
  const before = readWeights(prepare, key, change.index);
  if (before === undefined) return;
  const phase = change.phase ?? before.phase;
  const isSettled = SETTLED.has(phase);
  const fields = isSettled ? { ...change, resume: null } : change;
  const [columns, values] = toColumns(fields, ITEM_COLUMNS);
  if (columns.length === 0) return;
  prepare(`UPDATE items SET ${assignments(columns)} WHERE transfer = ? AND idx = ?`).run(
    ...values,
    key,
    change.index,
  );
  const after = {
    phase,
    sizeBytes: change.sizeBytes ?? before.sizeBytes,
    doneBytes: change.doneBytes ?? before.doneBytes,
    keptBytes: change.keptBytes ?? before.keptBytes,
  };
  addTotals(prepare, key, { phase: before.phase, sum: negative({ count: 1, ...before }) });
  addTotals(prepare, key, { phase, sum: { count: 1, ...after } });
  if (isSettled) dropParts(prepare, key, { itemIndex: change.index });
}

export function moveItems(prepare: Prepare, key: number, change: Change<"items-moved">): void {
  const { byPhase } = readTotals(prepare, key);
  for (const phase of new Set(change.from)) {
    const sum = byPhase[phase];
    if (phase === change.to || sum.count === 0) continue;
    if (SETTLED.has(change.to)) forgetResume(prepare, key, phase);
    prepare(
      `UPDATE items SET phase = ?, error = NULL ${COUNTED[change.to] ?? ""}
         WHERE transfer = ? AND phase = ?`,
    ).run(change.to, key, phase);
    addTotals(prepare, key, { phase, sum: negative(sum) });
    addTotals(prepare, key, { phase: change.to, sum: counted(sum, change.to) });
  }
}

export function storePart(
  prepare: Prepare,
  key: number,
  { itemIndex, part }: Change<"part-stored">,
): void {
  prepare(
    `INSERT OR REPLACE INTO parts (transfer, item, number, startByte, endByte, etag, sha256, proof)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    key,
    itemIndex,
    part.number,
    part.start,
    part.end,
    part.etag,
    part.sha256,
    toJson(part.proof),
  );
}

export function dropParts(
  prepare: Prepare,
  key: number,
  change: Pick<Change<"parts-dropped">, "itemIndex" | "numbers">,
): void {
  if (change.numbers === undefined) {
    prepare("DELETE FROM parts WHERE transfer = ? AND item = ?").run(key, change.itemIndex);
    return;
  }
  const drop = prepare("DELETE FROM parts WHERE transfer = ? AND item = ? AND number = ?");
  for (const number of change.numbers) drop.run(key, change.itemIndex, number);
}

/** What `counted` says of the sum, of each item. */
const COUNTED: Partial<Record<ItemPhase, string>> = {
  done: ", doneBytes = sizeBytes",
  skipped: ", doneBytes = sizeBytes, keptBytes = sizeBytes",
};

function counted(sum: PhaseTotals, to: ItemPhase): PhaseTotals {
  const { sizeBytes } = sum;
  if (to === "done") return { ...sum, doneBytes: sizeBytes };
  return to === "skipped" ? { ...sum, doneBytes: sizeBytes, keptBytes: sizeBytes } : sum;
}

function forgetResume(prepare: Prepare, key: number, phase: ItemPhase): void {
  prepare(
    `DELETE FROM parts WHERE transfer = ? AND item IN
       (SELECT idx FROM items WHERE transfer = ? AND phase = ?)`,
  ).run(key, key, phase);
  prepare("UPDATE items SET resume = NULL WHERE transfer = ? AND phase = ?").run(key, phase);
}

function readWeights(prepare: Prepare, key: number, index: number): Weights | undefined {
  const row = prepare(
    "SELECT phase, sizeBytes, doneBytes, keptBytes FROM items WHERE transfer = ? AND idx = ?",
  ).get(key, index);
  if (row === undefined) return undefined;
  return {
    phase: ItemPhase.parse(row["phase"]),
    sizeBytes: Number(row["sizeBytes"]),
    doneBytes: Number(row["doneBytes"]),
    keptBytes: Number(row["keptBytes"]),
  };
}
