import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ItemTotals, Journal, JournalChange } from "./journal.ts";
import { ItemPhase } from "#shared/transfer.ts";
import { FakeClock } from "../flow/fake-clock.ts";
import { aTransferId, aTransferRow, someItems } from "./journal-fixtures.ts";
import { openJournalHere } from "./journal-open.ts";
import { sumByPhase } from "./journal-totals.ts";

const id = aTransferId(1);
const phase = fc.constantFrom(...ItemPhase.options);
const bytes = fc.nat(1_000_000);
const index = fc.nat(30);

const change: fc.Arbitrary<JournalChange> = fc.oneof(
  fc.record(
    {
      type: fc.constant("item-changed" as const),
      transferId: fc.constant(id),
      index,
      phase,
      sizeBytes: bytes,
      doneBytes: bytes,
      keptBytes: bytes,
    },
    { requiredKeys: ["type", "transferId", "index"] },
  ),
  fc.record({
    type: fc.constant("items-added" as const),
    transferId: fc.constant(id),
    items: fc
      .tuple(index, fc.nat(8), phase, bytes)
      .map(([from, count, at, size]) => someItems(count, { from, phase: at, sizeBytes: size })),
  }),
  fc.record({
    type: fc.constant("items-moved" as const),
    transferId: fc.constant(id),
    from: fc.array(phase, { maxLength: 4 }),
    to: phase,
  }),
);

/** The sums as a walk over all items finds them. */
async function walkedTotals(journal: Journal): Promise<Omit<ItemTotals, "byPhase">> {
  const items = await journal.items({ transferId: id, limit: 1000 });
  const sum = { count: 0, sizeBytes: 0, doneBytes: 0, keptBytes: 0 };
  for (const item of items) {
    sum.count += 1;
    sum.sizeBytes += item.sizeBytes;
    sum.doneBytes += item.doneBytes;
    sum.keptBytes += item.keptBytes;
  }
  return sum;
}

async function walkedCounts(journal: Journal): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const one of ItemPhase.options) {
    counts[one] = (await journal.items({ transferId: id, limit: 1000, phases: [one] })).length;
  }
  return counts;
}

describe("the totals of a transfer", () => {
  it("equal the sums over its items after any changes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 25 }), async (changes) => {
        const journal = openJournalHere(new FakeClock());
        await journal.commit([{ type: "transfer-put", row: aTransferRow() }]);
        for (const one of changes) await journal.commit([one]);
        const { byPhase, ...sums } = await journal.itemTotals(id);
        const counts = Object.fromEntries(
          ItemPhase.options.map((one) => [one, byPhase[one].count]),
        );
        expect(sums).toEqual(await walkedTotals(journal));
        expect(counts).toEqual(await walkedCounts(journal));
        await journal.close();
      }),
      { numRuns: 60 },
    );
  });

  it("are zeros for a transfer that is not there", async () => {
    const journal = openJournalHere(new FakeClock());
    const totals = await journal.itemTotals(aTransferId(404));
    expect(totals).toMatchObject({ count: 0, byPhase: { failed: { count: 0, sizeBytes: 0 } } });
    await journal.close();
  });
});

describe("sumByPhase", () => {
  it("adds up the items of each phase", () => {
    const item = { phase: "waiting", sizeBytes: 5, doneBytes: 2, keptBytes: 1 } as const;
    const sums = sumByPhase([item, item, { ...item, phase: "done" }]);
    expect([...sums]).toEqual([
      ["waiting", { count: 2, sizeBytes: 10, doneBytes: 4, keptBytes: 2 }],
      ["done", { count: 1, sizeBytes: 5, doneBytes: 2, keptBytes: 1 }],
    ]);
  });
});
