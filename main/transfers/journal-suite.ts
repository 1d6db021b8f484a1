import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Receipt } from "#shared/transfer.ts";
import type { Journal } from "./journal.ts";
import type { Entry } from "../cache/entry.ts";
import {
  anEntry,
  aPart,
  aTransferId,
  aTransferOf,
  aTransferRow,
  someItems,
} from "./journal-fixtures.ts";

const id = aTransferId(1);

/** What every journal keeps, whatever thread it runs in. `open` gives an empty one. */
export function describeJournal(title: string, open: () => Promise<Journal>): void {
  describe(title, () => {
    let journal: Journal;
    beforeAll(async () => {
      journal = await open();
    });
    // A thread takes a while to start, and what was removed is as good as never there.
    afterEach(async () => {
      const rows = await journal.transfers();
      await journal.commit(rows.map((row) => ({ type: "transfer-removed", id: row.id })));
    });
    afterAll(() => journal.close());

    const get = () => journal;
    describe("transfers", () => describeTransfers(get));
    describe("items", () => describeItems(get));
    describe("totals", () => describeTotals(get));
    describe("pages", () => describePages(get));
    describe("parts", () => describeParts(get));
    describe("parts of an item that settles", () => describeSettling(get));
    describe("arrivals and log", () => describeArrivalsAndLog(get));
    describe("entries", () => describeEntries(get));
    describe("commits", () => describeCommits(get));
  });
}

function describeEntries(get: () => Journal): void {
  afterEach(async () => {
    const all = await get().entryPage({ after: null, limit: 100 });
    await get().commit(all.map((entry) => ({ type: "entry-removed", id: entry })));
  });
  const put = (...entries: Entry[]) =>
    get().commit(entries.map((entry) => ({ type: "entry-put", entry })));

  it("gives an entry back as it was put, by its path and by its object", async () => {
    const entry = anEntry({ versionId: "v1", rung: "md5-etag", verifiedAtMs: 7 });
    await put(entry, anEntry({ path: "/other", key: "other" }));
    expect(await get().entriesAt([entry.path])).toEqual([entry]);
    const { origin, key } = entry;
    expect(await get().entriesOf({ origin, keys: [key, "absent"] })).toEqual([entry]);
    expect(await get().entriesOf({ origin: "elsewhere", keys: [key] })).toEqual([]);
  });

  it("replaces what is known of a file, but for its pin and its age", async () => {
    await put(anEntry({ isPinned: true, addedAtMs: 1, trouble: "damaged" }));
    await put(anEntry({ etag: '"new"', isPinned: false, addedAtMs: 9 }));
    const kept = anEntry({ etag: '"new"', isPinned: true, addedAtMs: 1 });
    expect(await get().entriesAt([kept.path])).toEqual([kept]);
  });

  it("keeps one file as the copy of objects in two places", async () => {
    await put(anEntry(), anEntry({ origin: "aws/b" }));
    expect(await get().entriesAt([anEntry().path])).toHaveLength(2);
  });

  it("changes what is named, and forgets what is removed", async () => {
    await put(anEntry());
    const entry = anEntry();
    const change = { isPinned: true, usedAtMs: 5 };
    await get().commit([{ type: "entry-changed", id: entry, change }]);
    expect(await get().entriesAt([entry.path])).toEqual([anEntry(change)]);
    await get().commit([{ type: "entry-removed", id: entry }]);
    expect(await get().entriesAt([entry.path])).toEqual([]);
  });

  it("pages in the order of paths", async () => {
    const all = ["/a", "/b", "/c"].map((path) => anEntry({ path }));
    await put(...all.toReversed());
    const first = await get().entryPage({ after: null, limit: 2 });
    expect(first).toEqual(all.slice(0, 2));
    const rest = await get().entryPage({ after: first[1] ?? null, limit: 2 });
    expect(rest).toEqual(all.slice(2));
  });
}

