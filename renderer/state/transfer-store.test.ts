import { beforeEach, expect, it } from "vitest";
import { makeTransfer } from "../fixture/make-transfer.ts";
import { mergeTransfers, replaceTransfers, useTransferStore } from "./transfer-store.ts";

const one = makeTransfer("one", { total: 1 });
const two = makeTransfer("two", { total: 2 });
const get = () => useTransferStore.getState().byId;

beforeEach(() => {
  replaceTransfers([one, two]);
});

it("keeps the objects of transfers that an event does not name", () => {
  mergeTransfers([{ ...one, doneBytes: 5 }], []);
  expect(get().get(one.id)?.doneBytes).toBe(5);
  expect(get().get(two.id)).toBe(two);
});

it("adds what is new and drops what left", () => {
  const three = makeTransfer("three", { total: 3 });
  mergeTransfers([three], [one.id]);
  expect([...get().keys()]).toEqual([two.id, three.id]);
});

it("forgets, with a new list, what is not on it", () => {
  replaceTransfers([two]);
  expect([...get().values()]).toEqual([two]);
  expect(useTransferStore.getState().isLoaded).toBe(true);
});
