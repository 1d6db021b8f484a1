import type { Journal } from "../transfers/journal.ts";
import { beforeEach, expect, it } from "vitest";
import { FakeClock } from "../flow/fake-clock.ts";
import { anUploadSpec } from "../transfers/fixtures.ts";
import { aTransferId, someItems } from "../transfers/journal-fixtures.ts";
import { openJournalHere } from "../transfers/journal-open.ts";
import { TransferBook } from "../transfers/transfer-book.ts";
import { newRecord } from "../transfers/transfer-record.ts";
import { guardCrashLoops, leaveInOrder } from "./crash-loop.ts";

const id = aTransferId(1);
let clock: FakeClock;
let journal: Journal;

/** An engine that starts over what the last one left. */
async function start(): Promise<TransferBook> {
  clock.advance(1000);
  const book = new TransferBook({ journal, clock, publish: () => undefined });
  await book.load();
  await guardCrashLoops(book);
  return book;
}

/** It starts, runs the transfer, and is gone without a word. */
async function die(work: (book: TransferBook) => Promise<void> = async () => undefined) {
  const book = await start();
  expect(await book.apply(id, { type: "started" })).toBe(true);
  await work(book);
}

async function dieOften(count: number): Promise<void> {
  for (let death = 0; death < count; death += 1) await die();
}

beforeEach(async () => {
  clock = new FakeClock();
  journal = openJournalHere(clock);
  const book = await start();
  await book.add(newRecord(id, anUploadSpec(), "llama", { position: 1, wallMs: clock.wallMs() }));
});

it("J10 a crash loop: what ran at three deaths in a row starts paused, and says why", async () => {
  await dieOften(3);
  const book = await start();
  expect(book.get(id).state).toMatchObject({ phase: "paused", cause: "user" });
  const [line] = await journal.log(id, 10);
  expect(line).toMatchObject({
    level: "error",
    text: expect.stringContaining("three times in a row"),
  });
  expect((await start()).get(id).state.phase).toBe("paused");
  expect(await journal.log(id, 10)).toHaveLength(1);
});

it("takes one that a person resumed out again at its next death", async () => {
  await dieOften(3);
  const book = await start();
  await book.apply(id, { type: "queued" });
  await die();
  expect((await start()).get(id).state.phase).toBe("paused");
});

it("begins the count anew when a run got further, as under power cuts", async () => {
  const addOne = async (book: TransferBook) => {
    const { itemCount } = book.get(id).listing;
    const listing = { isComplete: false, source: 0, cursor: null, itemCount: itemCount + 1 };
    await book.addItems(id, someItems(itemCount + 1).slice(-1), listing);
  };
  for (let death = 0; death < 10; death += 1) await die(addOne);
  expect((await start()).get(id).state.phase).toBe("queued");
});

it("counts no engine that closed, and no death of one that never ran it", async () => {
  for (let run = 0; run < 5; run += 1) await die(leaveInOrder);
  await die();
  // Others come and go, and leave it as it is.
  for (let run = 0; run < 5; run += 1) await start();
  const book = await start();
  expect(book.get(id)).toMatchObject({
    state: { phase: "queued" },
    counters: { deaths: { count: 1 } },
  });
});