function describeTransfers(get: () => Journal): void {
  it("gives a transfer back as it was put", async () => {
    const row = aTransferRow({ startedAtMs: 5, activeMs: 1.5, counters: { rule: "ask" } });
    await get().commit([{ type: "transfer-put", row }]);
    expect(await get().transfers()).toEqual([row]);
  });

  it("lists transfers by position, then by age", async () => {
    const rows = [
      aTransferRow({ id: aTransferId(1), position: 2 }),
      aTransferRow({ id: aTransferId(2), position: 1, createdAtMs: 20 }),
      aTransferRow({ id: aTransferId(3), position: 1, createdAtMs: 10 }),
    ];
    await get().commit(rows.map((row) => ({ type: "transfer-put", row })));
    const ids = (await get().transfers()).map((row) => row.id);
    expect(ids).toEqual([aTransferId(3), aTransferId(2), aTransferId(1)]);
  });

  it("changes only the columns that a change names", async () => {
    await get().commit([{ type: "transfer-put", row: aTransferRow() }]);
    await get().commit([
      { type: "transfer-changed", id, state: { phase: "done" }, finishedAtMs: 9, listing: null },
    ]);
    const changed = aTransferRow({ state: { phase: "done" }, finishedAtMs: 9, listing: null });
    expect(await get().transfers()).toEqual([changed]);
  });

  it("keeps the items of a transfer that is put again", async () => {
    await get().commit(aTransferOf(2));
    await get().commit([{ type: "transfer-put", row: aTransferRow({ name: "renamed" }) }]);
    expect((await get().itemTotals(id)).count).toBe(2);
    expect(await get().transfers()).toMatchObject([{ name: "renamed" }]);
  });

  it("knows nothing of a removed transfer", async () => {
    await get().commit([
      ...aTransferOf(2),
      { type: "part-stored", transferId: id, itemIndex: 0, part: aPart(1) },
      { type: "transfer-removed", id },
    ]);
    expect(await get().transfers()).toEqual([]);
    expect(await get().items({ transferId: id, limit: 10 })).toEqual([]);
    expect(await get().parts(id, 0)).toEqual([]);
    expect((await get().itemTotals(id)).count).toBe(0);
  });

  it("ignores what comes late for a transfer or an item that is gone", async () => {
    await get().commit(aTransferOf(1));
    await get().commit([
      { type: "item-changed", transferId: id, index: 7, phase: "done" },
      { type: "item-changed", transferId: aTransferId(9), index: 0, phase: "done" },
      { type: "transfer-changed", id: aTransferId(9), name: "late" },
    ]);
    expect((await get().itemTotals(id)).byPhase.waiting.count).toBe(1);
    expect(await get().transfers()).toEqual([aTransferRow()]);
  });
}

function describeItems(get: () => Journal): void {
  it("fills in what a new item does not say", async () => {
    await get().commit(aTransferOf(1));
    expect(await get().items({ transferId: id, limit: 10 })).toEqual([
      {
        transferId: id,
        index: 0,
        name: "shard-0.bin",
        sizeBytes: 1000,
        phase: "waiting",
        doneBytes: 0,
        keptBytes: 0,
        source: { path: "/models/llama/shard-0.bin" },
        resume: null,
        arrivalKey: null,
        error: null,
        note: null,
        receipt: null,
      },
    ]);
  });

  it("keeps error, note and receipt of an item", async () => {
    const error = { code: "disk-full", message: "no space", details: { freeBytes: 1 } } as const;
    const receipt = {
      sizeBytes: 1000,
      rung: "md5-etag",
      sha256: null,
      etag: '"e"',
      versionId: null,
      partCount: 1,
      movedTwiceBytes: 0,
      notes: ["no fsync here"],
      finishedAtMs: 1,
    } satisfies Receipt;
    await get().commit(aTransferOf(2));
    await get().commit([
      { type: "item-changed", transferId: id, index: 0, phase: "failed", error },
      { type: "item-changed", transferId: id, index: 1, phase: "done", receipt, note: "as b (2)" },
    ]);
    const items = await get().items({ transferId: id, limit: 10 });
    expect(items).toMatchObject([{ error }, { receipt, note: "as b (2)" }]);
  });

  it("leaves an item alone that is added a second time", async () => {
    await get().commit(aTransferOf(2));
    await get().commit([{ type: "item-changed", transferId: id, index: 1, phase: "done" }]);
    await get().commit([{ type: "items-added", transferId: id, items: someItems(3) }]);
    const phases = (await get().items({ transferId: id, limit: 10 })).map((item) => item.phase);
    expect(phases).toEqual(["waiting", "done", "waiting"]);
    expect((await get().itemTotals(id)).count).toBe(3);
  });
}

