import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ItemPhase } from "#shared/transfer.ts";
import { ItemPhase as ItemPhases } from "#shared/transfer.ts";
import { openJournalFile } from "./journal-file.ts";
import type { JournalFile } from "./journal-file.ts";
import { aPart, aTransferId, someItems } from "./journal-fixtures.ts";
import { addItems, changeItem, dropParts, moveItems, storePart } from "./journal-items.ts";
import { readTotals } from "./journal-totals.ts";

const transferId = aTransferId(1);
const KEY = 7;

let file: JournalFile;

beforeEach(() => {
  file = openJournalFile(":memory:", 0);
});

afterEach(() => file.database.close());

const add = (...given: Parameters<typeof someItems>) =>
  addItems(file.prepare, KEY, someItems(...given));
const change = (index: number, fields: object) =>
  changeItem(file.prepare, KEY, { type: "item-changed", transferId, index, ...fields });
const move = (from: ItemPhase[], to: ItemPhase) =>
  moveItems(file.prepare, KEY, { type: "items-moved", transferId, from, to });
const store = (itemIndex: number, number: number) =>
  storePart(file.prepare, KEY, {
    type: "part-stored",
    transferId,
    itemIndex,
    part: aPart(number),
  });
const totals = () => readTotals(file.prepare, KEY);

function rows(sql: string): unknown[] {
  return file.database
    .prepare(sql)
    .all()
    .map((row) => Object.values(row));
}

/** The totals as they should be: summed from the rows. */
function summed(): unknown[] {
  return rows(
    `SELECT phase, count(*), sum(sizeBytes), sum(doneBytes), sum(keptBytes) FROM items
       GROUP BY phase ORDER BY phase`,
  );
}

function kept(): unknown[] {
  return rows(
    `SELECT phase, count, sizeBytes, doneBytes, keptBytes FROM totals WHERE count > 0 ORDER BY phase`,
  );
}

describe("totals", () => {
  /** One change out of all that there are, over 12 items. */
  const aChange = fc.oneof(
    fc.record({
      kind: fc.constant("change" as const),
      index: fc.nat(14),
      phase: fc.option(fc.constantFrom(...ItemPhases.options), { nil: undefined }),
      doneBytes: fc.option(fc.nat(1000), { nil: undefined }),
      keptBytes: fc.option(fc.nat(1000), { nil: undefined }),
      sizeBytes: fc.option(fc.nat(5000), { nil: undefined }),
    }),
    fc.record({
      kind: fc.constant("move" as const),
      from: fc.array(fc.constantFrom(...ItemPhases.options), { maxLength: 4 }),
      to: fc.constantFrom(...ItemPhases.options),
    }),
    fc.record({ kind: fc.constant("add" as const), from: fc.nat(12), count: fc.nat(4) }),
  );

  it("are the sums over the rows, whatever happens to them in whatever order", () => {
    fc.assert(
      fc.property(fc.array(aChange, { maxLength: 30 }), (changes) => {
        file.database.exec("DELETE FROM items; DELETE FROM totals; DELETE FROM parts");
        add(8);
        for (const { kind, ...one } of changes) {
          if (kind === "change" && "index" in one) change(one.index, one);
          else if (kind === "move" && "to" in one) move(one.from, one.to);
          else if ("count" in one) add(one.count, { from: one.from });
        }
        expect(kept()).toEqual(summed());
      }),
      { numRuns: 150 },
    );
  });

  it("of a transfer that is not there are zero", () => {
    add(3);
    expect(readTotals(file.prepare, null)).toMatchObject({ count: 0, sizeBytes: 0 });
    expect(readTotals(file.prepare, KEY + 1).byPhase.waiting.count).toBe(0);
  });
});

describe("adding items", () => {
  it("adds a page that comes twice once, with what it said first", () => {
    add(3);
    change(1, { phase: "done", doneBytes: 1000 });
    add(4, { name: "another name" });
    expect(rows("SELECT idx, name, phase FROM items ORDER BY idx")).toEqual([
      [0, "shard-0.bin", "waiting"],
      [1, "shard-1.bin", "done"],
      [2, "shard-2.bin", "waiting"],
      [3, "another name", "waiting"],
    ]);
    expect(totals()).toMatchObject({ count: 4, sizeBytes: 4000, doneBytes: 1000 });
  });

  it("takes 1,000 at once and no more, so that nothing waits long behind them", () => {
    add(1000);
    expect(() => add(1001, { from: 1000 })).toThrow(expect.objectContaining({ code: "internal" }));
    expect(totals().count).toBe(1000);
  });
});

