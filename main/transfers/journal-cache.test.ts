import { beforeEach, describe, expect, it } from "vitest";
import type { EntryListQuery } from "../cache/cache-journal.ts";
import { idOf } from "../cache/entry.ts";
import type { EntryVersion } from "../cache/entry.ts";
import { FakeClock } from "../flow/fake-clock.ts";
import type { Journal } from "./journal.ts";
import { anEntry } from "./journal-fixtures.ts";
import { openJournalHere } from "./journal-open.ts";

let journal: Journal;

beforeEach(() => {
  journal = openJournalHere(new FakeClock());
});

const ALL: EntryListQuery = {
  sort: "used",
  order: "down",
  filter: "all",
  query: "",
  unusedBeforeMs: 0,
  offset: 0,
  limit: 10,
};

async function put(...entries: readonly Parameters<typeof anEntry>[0][]): Promise<void> {
  await journal.commit(
    entries.map((given) => ({ type: "entry-put", entry: anEntry(given) }) as const),
  );
}

async function pathsOf(query: Partial<EntryListQuery>): Promise<readonly string[]> {
  const { entries } = await journal.entryList({ ...ALL, ...query });
  return entries.map(({ path }) => path);
}

describe("a list of entries", () => {
  beforeEach(() =>
    put(
      { path: "/a", key: "llama/1", usedAtMs: 30, sizeBytes: 5, isPinned: true },
      { path: "/b", key: "bert/2", usedAtMs: 20, sizeBytes: 9, kind: "managed" },
      { path: "/c", key: "Bert/3", usedAtMs: 10, sizeBytes: 1, trouble: "damaged" },
    ),
  );

  it.each([
    [{ sort: "used" }, ["/a", "/b", "/c"]],
    [{ sort: "used", order: "up" }, ["/c", "/b", "/a"]],
    [{ sort: "size" }, ["/b", "/a", "/c"]],
    [{ sort: "path", order: "up" }, ["/a", "/b", "/c"]],
    [{ filter: "pinned" }, ["/a"]],
    [{ filter: "managed" }, ["/b"]],
    [{ filter: "own" }, ["/a", "/c"]],
    [{ filter: "trouble" }, ["/c"]],
    [{ filter: "unused", unusedBeforeMs: 20 }, ["/c"]],
    [{ query: "BERT" }, ["/b", "/c"]],
    [{ query: "%" }, []],
    [{ offset: 1, limit: 1 }, ["/b"]],
  ] as const)("that is asked for by %j is %j", async (query, paths) => {
    expect(await pathsOf(query)).toEqual(paths);
  });

  it("is of some folders only, and of what is kept in the cache", async () => {
    await put({ path: "/data/x", key: "x" }, { path: "/data-2/y", key: "y" });
    const below = ["/data", "/none/"];
    expect(await pathsOf({ below, sort: "path", order: "up" })).toEqual(["/b", "/data/x"]);
    expect(await journal.entryList({ ...ALL, below, query: "bert" })).toMatchObject({ total: 1 });
    expect(await pathsOf({ below: [] })).toEqual(["/b"]);
  });

  it("says how many match and how large they are, on every page", async () => {
    const list = await journal.entryList({ ...ALL, query: "bert", limit: 1 });
    expect(list).toMatchObject({ total: 2, sizeBytes: 10 });
    const none = await journal.entryList({ ...ALL, query: "none" });
    expect(none).toEqual({ entries: [], total: 0, sizeBytes: 0 });
  });
});

it("changes nothing of an entry that is of another version, or another file, by now", async () => {
  const entry = anEntry();
  await put({});
  const pieces = [{ start: 0, end: entry.sizeBytes, sha256: "ab" }];
  const late = (of: EntryVersion) =>
    journal.commit([
      { type: "pieces-put", id: entry, pieces, of },
      { type: "entry-changed", id: entry, change: { trouble: "damaged" }, of },
    ]);
  await late({ ...entry, etag: '"old"' });
  await late({ ...entry, stamp: { ...entry.stamp, ino: "0" } });
  expect(await journal.entriesAt([entry.path])).toEqual([entry]);
  expect(await journal.entryPieces(entry)).toBeNull();
  await late(entry);
  expect(await journal.entriesAt([entry.path])).toMatchObject([{ trouble: "damaged" }]);
  expect(await journal.entryPieces(entry)).toEqual(pieces);
});