function describeTotals(get: () => Journal): void {
  it("sums items over all and by phase", async () => {
    await get().commit(aTransferOf(4));
    await get().commit([
      { type: "item-changed", transferId: id, index: 0, phase: "done", doneBytes: 1000 },
      { type: "item-changed", transferId: id, index: 1, doneBytes: 300, keptBytes: 200 },
      { type: "item-changed", transferId: id, index: 2, sizeBytes: 1500 },
    ]);
    const totals = await get().itemTotals(id);
    expect(totals).toMatchObject({ count: 4, sizeBytes: 4500, doneBytes: 1300, keptBytes: 200 });
    expect(totals.byPhase.waiting).toEqual({
      count: 3,
      sizeBytes: 3500,
      doneBytes: 300,
      keptBytes: 200,
    });
    expect(totals.byPhase.done).toMatchObject({ count: 1, doneBytes: 1000 });
    expect(totals.byPhase.failed.count).toBe(0);
  });

  it("moves all items of some phases and forgets their errors", async () => {
    const error = { code: "corrupt", message: "damaged", details: {} } as const;
    await get().commit(aTransferOf(3));
    await get().commit([
      { type: "item-changed", transferId: id, index: 0, phase: "failed", error },
      { type: "item-changed", transferId: id, index: 1, phase: "asking" },
      { type: "item-changed", transferId: id, index: 2, phase: "done" },
      { type: "items-moved", transferId: id, from: ["failed", "asking"], to: "waiting" },
    ]);
    const items = await get().items({ transferId: id, limit: 10 });
    expect(items.map((item) => item.phase)).toEqual(["waiting", "waiting", "done"]);
    expect(items[0]?.error).toBeNull();
    expect((await get().itemTotals(id)).byPhase.waiting.count).toBe(2);
  });
}

function describePages(get: () => Journal): void {
  const indexes = async (query: Omit<Parameters<Journal["items"]>[0], "transferId">) =>
    (await get().items({ transferId: id, ...query })).map((item) => item.index);

  beforeEach(async () => {
    await get().commit(aTransferOf(10));
    await get().commit(
      [1, 4, 7].map((index) => ({
        type: "item-changed",
        transferId: id,
        index,
        phase: index === 4 ? "failed" : "done",
      })),
    );
  });

  it("pages through all items, by index or by offset", async () => {
    expect(await indexes({ limit: 3 })).toEqual([0, 1, 2]);
    expect(await indexes({ limit: 3, afterIndex: 6 })).toEqual([7, 8, 9]);
    expect(await indexes({ limit: 3, offset: 8 })).toEqual([8, 9]);
    expect(await indexes({ limit: 2, afterIndex: 2, offset: 3 })).toEqual([6, 7]);
    expect(await indexes({ limit: 2, phases: [], offset: 20 })).toEqual([]);
  });

  it("pages through the items that were begun", async () => {
    const resume = { at: 1 };
    await get().commit(
      [2, 5, 9].map((index) => ({ type: "item-changed", transferId: id, index, resume })),
    );
    expect(await indexes({ limit: 2, isBegun: true })).toEqual([2, 5]);
    expect(await indexes({ limit: 2, isBegun: true, afterIndex: 5 })).toEqual([9]);
  });

  it("pages through the items of some phases in index order", async () => {
    expect(await indexes({ limit: 9, phases: ["done", "failed"] })).toEqual([1, 4, 7]);
    expect(await indexes({ limit: 9, phases: ["failed", "done"], offset: 1 })).toEqual([4, 7]);
    expect(await indexes({ limit: 9, phases: ["done"], afterIndex: 1 })).toEqual([7]);
    expect(await indexes({ limit: 2, phases: ["done", "done"] })).toEqual([1, 7]);
    expect(await indexes({ limit: 2, phases: ["asking"] })).toEqual([]);
  });
}

function storing(number: number, itemIndex = 0) {
  return { type: "part-stored", transferId: id, itemIndex, part: aPart(number) } as const;
}

async function numbersOf(journal: Journal, itemIndex: number): Promise<number[]> {
  return (await journal.parts(id, itemIndex)).map((part) => part.number);
}

function describeParts(get: () => Journal): void {
  beforeEach(() => get().commit(aTransferOf(3)));

  it("gives parts back by number, whatever order they were stored in", async () => {
    const odd = aPart(2, { etag: null, sha256: "ab", proof: { crc: 7 } });
    await get().commit([
      storing(3),
      { type: "part-stored", transferId: id, itemIndex: 0, part: odd },
    ]);
    await get().commit([storing(1)]);
    expect(await get().parts(id, 0)).toEqual([aPart(1), odd, aPart(3)]);
  });

  it("keeps the later of two parts of one number", async () => {
    await get().commit([storing(1)]);
    const again = aPart(1, { etag: '"again"' });
    await get().commit([{ type: "part-stored", transferId: id, itemIndex: 0, part: again }]);
    expect(await get().parts(id, 0)).toEqual([again]);
  });

  it("drops the parts it is told to", async () => {
    await get().commit([storing(1), storing(2), storing(3), storing(1, 1)]);
    await get().commit([{ type: "parts-dropped", transferId: id, itemIndex: 0, numbers: [1, 3] }]);
    expect(await numbersOf(get(), 0)).toEqual([2]);
    await get().commit([{ type: "parts-dropped", transferId: id, itemIndex: 0 }]);
    expect(await numbersOf(get(), 0)).toEqual([]);
    expect(await numbersOf(get(), 1)).toEqual([1]);
  });
}