describe("changing an item", () => {
  it("that is not there changes nothing", () => {
    add(1);
    change(5, { phase: "done", doneBytes: 7 });
    expect(totals()).toMatchObject({ count: 1, doneBytes: 0 });
  });

  it("in nothing that is a column changes nothing", () => {
    add(1, { doneBytes: 3 });
    change(0, {});
    expect(totals()).toMatchObject({ count: 1, doneBytes: 3 });
  });

  it.each(["done", "skipped"] as const)("to %s forgets its parts and its resume", (phase) => {
    add(2, { resume: { uploadId: "u" } });
    store(0, 1);
    store(1, 1);
    change(0, { phase, resume: { uploadId: "late" } });
    expect(rows("SELECT idx, resume IS NULL FROM items ORDER BY idx")).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect(rows("SELECT item FROM parts")).toEqual([[1]]);
  });

  it.each(["failed", "asking", "waiting", "moving", "verifying", "arriving"] as const)(
    "to %s keeps both, so that it can go on",
    (phase) => {
      add(1, { resume: { uploadId: "u" } });
      store(0, 1);
      change(0, { phase });
      expect(rows("SELECT resume FROM items")).toEqual([['{"uploadId":"u"}']]);
      expect(rows("SELECT number FROM parts")).toEqual([[1]]);
    },
  );
});

describe("moving items between phases", () => {
  it("forgets errors of those that moved, and of no others", () => {
    const error = { code: "internal", message: "m", details: {} };
    add(3);
    for (const index of [0, 1]) change(index, { phase: "failed", error });
    change(2, { phase: "asking", error });
    move(["failed", "failed"], "waiting");
    expect(rows("SELECT phase, error IS NULL FROM items ORDER BY idx")).toEqual([
      ["waiting", 1],
      ["waiting", 1],
      ["asking", 0],
    ]);
    expect(totals().byPhase.waiting.count).toBe(2);
  });

  it("to a phase that is among them leaves those there as they are", () => {
    add(2);
    change(0, { phase: "failed" });
    move(["waiting", "failed"], "waiting");
    expect(totals().byPhase).toMatchObject({ waiting: { count: 2 }, failed: { count: 0 } });
  });

  it("to skipped forgets the parts of those items only", () => {
    add(3, { resume: { uploadId: "u" } });
    for (const index of [0, 1, 2]) store(index, 1);
    change(0, { phase: "asking" });
    change(1, { phase: "asking" });
    move(["asking"], "skipped");
    expect(rows("SELECT item FROM parts")).toEqual([[2]]);
    expect(rows("SELECT idx FROM items WHERE resume IS NOT NULL")).toEqual([[2]]);
  });

  it.each([
    ["done", 2000, 0],
    ["skipped", 2000, 2000],
    ["waiting", 0, 0],
  ] as const)("to %s counts what that means of their bytes", (to, doneBytes, keptBytes) => {
    add(2, { phase: "arrived" });
    move(["arrived"], to);
    expect(totals().byPhase[to]).toEqual({ count: 2, sizeBytes: 2000, doneBytes, keptBytes });
    expect(kept()).toEqual(summed());
  });

  it("touches no other transfer's", () => {
    add(1);
    addItems(file.prepare, KEY + 1, someItems(2));
    move(["waiting"], "done");
    expect(readTotals(file.prepare, KEY + 1).byPhase.waiting.count).toBe(2);
    expect(rows(`SELECT phase FROM items WHERE transfer = ${KEY + 1}`)).toEqual([
      ["waiting"],
      ["waiting"],
    ]);
  });
});

describe("parts", () => {
  it("are dropped by number, or all of one item", () => {
    add(2);
    for (const number of [1, 2, 3]) store(0, number);
    store(1, 1);
    dropParts(file.prepare, KEY, { itemIndex: 0, numbers: [] });
    dropParts(file.prepare, KEY, { itemIndex: 0, numbers: [2, 9] });
    expect(rows("SELECT item, number FROM parts ORDER BY item, number")).toEqual([
      [0, 1],
      [0, 3],
      [1, 1],
    ]);
    dropParts(file.prepare, KEY, { itemIndex: 0 });
    expect(rows("SELECT item, number FROM parts")).toEqual([[1, 1]]);
  });
});