describe("what may be evicted from a folder", () => {
  const managed = { kind: "managed" } as const;
  beforeEach(() =>
    put(
      { ...managed, path: "/cache/late", key: "1", usedAtMs: 30 },
      { ...managed, path: "/cache/early", key: "2", usedAtMs: 10 },
      { ...managed, path: "/cache/also", key: "3", usedAtMs: 30, sizeBytes: 7 },
      { ...managed, path: "/cache/pinned", key: "4", isPinned: true, sizeBytes: 50 },
      { ...managed, path: "/cache/changed", key: "5", trouble: "changed" },
      { ...managed, path: "/cache2/other", key: "6", usedAtMs: 1 },
      { path: "/cache/own", key: "7", usedAtMs: 1 },
    ),
  );

  it("is managed, unpinned and without trouble, the least recently used first", async () => {
    const found = await journal.evictable({ folder: "/cache", after: null, limit: 10 });
    expect(found.map(({ entry }) => entry.path)).toEqual([
      "/cache/early",
      "/cache/also",
      "/cache/late",
    ]);
  });

  it("comes in pages", async () => {
    const after = { usedAtMs: 30, path: "/cache/also" };
    const found = await journal.evictable({ folder: "/cache", after, limit: 10 });
    expect(found.map(({ entry }) => entry.path)).toEqual(["/cache/late"]);
  });

  it("says what a file of the user's shares, and only on the same disk and of the same version", async () => {
    const own = { path: "/models/x", kind: "own" } as const;
    const stamp = { ...anEntry().stamp, dev: "another" };
    await put(
      { ...own, key: "1" },
      { ...own, key: "2", etag: '"other"' },
      { ...own, key: "3", stamp },
    );
    const found = await journal.evictable({ folder: "/cache", after: null, limit: 10 });
    const shared = found.filter(({ isShared }) => isShared);
    expect(shared.map(({ entry }) => entry.path)).toEqual(["/cache/late"]);
  });

  it("is summed up with all managed ones", async () => {
    const sums = { count: 5, usedBytes: 3057, pinnedBytes: 50 };
    expect(await journal.entrySums("/cache")).toEqual(sums);
    expect(await journal.entrySums("/cac")).toEqual({ count: 0, usedBytes: 0, pinnedBytes: 0 });
  });
});

describe("digests of pieces", () => {
  const id = idOf(anEntry());
  const pieces = [
    { start: 0, end: 600, sha256: "aa" },
    { start: 600, end: 1000, sha256: "bb" },
  ];

  it("are kept with their entry", async () => {
    expect(await journal.entryPieces(id)).toBeNull();
    await put({});
    await journal.commit([{ type: "pieces-put", id, pieces }]);
    expect(await journal.entryPieces(id)).toEqual(pieces);
  });

  it("go with it, and when its file is another one", async () => {
    for (const change of [
      { type: "entry-removed", id },
      { type: "entry-put", entry: anEntry({ etag: '"new"' }) },
    ] as const) {
      await put({});
      await journal.commit([{ type: "pieces-put", id, pieces }, change]);
      expect(await journal.entryPieces(id)).toBeNull();
    }
  });

  it("are not kept without one", async () => {
    await journal.commit([{ type: "pieces-put", id, pieces }]);
    expect(await journal.entryPieces(id)).toBeNull();
  });
});

describe("an intent", () => {
  it("is there until it is removed, and the last one of a path counts", async () => {
    const { stamp } = anEntry();
    await journal.commit([
      { type: "intent-put", path: "/cache/a", intent: { kind: "making" } },
      { type: "intent-put", path: "/cache/b", intent: { kind: "making" } },
      { type: "intent-put", path: "/cache/a", intent: { kind: "evicting", stamp } },
    ]);
    expect(await journal.cacheIntents()).toEqual([
      { path: "/cache/a", intent: { kind: "evicting", stamp } },
      { path: "/cache/b", intent: { kind: "making" } },
    ]);
    await journal.commit([{ type: "intent-removed", path: "/cache/a" }]);
    expect(await journal.cacheIntents()).toHaveLength(1);
  });
});
