import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openJournalFile } from "./journal-file.ts";
import type { JournalFile } from "./journal-file.ts";
import { aTransferId, aTransferOf, aTransferRow } from "./journal-fixtures.ts";
import { JournalServer } from "./journal-server.ts";

const id = aTransferId(1);

let file: JournalFile;
let server: JournalServer;

beforeEach(() => {
  file = openJournalFile(":memory:", 0);
  server = new JournalServer(file);
});

afterEach(() => {
  if (file.database.isOpen) file.database.close();
});

describe("a question", () => {
  it("is answered under its own name, with every commit before it", () => {
    expect(server.commitAll([aTransferOf(2)]).failures).toEqual([null]);
    expect(server.ask({ name: "transfers", input: null })).toEqual({
      name: "transfers",
      output: [aTransferRow()],
    });
    const { output } = server.ask({ name: "itemTotals", input: id });
    expect(output.byPhase.waiting.count).toBe(2);
  });

  it("that meets damage fails with the file's path, and the next is answered", () => {
    server.commitAll([aTransferOf(1)]);
    file.database.exec("UPDATE transfers SET direction = 'sideways'");
    expect(() => server.ask({ name: "transfers", input: null })).toThrow(
      expect.objectContaining({ code: "internal", details: { path: ":memory:" } }),
    );
    const { output } = server.ask({ name: "items", input: { transferId: id, limit: 5 } });
    expect(output.length).toBe(1);
  });

  it("to a closed file is an error of the closed set", () => {
    server.close();
    expect(() => server.ask({ name: "transfers", input: null })).toThrow(
      expect.objectContaining({ code: "internal" }),
    );
  });
});

describe("commits", () => {
  it("to a closed file fail each, and throw nothing", () => {
    server.close();
    const { failures } = server.commitAll([aTransferOf(1), []]);
    expect(failures).toMatchObject([{ code: "internal" }, { code: "internal" }]);
  });
});

describe("sweeping", () => {
  it("ends once nothing of what was removed is left", () => {
    server.commitAll([aTransferOf(10)]);
    expect(server.sweep()).toBe(false);
    server.commitAll([[{ type: "transfer-removed", id }]]);
    let rounds = 0;
    while (server.sweep()) rounds += 1;
    expect(rounds).toBe(1);
    for (const table of ["transfers", "items", "totals"]) {
      const row = file.database.prepare(`SELECT count(*) AS count FROM ${table}`).get();
      expect(row).toEqual({ count: 0 });
    }
  });
});
