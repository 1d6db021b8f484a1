import {
  array,
  assert,
  asyncProperty,
  boolean,
  constantFrom,
  nat,
  oneof,
  record,
} from "fast-check";
import { expect, it } from "vitest";
import type { ItemPhase } from "#shared/transfer.ts";
import { LonghaulError } from "#shared/errors.ts";
import { FakeClock } from "../flow/fake-clock.ts";
import { anUploadSpec } from "./fixtures.ts";
import { aTransferId, someItems } from "./journal-fixtures.ts";
import type { Journal } from "./journal.ts";
import { openJournalHere } from "./journal-open.ts";
import { TransferBook } from "./transfer-book.ts";
import { withCommit } from "./with-commit.ts";
import { newRecord, readRecord } from "./transfer-record.ts";

const id = aTransferId(1);

/** What may be done to a book, without waiting for what was done before. */
type Deed =
  | { readonly kind: "add"; readonly count: number }
  | { readonly kind: "change"; readonly index: number; readonly phase: ItemPhase }
  | { readonly kind: "requeue" }
  | { readonly kind: "state"; readonly to: "started" | "queued" | "yielded" }
  | { readonly kind: "wait" };

const phase = constantFrom<ItemPhase>("waiting", "asking", "done", "skipped", "failed");
const deed = oneof(
  record({ kind: constantFrom("add" as const), count: nat(3) }),
  record({ kind: constantFrom("change" as const), index: nat(8), phase }),
  constantFrom<Deed>({ kind: "requeue" }, { kind: "wait" }),
  record({
    kind: constantFrom("state" as const),
    to: constantFrom("started" as const, "queued" as const, "yielded" as const),
  }),
);

/** Refuses a commit where `isRefused` says so, in the order in which they are asked for. */
function failing(inner: Journal, isRefused: readonly boolean[]): Journal {
  let commits = 0;
  return withCommit(inner, async (changes) => {
    commits += 1;
    if (isRefused[commits]) throw new LonghaulError("disk-full", "refused");
    await inner.commit(changes);
  });
}

async function perform(book: TransferBook, journal: Journal, one: Deed): Promise<unknown> {
  switch (one.kind) {
    case "add": {
      const [last] = book.upcoming();
      const from = last?.listing.itemCount ?? 0;
      const listing = { isComplete: false, source: 0, cursor: null, itemCount: from + one.count };
      return await book.addItems(id, someItems(one.count, { from }), listing);
    }
    case "change": {
      const rows = await journal.items({ transferId: id, afterIndex: one.index - 1, limit: 1 });
      // One item has one run at a time, so that its row is as it was read.
      return await Promise.all(rows.map((row) => book.changeItem(row, { phase: one.phase })));
    }
    case "requeue":
      return await book.requeueItems(id, ["failed", "asking"]);
    case "state":
      return await book.apply(id, { type: one.to });
    case "wait":
      return null;
    default:
      return one satisfies never;
  }
}

it("never counts otherwise than the journal, whichever commits fail", async () => {
  const steps = array(record({ deed, isAwaited: boolean() }), { maxLength: 20 });
  const refusals = array(boolean(), { maxLength: 20 });
  await assert(
    asyncProperty(steps, refusals, async (deeds, isRefused) => {
      const clock = new FakeClock();
      const inner = openJournalHere(clock);
      const journal = failing(inner, [false, false, ...isRefused]);
      const book = new TransferBook({ journal, clock, publish: () => undefined });
      await book.add(newRecord(id, anUploadSpec(), "t", { position: 1, wallMs: 0 }));
      const underWay: Promise<unknown>[] = [];
      for (const { deed: one, isAwaited } of deeds) {
        const work = perform(book, inner, one).catch((error: unknown) => {
          expect(error).toBeInstanceOf(LonghaulError);
        });
        underWay.push(work);
        // Changes of items build on the row as it is.
        if (isAwaited || one.kind === "change") await Promise.all(underWay);
      }
      await Promise.all(underWay);
      const [row] = await inner.transfers();
      if (!row) throw new Error("no row");
      const kept = readRecord(row, await inner.itemTotals(id));
      const seen = book.get(id);
      expect(seen.totals).toEqual(kept.totals);
      expect(seen.listing).toEqual(kept.listing);
      expect(book.upcoming()).toEqual([seen]);
    }),
    { numRuns: 150 },
  );
});
