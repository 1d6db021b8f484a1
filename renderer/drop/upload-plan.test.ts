import { expect, it } from "vitest";
import {
  canPack,
  isOfPage,
  itemOfPicked,
  itemWords,
  keyName,
  readPrefix,
  transferName,
} from "./upload-plan.ts";

const file = { kind: "file" } as const;
const folder = { kind: "folder" } as const;

it.each([
  [[folder, folder, file], "2 folders and 1 file"],
  [[file], "1 file"],
  [Array.from({ length: 1224 }, () => file), "1,224 files"],
  [[folder], "1 folder"],
])("counts what was dropped", (items, words) => {
  expect(itemWords(items)).toBe(words);
});

it("names a transfer after its first thing", () => {
  expect(transferName([{ name: "step-49000" }])).toBe("step-49000");
  expect(transferName([{ name: "a" }, { name: "b" }, { name: "c" }])).toBe("a and 2 more");
});

it.each([
  ["", ""],
  ["models", "models/"],
  ["models/", "models/"],
  [" /models/llama ", "models/llama/"],
  ["/", ""],
])("reads the prefix %j as %j", (typed, prefix) => {
  expect(readPrefix(typed)).toBe(prefix);
});

it("calls what was picked by the last part of its path", () => {
  const picked = { ref: { handle: "h1" }, path: "/data/step-49000", kind: "folder" } as const;
  expect(itemOfPicked(picked)).toEqual({
    name: "step-49000",
    kind: "folder",
    source: { kind: "ref", ref: { handle: "h1" }, path: "/data/step-49000" },
  });
});

const source = { kind: "ref", ref: { path: "/data/a" }, path: "/data/a" } as const;
const known = { name: "a", ...folder, source };
const root = { name: "a", kind: "folder", walk: async function* () {} } as const;
const ofPage = { name: "a", ...folder, source: { kind: "root", root } } as const;

it.each([
  [[known], true],
  [[known, known], false],
  [[{ ...known, kind: "file" } as const], false],
  [[ofPage], true],
  [[ofPage, known], false],
  [[], false],
])("packs only one folder, wherever it is (%#)", (items, expected) => {
  expect(canPack(items)).toBe(expected);
});

it("knows what only the page has", () => {
  expect([isOfPage([known]), isOfPage([ofPage])]).toEqual([false, true]);
});

it.each([
  [known, null, "a/…"],
  [known, "tar.zst", "a.tar.zst"],
  [{ ...known, kind: "file" }, null, "a"],
] as const)("names the key as it will be (%#)", (item, archive, name) => {
  expect(keyName(item, archive)).toBe(name);
});
