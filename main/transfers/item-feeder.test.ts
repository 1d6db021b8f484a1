import { beforeEach, describe, expect, it } from "vitest";
import type { Journal } from "./journal.ts";
import { FakeClock } from "../flow/fake-clock.ts";
import { ItemFeeder } from "./item-feeder.ts";
import { aTransferId, aTransferOf } from "./journal-fixtures.ts";
import { openJournalHere } from "./journal-open.ts";

const id = aTransferId(1);
let journal: Journal;

beforeEach(() => {
  journal = openJournalHere(new FakeClock());
});

const any = () => true;

async function take(feeder: ItemFeeder, count: number): Promise<number[]> {
  const taken: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const row = await feeder.next(any);
    if (row) taken.push(row.index);
  }
  return taken;
}

describe("ItemFeeder", () => {
  it("hands out every waiting item once, over many pages", async () => {
    await journal.commit(aTransferOf(450));
    const feeder = new ItemFeeder(journal, id, () => []);
    expect(await take(feeder, 460)).toEqual(Array.from({ length: 450 }, (_, n) => n));
    expect(feeder.isEmpty).toBe(true);
  });

  it("passes over what does not fit now and gives it later", async () => {
    await journal.commit(aTransferOf(3));
    const feeder = new ItemFeeder(journal, id, () => []);
    const second = await feeder.next((row) => row.index === 1);
    expect(second?.index).toBe(1);
    expect(await feeder.next((row) => row.index > 9)).toBeNull();
    expect(feeder.isEmpty).toBe(false);
    expect(await take(feeder, 2)).toEqual([0, 2]);
  });

  it("looks again behind the cursor after a rewind, but not at what is under way", async () => {
    await journal.commit(aTransferOf(3));
    const feeder = new ItemFeeder(journal, id, () => [0]);
    expect(await take(feeder, 3)).toEqual([1, 2]);
    feeder.rewind();
    expect(await take(feeder, 3)).toEqual([1, 2]);
  });

  it("is not at the end while a whole page is under way", async () => {
    await journal.commit(aTransferOf(250));
    const feeder = new ItemFeeder(journal, id, () => Array.from({ length: 200 }, (_, n) => n));
    expect((await feeder.next(any))?.index).toBe(200);
  });

  it("finds items that were added after it ran dry", async () => {
    await journal.commit(aTransferOf(1));
    const feeder = new ItemFeeder(journal, id, () => []);
    await take(feeder, 2);
    const item = { index: 1, name: "late", sizeBytes: 1, source: null };
    await journal.commit([{ type: "items-added", transferId: id, items: [item] }]);
    expect(await take(feeder, 1)).toEqual([1]);
  });
});
