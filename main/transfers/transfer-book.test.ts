import { beforeEach, describe, expect, it } from "vitest";
import type { TransferId } from "#shared/transfer.ts";
import type { Journal, JournalChange } from "./journal.ts";
import { FakeClock } from "../flow/fake-clock.ts";
import { anUploadSpec } from "./fixtures.ts";
import { aTransferId, someItems } from "./journal-fixtures.ts";
import { openJournalHere } from "./journal-open.ts";
import { TransferBook } from "./transfer-book.ts";
import { withCommit } from "./with-commit.ts";
import { newRecord, toRow } from "./transfer-record.ts";

const id = aTransferId(1);
const clock = new FakeClock();

/** A journal whose commits wait until they are let through, one by one. */
function slowed(inner: Journal): { readonly journal: Journal; readonly waiting: (() => void)[] } {
  const waiting: (() => void)[] = [];
  const commit = async (changes: readonly JournalChange[]) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    await inner.commit(changes);
  };
  const journal = withCommit(inner, commit);
  return { journal, waiting };
}

let journal: Journal;
let published: TransferId[];
let book: TransferBook;

function openBook(over: Journal = journal): TransferBook {
  return new TransferBook({ journal: over, clock, publish: (one) => published.push(one) });
}

beforeEach(async () => {
  journal = openJournalHere(clock);
  published = [];
  book = openBook();
  await book.add(newRecord(id, anUploadSpec(), "llama", { position: 1, wallMs: clock.wallMs() }));
});

async function itemAt(index: number) {
  const [row] = await journal.items({ transferId: id, afterIndex: index - 1, limit: 1 });
  if (!row) throw new Error(`no item ${index}`);
  return row;
}

describe("TransferBook", () => {
  it("announces a change only once the journal has it", async () => {
    const slow = slowed(journal);
    const later = openBook(slow.journal);
    await later.load();
    published = [];
    const starting = later.apply(id, { type: "started" });
    expect(later.get(id).state.phase).toBe("queued");
    expect(later.upcomingState(id).phase).toBe("running");
    expect(published).toEqual([]);
    slow.waiting.shift()?.();
    await starting;
    expect(later.get(id).state.phase).toBe("running");
    expect(published).toEqual([id]);
  });

  it("lets the next event meet the state that the one before left, committed or not", async () => {
    const both = await Promise.all([
      book.apply(id, { type: "started" }),
      book.apply(id, { type: "paused", cause: "user", error: null }),
      book.apply(id, { type: "started" }),
    ]);
    expect(both).toEqual([true, true, false]);
    expect(book.get(id).state.phase).toBe("paused");
  });

  it("reads back after a restart what it said before, with what ran queued again", async () => {
    await book.apply(id, { type: "started" });
    await book.addItems(id, someItems(3), {
      isComplete: true,
      source: 1,
      cursor: null,
      itemCount: 3,
    });
    const again = openBook();
    await again.load();
    expect(again.get(id)).toEqual({ ...book.get(id), state: { phase: "queued" } });
  });

  it("goes on with all others when one cannot be read", async () => {
    const row = { ...toRow(book.get(id)), id: aTransferId(7), name: "odd", state: { phase: "?" } };
    await journal.commit([{ type: "transfer-put", row }]);
    const again = openBook();
    expect(await again.load()).toEqual(["odd"]);
    expect(again.list().map((record) => record.id)).toEqual([id]);
    expect((await journal.transfers()).length).toBe(2);
  });

  it("says where an unfinished transfer goes on", async () => {
    await book.addItems(id, someItems(1), {
      isComplete: true,
      source: 1,
      cursor: null,
      itemCount: 1,
    });
    await book.changeItem(await itemAt(0), { doneBytes: 40 });
    const again = openBook();
    await again.load();
    expect(again.get(id).counters.resumedAtBytes).toBe(40);
  });
});

describe("TransferBook, of what it counts", () => {
  it("keeps totals equal to the journal's through every change", async () => {
    await book.addItems(id, someItems(4), {
      isComplete: true,
      source: 1,
      cursor: null,
      itemCount: 4,
    });
    const row = await itemAt(0);
    await book.changeItem(row, { phase: "failed", doneBytes: 10 });
    await book.changeItem(await itemAt(1), { phase: "asking" });
    await book.changeItem(await itemAt(2), { phase: "done", doneBytes: row.sizeBytes });
    await book.requeueItems(id, ["failed", "asking"]);
    const totals = await journal.itemTotals(id);
    const { counts, sizeBytes, doneBytes } = book.get(id).totals;
    expect({ sizeBytes, doneBytes }).toEqual({
      sizeBytes: totals.sizeBytes,
      doneBytes: totals.doneBytes,
    });
    expect(counts).toEqual(
      Object.fromEntries(Object.entries(totals.byPhase).map(([phase, sum]) => [phase, sum.count])),
    );
  });

  it("counts the time in which it ran, and no other", async () => {
    await book.apply(id, { type: "started" });
    clock.advance(3000);
    await book.apply(id, { type: "paused", cause: "user", error: null });
    clock.advance(60_000);
    await book.apply(id, { type: "queued" });
    await book.apply(id, { type: "started" });
    clock.advance(2000);
    await book.apply(id, { type: "finished" });
    expect(book.get(id).activeMs).toBe(5000);
  });

  it("keeps the weakest rung and adds up what moved twice", async () => {
    await book.addItems(id, someItems(2), {
      isComplete: true,
      source: 1,
      cursor: null,
      itemCount: 2,
    });
    await book.changeItem(await itemAt(0), {}, { rung: "part-sha256", movedTwiceBytes: 5 });
    await book.changeItem(await itemAt(1), {}, { rung: "size", movedTwiceBytes: 7 });
    expect(book.get(id).counters).toMatchObject({ rung: "size", movedTwiceBytes: 12 });
  });
});

describe("TransferBook, of its list", () => {
  it("forgets settled transfers only", async () => {
    expect(await book.remove(id)).toBe(false);
    await book.apply(id, { type: "canceled", isKept: false });
    expect(await book.remove(id)).toBe(true);
    expect(book.find(id)).toBeUndefined();
    expect(await journal.transfers()).toEqual([]);
  });

  it("lists in queue order", async () => {
    const second = aTransferId(2);
    await book.add(newRecord(second, anUploadSpec(), "b", { position: 0, wallMs: 0 }));
    expect(book.list().map((record) => record.id)).toEqual([second, id]);
    await book.setPosition(second, 9);
    expect(book.list().map((record) => record.id)).toEqual([id, second]);
  });

  it("names a transfer that is not there", () => {
    expect(() => book.get(aTransferId(9))).toThrow(/there is no transfer/u);
  });
});
