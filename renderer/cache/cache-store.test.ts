import { beforeEach, describe, expect, it } from "vitest";
import { makeEntry } from "#shared/cache-fixtures.ts";
import { refreshTicked, sortBy, TICKS_MOST, tickEntries, useCacheStore } from "./cache-store.ts";

const { getState } = useCacheStore;
beforeEach(() => useCacheStore.setState(useCacheStore.getInitialState(), true));

describe("ticks", () => {
  it("are of an entry, also where one file is the copy of two objects", () => {
    const [one, other] = [makeEntry("a", { path: "/same" }), makeEntry("b", { path: "/same" })];
    tickEntries([one, other], true);
    tickEntries([one], false);
    expect([...getState().ticked.values()]).toEqual([other]);
  });

  it("have a bound, which is told", () => {
    const many = Array.from({ length: TICKS_MOST + 1 }, (_none, at) => makeEntry(`k${at}`));
    expect(tickEntries(many, true)).toBe(false);
    expect(getState().ticked.size).toBe(TICKS_MOST);
    expect(tickEntries(many.slice(0, 3), true)).toBe(true);
  });

  it("follow what the engine says of them, and tick nothing new", () => {
    tickEntries([makeEntry("a")], true);
    refreshTicked([makeEntry("a", { isPinned: true }), makeEntry("b")]);
    expect([...getState().ticked.values()]).toEqual([makeEntry("a", { isPinned: true })]);
  });
});

describe("sorting", () => {
  it("turns round on the same column, and begins where the next one says most", () => {
    sortBy("used");
    expect(getState()).toMatchObject({ sort: "used", order: "up" });
    sortBy("size");
    expect(getState()).toMatchObject({ sort: "size", order: "down" });
    sortBy("key");
    expect(getState()).toMatchObject({ sort: "key", order: "up" });
  });
});
