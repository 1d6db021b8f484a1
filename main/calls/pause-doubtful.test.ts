import { beforeEach, expect, it } from "vitest";
import { FakeClock } from "../flow/fake-clock.ts";
import { anUploadSpec } from "../transfers/fixtures.ts";
import { aTransferId } from "../transfers/journal-fixtures.ts";
import { openJournalHere } from "../transfers/journal-open.ts";
import { TransferBook } from "../transfers/transfer-book.ts";
import { newRecord } from "../transfers/transfer-record.ts";
import type { TransferEvent } from "../transfers/transfer-state.ts";
import { pauseDoubtful } from "./pause-doubtful.ts";

let book: TransferBook;
beforeEach(() => {
  const clock = new FakeClock();
  const journal = openJournalHere(clock);
  book = new TransferBook({ journal, clock, publish: () => undefined });
});

const paused = (
  cause: "user" | "conflict" | "crashed" | "disk" | "credentials",
): TransferEvent => ({
  type: "paused",
  cause,
  error: null,
});

it("pauses for a person what goes on by itself, also what rests until it can", async () => {
  const events = [null, paused("crashed"), paused("disk"), paused("credentials")];
  for (const [index, event] of events.entries()) await add(index, event);
  expect(await pauseDoubtful(book, "other-machine")).toBe(4);
  for (const { state } of book.list()) expect(state).toMatchObject({ cause: "user" });
});

it("leaves what is over, and what waits for a person anyway", async () => {
  const events: TransferEvent[] = [
    paused("conflict"),
    paused("user"),
    { type: "canceled", isKept: true },
  ];
  for (const [index, event] of events.entries()) await add(index, event);
  expect(await pauseDoubtful(book, "old-copy")).toBe(0);
  expect(book.list().map(({ state }) => state.phase)).toEqual(["paused", "paused", "canceled"]);
});

async function add(index: number, event: TransferEvent | null): Promise<void> {
  const id = aTransferId(index + 1);
  await book.add(newRecord(id, anUploadSpec(), `t${index}`, { position: index, wallMs: 1 }));
  if (event !== null) await book.apply(id, event);
}
