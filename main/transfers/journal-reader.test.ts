import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ItemPhase } from "#shared/transfer.ts";
import { ItemPhase as ItemPhases } from "#shared/transfer.ts";
import { openJournalFile } from "./journal-file.ts";
import type { JournalFile } from "./journal-file.ts";
import { aPart, aTransferId, aTransferOf, aTransferRow, someItems } from "./journal-fixtures.ts";
import { createJournalReader } from "./journal-reader.ts";
import type { JournalReader } from "./journal-reader.ts";
import { JournalWriter } from "./journal-writer.ts";
import type { ItemQuery, JournalChange } from "./journal.ts";

const transferId = aTransferId(1);

let file: JournalFile;
let reader: JournalReader;
let writer: JournalWriter;

beforeEach(() => {
  file = openJournalFile(":memory:", 0);
  reader = createJournalReader(file.prepare);
  writer = new JournalWriter(file);
});

afterEach(() => file.database.close());

function commit(...changes: JournalChange[]): void {
  expect(writer.commitAll([changes]).failures).toEqual([null]);
}

const pick = (query: Omit<ItemQuery, "transferId">) =>
  reader.items({ transferId, ...query }).map(({ index }) => index);

describe("a page of items", () => {
  const aQuery = fc.record({
    limit: fc.integer({ min: 1, max: 12 }),
    offset: fc.option(fc.nat(12), { nil: undefined }),
    afterIndex: fc.option(fc.integer({ min: -1, max: 12 }), { nil: undefined }),
    phases: fc.option(fc.array(fc.constantFrom(...ItemPhases.options), { maxLength: 4 }), {
      nil: undefined,
    }),
  });

  it("is what a filter over all items gives, for every query", () => {
    const phases: ItemPhase[] = ["done", "waiting", "failed", "done", "asking", "waiting", "done"];
    commit(
      ...aTransferOf(0),
      {
        type: "items-added",
        transferId,
        items: someItems(7).map((item, at) => ({ ...item, phase: phases[at] ?? "done" })),
      },
      ...aTransferOf(5, aTransferRow({ id: aTransferId(2) })),
    );
    fc.assert(
      fc.property(aQuery, (query) => {
        const { limit, offset = 0, afterIndex = -1, phases: wanted = [] } = query;
        const all = [...phases.entries()]
          .filter(([index]) => index > afterIndex)
          .filter(([, phase]) => wanted.length === 0 || wanted.includes(phase))
          .map(([index]) => index);
        const given = Object.fromEntries(
          Object.entries({ ...query }).filter(([, value]) => value !== undefined),
        );
        expect(pick({ limit, ...given })).toEqual(all.slice(offset, offset + limit));
      }),
    );
  });

  it("reads a transfer from end to end, each item once", () => {
    commit(...aTransferOf(95));
    const seen: number[] = [];
    for (let afterIndex = -1; ;) {
      const page = pick({ afterIndex, limit: 10 });
      if (page.length === 0) break;
      seen.push(...page);
      afterIndex = page.at(-1) ?? afterIndex;
    }
    expect(seen).toEqual(Array.from({ length: 95 }, (_, index) => index));
  });

  it("of a transfer that is not there is empty", () => {
    expect(reader.items({ transferId: aTransferId(9), limit: 5 })).toEqual([]);
  });

  it("is not given when a column holds what no version wrote", () => {
    commit(...aTransferOf(1));
    file.database.exec("UPDATE items SET phase = 'flying'");
    expect(() => pick({ limit: 1 })).toThrow();
  });
});

describe("arrivals", () => {
  const arriving = (key: string, id = transferId, from = 0): JournalChange => ({
    type: "items-added",
    transferId: id,
    items: someItems(1, { from, phase: "arriving", arrivalKey: key }),
  });

  it("are found by key, latest transfer first, each with its transfer", () => {
    const second = aTransferId(2);
    commit(...aTransferOf(0), ...aTransferOf(0, aTransferRow({ id: second })));
    commit(arriving("a"), arriving("b", transferId, 1), arriving("a", second));
    const found = reader.arrivals(["a"]).map((row) => [row.transferId, row.index]);
    expect(found).toEqual([
      [second, 0],
      [transferId, 0],
    ]);
  });

  it("are no more once whole, or once their transfer is gone", () => {
    commit(...aTransferOf(0), arriving("a"), arriving("b", transferId, 1));
    commit({ type: "item-changed", transferId, index: 0, phase: "waiting" });
    expect(reader.arrivals(["a", "b"]).map(({ index }) => index)).toEqual([1]);
    commit({ type: "transfer-removed", id: transferId });
    expect(reader.arrivals(["a", "b"])).toEqual([]);
  });

  it("are looked up for 500 keys at most", () => {
    commit(...aTransferOf(0), arriving("last"));
    const keys = Array.from({ length: 500 }, (_, at) => `no-${at}`);
    expect(reader.arrivals([...keys, "last"])).toEqual([]);
    expect(reader.arrivals([...keys.slice(1), "last"]).length).toBe(1);
  });
});

describe("the log", () => {
  it("gives the last lines, oldest first, in the order in which they came", () => {
    commit(...aTransferOf(0));
    for (const text of ["a", "b", "c"]) {
      commit({ type: "logged", transferId, line: { atMs: 5, level: "info", text } });
    }
    expect(reader.log({ transferId, limit: 2 }).map(({ text }) => text)).toEqual(["b", "c"]);
    expect(reader.log({ transferId, limit: 0 })).toEqual([]);
    expect(reader.log({ transferId: aTransferId(9), limit: 5 })).toEqual([]);
  });
});

describe("rows", () => {
  it("give times between milliseconds and JSON of every kind back as they were", () => {
    const row = aTransferRow({
      createdAtMs: 1_700_000_000_000.25,
      activeMs: 0.1,
      position: -1.5,
      spec: { sources: ["/a\udce9"] },
      state: "text",
      counters: 0,
      listing: [],
    });
    commit({ type: "transfer-put", row });
    expect(reader.transfers(null)).toEqual([row]);
  });

  it("give a part back as it was stored", () => {
    const part = aPart(1, { sha256: "ab", etag: null, proof: { crc: 5 }, end: 5 * 1024 ** 4 });
    commit(...aTransferOf(1), { type: "part-stored", transferId, itemIndex: 0, part });
    expect(reader.parts({ transferId, itemIndex: 0 })).toEqual([part]);
    expect(reader.parts({ transferId, itemIndex: 1 })).toEqual([]);
    expect(reader.parts({ transferId: aTransferId(9), itemIndex: 0 })).toEqual([]);
  });

  it("hold the size of any object to the byte", () => {
    const sizeBytes = Number.MAX_SAFE_INTEGER;
    commit(...aTransferOf(0), {
      type: "items-added",
      transferId,
      items: someItems(1, { sizeBytes, doneBytes: sizeBytes - 1 }),
    });
    expect(reader.items({ transferId, limit: 1 })).toMatchObject([
      { sizeBytes, doneBytes: sizeBytes - 1 },
    ]);
    expect(reader.itemTotals(transferId)).toMatchObject({ sizeBytes });
  });
});
