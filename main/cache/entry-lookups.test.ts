import { expect, it } from "vitest";
import { FakeClock } from "../flow/fake-clock.ts";
import { EntryLookups } from "./entry-lookups.ts";
import { aCopy, FakeCacheJournal } from "./fake-cache-journal.ts";

const { origin } = aCopy();

function open() {
  const journal = new FakeCacheJournal();
  const asked: (readonly string[])[] = [];
  const entriesOf: FakeCacheJournal["entriesOf"] = async (query) => {
    asked.push(query.keys);
    return await journal.entriesOf(query);
  };
  return { journal, asked, lookups: new EntryLookups({ entriesOf }, new FakeClock()) };
}

it("asks once about what comes together, and gives each its own", async () => {
  const { journal, asked, lookups } = open();
  const [a, b] = [aCopy({ key: "a" }), aCopy({ key: "b" })];
  journal.put(a, b);
  const found = await Promise.all(["a", "b", "c"].map((key) => lookups.of(origin, key)));
  expect(found).toEqual([[a], [b], []]);
  expect(asked).toEqual([["a", "b", "c"]]);
});

it("asks again later, and about each place by itself", async () => {
  const { asked, lookups } = open();
  await lookups.of(origin, "a");
  await Promise.all([lookups.of(origin, "a"), lookups.of("elsewhere", "a")]);
  expect(asked).toHaveLength(3);
});

it("asks about no more at once than the journal answers", async () => {
  const { asked, lookups } = open();
  await Promise.all(Array.from({ length: 1001 }, (_, n) => lookups.of(origin, `${n}`)));
  expect(asked.map((keys) => keys.length)).toEqual([1000, 1]);
});

it("fails with the journal, and asks anew afterwards", async () => {
  const journal = new FakeCacheJournal();
  let isBroken = true;
  const entriesOf: FakeCacheJournal["entriesOf"] = async (query) => {
    if (isBroken) throw new Error("broken");
    return await journal.entriesOf(query);
  };
  const lookups = new EntryLookups({ entriesOf }, new FakeClock());
  await expect(lookups.of(origin, "a")).rejects.toThrow("broken");
  isBroken = false;
  expect(await lookups.of(origin, "a")).toEqual([]);
});
