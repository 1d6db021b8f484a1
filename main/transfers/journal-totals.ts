import type { ItemPhase } from "#shared/transfer.ts";
import type { Prepare } from "./journal-columns.ts";
import type { ItemTotals, PhaseTotals } from "./journal.ts";

/** What one item counts for. */
export type Weights = Omit<PhaseTotals, "count"> & { readonly phase: ItemPhase };

const NOTHING: PhaseTotals = { count: 0, sizeBytes: 0, doneBytes: 0, keptBytes: 0 };

export function sumByPhase(items: readonly Weights[]): ReadonlyMap<ItemPhase, PhaseTotals> {
  const sums = new Map<ItemPhase, PhaseTotals>();
  for (const item of items) {
    sums.set(item.phase, plus(sums.get(item.phase) ?? NOTHING, { count: 1, ...item }));
  }
  return sums;
}

function plus(a: PhaseTotals, b: PhaseTotals): PhaseTotals {
  return {
    count: a.count + b.count,
    sizeBytes: a.sizeBytes + b.sizeBytes,
    doneBytes: a.doneBytes + b.doneBytes,
    keptBytes: a.keptBytes + b.keptBytes,
  };
}

export function negative(sum: PhaseTotals): PhaseTotals {
  return {
    count: -sum.count,
    sizeBytes: -sum.sizeBytes,
    doneBytes: -sum.doneBytes,
    keptBytes: -sum.keptBytes,
  };
}

/** Adds to what the journal has of one phase; a negative sum takes away. */
export function addTotals(
  prepare: Prepare,
  key: number,
  { phase, sum }: { phase: ItemPhase; sum: PhaseTotals },
): void {
  prepare(
    `INSERT INTO totals (transfer, phase, count, sizeBytes, doneBytes, keptBytes)
       VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (transfer, phase) DO UPDATE SET
         count = count + excluded.count, sizeBytes = sizeBytes + excluded.sizeBytes,
         doneBytes = doneBytes + excluded.doneBytes, keptBytes = keptBytes + excluded.keptBytes`,
  ).run(key, phase, sum.count, sum.sizeBytes, sum.doneBytes, sum.keptBytes);
}

/** @param key null for a transfer that is not there: all zeros. */
export function readTotals(prepare: Prepare, key: number | null): ItemTotals {
  const rows = prepare("SELECT * FROM totals WHERE transfer = ?").all(key);
  const sums = new Map(
    rows.map((row) => [
      String(row["phase"]),
      {
        count: Number(row["count"]),
        sizeBytes: Number(row["sizeBytes"]),
        doneBytes: Number(row["doneBytes"]),
        keptBytes: Number(row["keptBytes"]),
      },
    ]),
  );
  const of = (phase: ItemPhase): PhaseTotals => sums.get(phase) ?? NOTHING;
  const byPhase = {
    arriving: of("arriving"),
    arrived: of("arrived"),
    waiting: of("waiting"),
    moving: of("moving"),
    verifying: of("verifying"),
    asking: of("asking"),
    done: of("done"),
    skipped: of("skipped"),
    failed: of("failed"),
  };
  return { ...Object.values(byPhase).reduce(plus, NOTHING), byPhase };
}
