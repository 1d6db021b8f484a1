import { describe, expect, it } from "vitest";
import type { StoredPart } from "../stores/store.ts";
import { matchParts } from "./kept-parts.ts";
import { planParts } from "./plan-parts.ts";
import type { SentPart } from "./resume.ts";

const planned = planParts(25, 10);
const ours: SentPart = { number: 2, start: 10, end: 20, etag: '"e"', sha256: "aa" };
const theirs: StoredPart = { number: 2, sizeBytes: 10, etag: '"e"', sha256: "aa" };

const isKept = (sent: Partial<SentPart>, stored: Partial<StoredPart>): boolean => {
  const held = { ...theirs, ...stored };
  return matchParts(planned, [{ ...ours, ...sent }], new Map([[held.number, held]])).size === 1;
};

describe("matchParts", () => {
  it.each([
    ["is the same", {}, {}, true],
    ["has no digest at the store", {}, { sha256: null }, true],
    ["has another digest", {}, { sha256: "bb" }, false],
    ["has another ETag", {}, { etag: '"f"' }, false],
    ["has another size", {}, { sizeBytes: 9 }, false],
    ["was cut elsewhere", { end: 21 }, {}, false],
    ["began elsewhere", { start: 9 }, {}, false],
    ["is not at the store", {}, { number: 3 }, false],
    ["is no part of the plan", { number: 4 }, { number: 4 }, false],
  ])("of a part that %s", (_, sent, stored, expected) => {
    expect(isKept(sent, stored)).toBe(expected);
  });

  it("keeps nothing that only the store knows", () => {
    expect(matchParts(planned, [], new Map([[2, theirs]])).size).toBe(0);
  });
});
