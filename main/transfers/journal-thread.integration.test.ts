import type { JournalChange } from "./journal.ts";
import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../flow/clock.ts";
import { aTransferId, aTransferOf, aTransferRow, someItems } from "./journal-fixtures.ts";
import { openJournal } from "./journal-open.ts";
import { describeJournal } from "./journal-suite.ts";

const CHILD = fileURLToPath(new URL("./journal-crash-child.ts", import.meta.url));
const id = aTransferId(1);

let folder: string;
let fileCount = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "longhaul-journal-"));
});
afterAll(() => rm(folder, { recursive: true }));

function aPath(): string {
  fileCount += 1;
  return join(folder, `journal-${fileCount}.db`);
}

describeJournal("a journal in a thread of its own", async () => {
  const { journal } = await openJournal(aPath(), systemClock);
  return journal;
});

describe("openJournal", () => {
  it("finds everything again that was committed before it closed", async () => {
    const path = aPath();
    const first = await openJournal(path, systemClock);
    const committed = first.journal.commit(aTransferOf(1000));
    await first.journal.close();
    await committed;
    const second = await openJournal(path, systemClock);
    expect(await second.journal.transfers()).toEqual([aTransferRow()]);
    expect((await second.journal.itemTotals(id)).count).toBe(1000);
    await second.journal.close();
  });

  it("says where a damaged journal went", async () => {
    const path = aPath();
    await writeFile(path, "no database".repeat(1000));
    const { journal, recoveredFrom, isReadOnly } = await openJournal(path, systemClock);
    expect(recoveredFrom).toContain(`${path}.damaged-`);
    expect(isReadOnly).toBe(false);
    expect(await journal.transfers()).toEqual([]);
    await journal.close();
  });

  it("says what it cannot open", async () => {
    const nowhere = join(folder, "absent", "journal.db");
    await expect(openJournal(nowhere, systemClock)).rejects.toMatchObject({ code: "path-denied" });
  });

  it("takes a new transfer while it deletes what a removed one left", async () => {
    const path = aPath();
    const { journal } = await openJournal(path, systemClock);
    await journal.commit(aTransferOf(1000));
    await journal.commit([{ type: "transfer-removed", id }]);
    await journal.commit(aTransferOf(2, aTransferRow({ id: aTransferId(2) })));
    expect((await journal.transfers()).map((row) => row.id)).toEqual([aTransferId(2)]);
    await journal.close();
  });

  it("keeps every one of 2,000 calls that come together", async () => {
    const { journal } = await openJournal(aPath(), systemClock);
    await journal.commit(aTransferOf(0));
    await Promise.all(
      someItems(2000).map((item) =>
        journal.commit([{ type: "items-added", transferId: id, items: [item] }]),
      ),
    );
    expect((await journal.itemTotals(id)).count).toBe(2000);
    await journal.close();
  });
});

describe("J14 the journal does not grow without limit", () => {
  it("J14 the journal's log is folded into its file when nothing is committed", async () => {
    const path = aPath();
    const { journal } = await openJournal(path, systemClock);
    await journal.commit(aTransferOf(1000));
    const logBytes = () => statSync(`${path}-wal`).size;
    expect(logBytes()).toBeGreaterThan(100_000);
    await expect.poll(logBytes, { timeout: 20_000 }).toBe(0);
    expect((await journal.itemTotals(id)).count).toBe(1000);
    await journal.close();
  });

  it("J14 rows of 120,000 parts are gone when their items are done, and their room is used again", async () => {
    const path = aPath();
    const { journal } = await openJournal(path, systemClock);
    await journal.commit(aTransferOf(2));
    const sizes: number[] = [];
    for (let round = 0; round < 12; round += 1) {
      const itemIndex = round % 2;
      for (let from = 0; from < 10_000; from += 1000) {
        await journal.commit(someParts(itemIndex, from, 1000));
      }
      expect(await journal.parts(id, itemIndex)).toHaveLength(10_000);
      // As at the end of one file: the parts have become one receipt.
      const done = { transferId: id, index: itemIndex, phase: "done" } as const;
      await journal.commit([{ type: "item-changed", ...done }]);
      expect(await journal.parts(id, itemIndex)).toEqual([]);
      sizes.push(statSync(path).size + statSync(`${path}-wal`).size);
    }
    // Six times as many parts later it is hardly larger than after the first two files.
    expect(Math.max(...sizes)).toBeLessThan(2 * (sizes[1] ?? 0));
    await journal.close();
  });
});

function someParts(itemIndex: number, from: number, count: number): JournalChange[] {
  return Array.from({ length: count }, (_, offset) => {
    const number = from + offset + 1;
    const range = { start: number * 5, end: number * 5 + 5 };
    const sha256 = number.toString(16).padStart(64, "0");
    const part = { number, ...range, etag: sha256.slice(32), sha256, proof: null };
    return { type: "part-stored", transferId: id, itemIndex, part };
  });
}

describe("a journal's thread that is closed", () => {
  it("has answered what was asked before, and answers nothing after", async () => {
    const { journal } = await openJournal(aPath(), systemClock);
    const committed = journal.commit(aTransferOf(3));
    const asked = journal.itemTotals(id);
    const closing = journal.close();
    const late = journal.itemTotals(id);
    await expect(late).rejects.toMatchObject({ name: "AbortError" });
    await Promise.all([committed, closing]);
    expect((await asked).count).toBe(3);
    await expect(journal.transfers()).rejects.toMatchObject({ name: "AbortError" });
    await journal.close();
  });
});

describe("a journal whose process is killed", () => {
  /** Commits in a process of its own until it has acknowledged so many, then kills it. @returns the last acknowledged. */
  async function killAfter(path: string, acknowledgedCount: number): Promise<number> {
    const child = spawn(process.execPath, [CHILD, path], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = new Promise((resolve) => child.once("exit", resolve));
    let last = -1;
    for await (const line of createInterface({ input: child.stdout })) {
      last = Number(line);
      if (last + 1 === acknowledgedCount) child.kill("SIGKILL");
    }
    await exited;
    return last;
  }

  it.each([1, 60])("has everything it acknowledged, after %i commits", async (count) => {
    const path = aPath();
    const last = await killAfter(path, count);
    const { journal, recoveredFrom } = await openJournal(path, systemClock);
    const items = await journal.items({ transferId: id, limit: 100_000 });
    const totals = await journal.itemTotals(id);
    await journal.close();
    expect(recoveredFrom).toBeNull();
    expect(last).toBeGreaterThanOrEqual(count - 1);
    expect(items.length).toBeGreaterThan(last);
    // Each commit adds an item and finishes the one before: never one without the other.
    expect(totals.byPhase.done.count).toBe(items.length - 1);
    expect(totals.count).toBe(items.length);
  });
});
