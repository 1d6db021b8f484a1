import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JournalFile } from "./journal-file.ts";
import type { JournalChange } from "./journal.ts";
import { openJournalFile } from "./journal-file.ts";
import { aPart, aTransferId, aTransferOf, aTransferRow, someItems } from "./journal-fixtures.ts";
import { JournalWriter } from "./journal-writer.ts";

const id = aTransferId(1);
let file: JournalFile;
let writer: JournalWriter;

beforeEach(() => {
  file = openJournalFile(":memory:", 0);
  writer = new JournalWriter(file);
});
afterEach(() => file.database.close());

function commit(...changes: JournalChange[]) {
  return writer.commitAll([changes]).failures[0];
}

function count(table: string): number {
  return Number(file.database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"]);
}

describe("JournalWriter", () => {
  it("fails a bad call alone and commits its neighbours", () => {
    const bad: JournalChange = {
      type: "transfer-changed",
      id,
      // As a bug would have it: a column that cannot be null.
      name: null as unknown as string,
    };
    const { failures } = writer.commitAll([
      aTransferOf(1),
      [{ type: "items-added", transferId: id, items: someItems(1, { from: 1 }) }, bad],
      [{ type: "items-added", transferId: id, items: someItems(1, { from: 2 }) }],
    ]);
    expect(failures).toMatchObject([null, { code: "internal" }, null]);
    expect(count("items")).toBe(2);
  });

  it("does not take a transfer for known that was rolled back", () => {
    const lost = [...aTransferOf(1), { type: "transfer-changed", id, name: 7 } as never];
    writer.commitAll([[...lost, { type: "transfer-changed", id, name: {} } as never]]);
    expect(count("transfers")).toBe(0);
    expect(commit({ type: "items-added", transferId: id, items: someItems(1) })).toBeNull();
    expect(count("items")).toBe(0);
  });

  it("calls a full disk by its name, and goes on when there is space again", () => {
    commit(...aTransferOf(0));
    const pages = Number(file.database.prepare("PRAGMA page_count").get()?.["page_count"]);
    file.database.exec(`PRAGMA max_page_count = ${pages + 2}`);
    const page: JournalChange = { type: "items-added", transferId: id, items: someItems(1000) };
    const { failures } = writer.commitAll([
      [{ type: "transfer-changed", id, name: "in the same transaction" }],
      [page],
    ]);
    expect(failures.at(-1)).toMatchObject({ code: "disk-full" });

    file.database.exec("PRAGMA max_page_count = 100000");
    expect(commit(page)).toBeNull();
    expect(count("items")).toBe(1000);
  });

  it("refuses to change what a newer version wrote", () => {
    const newer = new JournalWriter({ ...file, isReadOnly: true });
    expect(newer.commitAll([aTransferOf(1), []]).failures).toMatchObject([
      { code: "unsupported" },
      { code: "unsupported" },
    ]);
    expect(newer.sweep()).toBe(false);
  });
});

describe("sweeping", () => {
  it("deletes the rows of a removed transfer in slices, and of no other", () => {
    commit({ type: "transfer-put", row: aTransferRow() });
    for (let from = 0; from < 6000; from += 1000) {
      commit({ type: "items-added", transferId: id, items: someItems(1000, { from }) });
    }
    commit({ type: "part-stored", transferId: id, itemIndex: 0, part: aPart(1) });
    commit({ type: "logged", transferId: id, line: { atMs: 1, level: "info", text: "x" } });
    commit(...aTransferOf(3, aTransferRow({ id: aTransferId(2) })));
    commit({ type: "transfer-removed", id });

    expect(writer.sweep()).toBe(true);
    expect(count("items")).toBe(1003);
    while (writer.sweep());
    expect(["items", "parts", "log", "totals", "transfers"].map(count)).toEqual([3, 0, 0, 1, 1]);
  });

  it("has nothing to do while nothing is removed", () => {
    commit(...aTransferOf(1));
    expect(writer.sweep()).toBe(false);
  });
});
