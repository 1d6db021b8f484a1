import { expect, it } from "vitest";
import type { HereState } from "#shared/library-here.ts";
import { hereOf, hereSentence } from "./here-words.ts";

const files = ["a", "b"].map((key) => ({ key, etag: "e", sizeBytes: 100 }));

function known(states: Readonly<Record<string, Partial<HereState>>>, etag = "e") {
  const no: HereState = { state: "no", doneBytes: 0, path: null };
  return new Map(
    Object.entries(states).map(([key, state]) => [key, { etag, state: { ...no, ...state } }]),
  );
}

const HERE = { state: "here", doneBytes: 100 } as const;
const PART = { state: "part", doneBytes: 46 } as const;
const NEWER = { state: "newer" } as const;

it.each([
  ["all are here", { a: HERE, b: HERE }, { kind: "here" }, "here"],
  ["none is", { a: {}, b: {} }, { kind: "no" }, "not here"],
  ["one is", { a: HERE, b: {} }, { kind: "part", percent: 50 }, "50 % here"],
  [
    "hardly anything is",
    { a: { ...PART, doneBytes: 1 }, b: {} },
    { kind: "part", percent: 0 },
    "under 1 % here",
  ],
  ["one is begun", { a: PART, b: {} }, { kind: "part", percent: 23 }, "23 % here"],
  [
    "all but a byte is",
    { a: HERE, b: { ...PART, doneBytes: 99 } },
    { kind: "part", percent: 99 },
    "99 % here",
  ],
  [
    "one has a newer version",
    { a: HERE, b: NEWER },
    { kind: "newer", newerBytes: 100 },
    "newer upstream",
  ],
  ["one was not asked for yet", { a: HERE }, { kind: "unknown" }, ""],
] as const)("says it of files of which %s", (_, states, here, sentence) => {
  const found = hereOf(files, known(states));
  expect(found).toEqual(here);
  expect(hereSentence(found)).toBe(sentence);
});

it("says how many of several are here", () => {
  expect(hereSentence({ kind: "some", hereCount: 1, count: 2 })).toBe("1 of 2 here");
});

it("knows nothing of a version that it did not ask about", () => {
  expect(hereOf(files, known({ a: HERE, b: HERE }, "older")).kind).toBe("unknown");
  expect(hereOf([], known({})).kind).toBe("unknown");
});
