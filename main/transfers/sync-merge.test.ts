import { array, assert, asyncProperty, constantFrom } from "fast-check";
import { expect, it } from "vitest";
import type { WalkEntry } from "../disk/walk.ts";
import { FakeStore } from "../parts/fake-store.ts";
import { compareKeys } from "../stores/key-order.ts";
import type { ObjectInfo } from "../stores/store.ts";
import { mergeByKey, objectsBelow, rawName } from "./sync-merge.ts";

const never = new AbortController().signal;
const retry = { run: async <T>(_: number | null, attempt: () => Promise<T>) => await attempt() };

function entry(name: string): WalkEntry {
  return { kind: "empty-folder", path: `/root/${name}`, name };
}

function object(key: string): ObjectInfo {
  return { key, sizeBytes: 1, etag: `"${key}"`, versionId: null, modifiedAtMs: 0 };
}

async function* stream<T>(all: readonly T[]): AsyncGenerator<T> {
  yield* all;
}

async function merged(names: readonly string[], keys: readonly string[]): Promise<string[]> {
  const walk = { root: "/root", entries: stream(names.map(entry)) };
  const listing = { prefix: "p/", objects: stream(keys.map((key) => object(`p/${key}`))) };
  const found: string[] = [];
  for await (const { local, object: there } of mergeByKey(walk, listing)) {
    found.push(`${local?.name ?? "-"} ${there?.key.slice(2) ?? "-"}`);
  }
  return found;
}

it("pairs what has one name, in order, and leaves out nothing of either", async () => {
  expect(await merged(["a", "b/c", "d"], ["a", "b", "b/c", "e"])).toEqual([
    "a a",
    "- b",
    "b/c b/c",
    "d -",
    "- e",
  ]);
  expect(await merged([], ["a"])).toEqual(["- a"]);
  expect(await merged(["a"], [])).toEqual(["a -"]);
});

it("finds every pair, whatever the names are", async () => {
  const name = array(constantFrom("a", "/", ".", "é", "\u{1F600}", "\uFFFD", "-"), {
    minLength: 1,
    maxLength: 4,
  }).map((parts) => parts.join(""));
  const sorted = (names: readonly string[]) => [...new Set(names)].toSorted(compareKeys);
  await assert(
    asyncProperty(array(name), array(name), async (some, others) => {
      const [names, keys] = [sorted(some), sorted(others)];
      const all = sorted([...names, ...keys]).map(
        (one) => `${names.includes(one) ? one : "-"} ${keys.includes(one) ? one : "-"}`,
      );
      expect(await merged(names, keys)).toEqual(all);
    }),
  );
});

it("takes a name that is no UTF-8 for no key at all", async () => {
  expect(rawName("/root", "/root/a\udcff")).toEqual(Buffer.from("a\xff", "latin1"));
  expect(rawName("/", "/a")).toEqual(Buffer.from("a"));
  const shown = "a%FF";
  const walk = { root: "/root", entries: stream([{ ...entry(shown), path: "/root/a\udcff" }]) };
  const listing = { prefix: "", objects: stream([object(shown)]) };
  const pairs: boolean[] = [];
  for await (const { local, object: there } of mergeByKey(walk, listing)) {
    pairs.push(local !== null && there !== null);
  }
  expect(pairs).toEqual([false, false]);
});

it("lists page by page, and refuses a bucket that lists in no order", async () => {
  const store = new FakeStore();
  store.pageSize = 2;
  for (const key of ["p/b", "p/a", "p/c", "q"]) store.seed(key, Buffer.from(key));
  const keys: string[] = [];
  for await (const { key } of objectsBelow("p/", { store, retry }, never)) keys.push(key);
  expect([keys, store.listCount]).toEqual([["p/a", "p/b", "p/c"], 2]);
  const page = { objects: ["p/b", "p/a"].map(object), prefixes: [], cursor: null };
  store.list = async () => page;
  const reading = (async () => {
    for await (const _ of objectsBelow("p/", { store, retry }, never)) keys.push("one");
  })();
  await expect(reading).rejects.toMatchObject({ code: "unsupported" });
});
