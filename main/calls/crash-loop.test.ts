import type { Journal } from "../transfers/journal.ts";
import { beforeEach, expect, it } from "vitest";
import { FakeClock } from "../flow/fake-clock.ts";
import { anUploadSpec } from "../transfers/fixtures.ts";
import { aTransferId, someItems } from "../transfers/journal-fixtures.ts";
import { openJournalHere } from "../transfers/journal-open.ts";
import { TransferBook } from "../transfers/transfer-book.ts";
import { newRecord } from "../transfers/transfer-record.ts";
import { endRests, guardCrashLoops, leaveInOrder } from "./crash-loop.ts";

const MINUTE_MS = 60_000;
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

function portsOf(book: TransferBook): Parameters<typeof endRests>[0] {
  const letGo = async () => void (await book.apply(id, { type: "queued" }));
  return { book, desk: { letGo }, clock, isOurs: () => true };
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

it("J10 a crash loop: what ran at three deaths in a row rests at the next start, and says why", async () => {
  await dieOften(3);
  const book = await start();
  const nowMs = clock.wallMs();
  const rest = { sinceMs: nowMs, untilMs: nowMs + MINUTE_MS };
  expect(book.get(id).state).toMatchObject({ phase: "paused", cause: "crashed", ...rest });
  const [line] = await journal.log(id, 10);
  expect(line).toMatchObject({
    level: "error",
    text: expect.stringContaining(
      "3 times in a row while this transfer ran, so it rests for 1 min",
    ),
  });
  // Another start ends no rest, and begins none.
  expect((await start()).get(id).state).toMatchObject(rest);
  expect(await journal.log(id, 10)).toHaveLength(1);
});

it("goes on by itself after a minute, also when it began to rest under another engine", async () => {
  await dieOften(3);
  await start();
  const beganMs = clock.wallMs();
  clock.advance(MINUTE_MS / 2);
  const book = await start();
  await endRests(portsOf(book), new AbortController().signal);
  expect(book.get(id).state.phase).toBe("queued");
  // As often as it looks: every two seconds.
  expect(clock.wallMs() - beganMs).toBeLessThan(MINUTE_MS + 10_000);
  expect(clock.wallMs() - beganMs).toBeGreaterThanOrEqual(MINUTE_MS);
});

it("rests twice as long with each further death, an hour at most", async () => {
  const restsMs: number[] = [];
  await dieOften(2);
  for (let death = 3; death < 13; death += 1) {
    await die();
    const book = await start();
    const { state } = book.get(id);
    if (state.phase === "paused") restsMs.push((state.untilMs ?? 0) - state.sinceMs);
    await book.apply(id, { type: "queued" });
  }
  const minutes = [1, 2, 4, 8, 16, 32, 60, 60, 60, 60];
  expect(restsMs).toEqual(minutes.map((count) => count * MINUTE_MS));
});

it("leaves what a person paused meanwhile", async () => {
  await dieOften(3);
  const book = await start();
  const ended = endRests(portsOf(book), new AbortController().signal);
  await book.apply(id, { type: "paused", cause: "user", error: null });
  await ended;
  expect(book.get(id).state).toMatchObject({ phase: "paused", cause: "user" });
});

it("is ended by a pause that the journal has not taken yet", async () => {
  await dieOften(3);
  const book = await start();
  clock.advance(2 * MINUTE_MS);
  // Confirmed only when the journal has answered: the look comes before.
  const pausing = book.apply(id, { type: "paused", cause: "user", error: null });
  await endRests(portsOf(book), new AbortController().signal);
  await pausing;
  expect(book.get(id).state).toMatchObject({ phase: "paused", cause: "user" });
});

it("lets two that rest go on one after the other: one of them may be innocent", async () => {
  const other = aTransferId(2);
  const wallMs = clock.wallMs();
  const first = await start();
  await first.add(newRecord(other, anUploadSpec(), "b", { position: 2, wallMs }));
  const both = async (book: TransferBook) => void (await book.apply(other, { type: "started" }));
  for (let death = 0; death < 3; death += 1) await die(both);
  const book = await start();
  const untilOf = (one: typeof id) => {
    const { state } = book.get(one);
    return state.phase === "paused" ? state.untilMs : undefined;
  };
  expect(untilOf(other)).toBe((untilOf(id) ?? 0) + 30_000);
});

it("leaves what another process runs", async () => {
  await dieOften(3);
  const book = await start();
  const closing = new AbortController();
  const isOurs = () => {
    if (clock.sleptMs.length === 60) closing.abort();
    return false;
  };
  await endRests({ ...portsOf(book), isOurs }, closing.signal);
  expect(clock.sleptMs).toHaveLength(60);
  expect(book.get(id).state.phase).toBe("paused");
});

it("does not rest for days because the clock was set back", async () => {
  await dieOften(3);
  await start();
  clock = new FakeClock(clock.wallMs() - 48 * 60 * MINUTE_MS);
  const book = await start();
  await endRests(portsOf(book), new AbortController().signal);
  expect(book.get(id).state.phase).toBe("queued");
  expect(clock.nowMs()).toBeLessThan(10_000);
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
