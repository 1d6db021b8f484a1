import { beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../flow/fake-clock.ts";
import { ItemFeeder } from "./item-feeder.ts";
import { aTransferId, aTransferOf } from "./journal-fixtures.ts";
import type { ItemQuery, ItemRow, Journal } from "./journal.ts";
import { openJournalHere } from "./journal-open.ts";

const id = aTransferId(1);
const any = () => true;

let journal: Journal;
/** Called between what the journal read and the answer. */
let meanwhile: () => Promise<void>;

beforeEach(async () => {
  journal = openJournalHere(new FakeClock());
  meanwhile = async () => undefined;
  await journal.commit(aTransferOf(5));
});

/** A journal whose answers are on the way for a while. */
function lagging(): Pick<Journal, "items"> {
  return {
    items: async (query: ItemQuery): Promise<readonly ItemRow[]> => {
      const rows = await journal.items(query);
      await meanwhile();
      return rows;
    },
  };
}

async function settle(index: number): Promise<void> {
  await journal.commit([{ type: "item-changed", transferId: id, index, phase: "done" }]);
}

async function all(feeder: ItemFeeder): Promise<number[]> {
  const found: number[] = [];
  for (;;) {
    const row = await feeder.next(any);
    if (row === null) return found;
    found.push(row.index);
  }
}

describe("a page that is on its way", () => {
  it("does not bring back an item that ends before it is here", async () => {
    const underWay = new Set([2]);
    meanwhile = async () => {
      if (underWay.delete(2)) await settle(2);
    };
    const feeder = new ItemFeeder(lagging(), id, () => underWay);
    expect(await all(feeder)).toEqual([0, 1, 3, 4]);
  });

  it("does not hide an item that came back to waiting before it is here", async () => {
    await settle(1);
    const feeder = new ItemFeeder(lagging(), id, () => []);
    let isFirst = true;
    meanwhile = async () => {
      if (!isFirst) return;
      isFirst = false;
      await journal.commit([{ type: "item-changed", transferId: id, index: 1, phase: "waiting" }]);
      feeder.rewind();
    };
    expect(await all(feeder)).toEqual([0, 1, 2, 3, 4]);
  });

  it("is read again as long as others come back, and no longer", async () => {
    const feeder = new ItemFeeder(lagging(), id, () => []);
    let rewinds = 0;
    meanwhile = async () => {
      rewinds += 1;
      if (rewinds < 4) feeder.rewind();
    };
    expect((await feeder.next(any))?.index).toBe(0);
    expect(rewinds).toBe(4);
  });
});