function describeSettling(get: () => Journal): void {
  beforeEach(() => get().commit(aTransferOf(3)));

  it.each(["done", "skipped"] as const)(
    "drops parts and resume of an item that is %s",
    async (phase) => {
      await get().commit([
        {
          type: "item-changed",
          transferId: id,
          index: 0,
          phase: "moving",
          resume: { uploadId: "u" },
        },
        storing(1),
        { type: "item-changed", transferId: id, index: 0, phase },
      ]);
      expect(await numbersOf(get(), 0)).toEqual([]);
      expect(await get().items({ transferId: id, limit: 1 })).toMatchObject([{ resume: null }]);
    },
  );

  it("keeps parts and resume of an item that failed", async () => {
    await get().commit([
      {
        type: "item-changed",
        transferId: id,
        index: 0,
        phase: "moving",
        resume: { uploadId: "u" },
      },
      storing(1),
      { type: "item-changed", transferId: id, index: 0, phase: "failed" },
    ]);
    expect(await numbersOf(get(), 0)).toEqual([1]);
    expect(await get().items({ transferId: id, limit: 1 })).toMatchObject([
      { resume: { uploadId: "u" } },
    ]);
  });

  it("drops parts when all items of a phase are skipped at once", async () => {
    await get().commit([
      { type: "item-changed", transferId: id, index: 0, phase: "asking", resume: { a: 1 } },
      storing(1),
      storing(1, 1),
      { type: "items-moved", transferId: id, from: ["asking"], to: "skipped" },
    ]);
    expect(await numbersOf(get(), 0)).toEqual([]);
    expect(await numbersOf(get(), 1)).toEqual([1]);
    expect(await get().items({ transferId: id, limit: 1 })).toMatchObject([{ resume: null }]);
  });
}

function describeArrivalsAndLog(get: () => Journal): void {
  it("finds what a page has not sent whole, latest transfer first", async () => {
    const key = "model.bin 1000 17";
    for (const number of [1, 2, 3]) {
      const row = aTransferRow({ id: aTransferId(number) });
      const items = someItems(1, { phase: "arriving", arrivalKey: key });
      await get().commit([
        { type: "transfer-put", row },
        { type: "items-added", transferId: row.id, items },
      ]);
    }
    await get().commit([
      { type: "item-changed", transferId: aTransferId(2), index: 0, phase: "waiting" },
    ]);
    const found = await get().arrivals([key, "another"]);
    expect(found.map((item) => item.transferId)).toEqual([aTransferId(3), aTransferId(1)]);
  });

  it("keeps the last 500 lines of a log, oldest first", async () => {
    await get().commit([{ type: "transfer-put", row: aTransferRow() }]);
    await get().commit(
      Array.from({ length: 510 }, (_, number) => ({
        type: "logged",
        transferId: id,
        line: { atMs: number, level: "info", text: `line ${number}` },
      })),
    );
    const lines = await get().log(id, 1000);
    expect(lines).toHaveLength(500);
    expect(lines.at(0)?.text).toBe("line 10");
    expect(await get().log(id, 2)).toEqual(lines.slice(-2));
  });
}

function describeCommits(get: () => Journal): void {
  it("applies all changes of one call or none", async () => {
    await get().commit(aTransferOf(1));
    const tooMany = get().commit([
      { type: "item-changed", transferId: id, index: 0, phase: "done" },
      { type: "items-added", transferId: id, items: someItems(1001, { from: 1 }) },
    ]);
    const beside = get().commit([{ type: "transfer-changed", id, name: "beside" }]);
    await expect(tooMany).rejects.toMatchObject({ code: "internal" });
    await beside;
    expect((await get().itemTotals(id)).byPhase.waiting.count).toBe(1);
    expect(await get().transfers()).toMatchObject([{ name: "beside" }]);
  });

  it("lets a read see every commit that was called before it", async () => {
    const commits = [
      get().commit(aTransferOf(0)),
      ...[0, 1, 2, 3].map((index) =>
        get().commit([
          { type: "items-added", transferId: id, items: someItems(1, { from: index }) },
        ]),
      ),
    ];
    expect((await get().itemTotals(id)).count).toBe(4);
    await Promise.all(commits);
  });
}
