import { describe, expect, it } from "vitest";
import { PLAIN as formats } from "../fixture/plain-formats.ts";
import { makeEntry } from "#shared/cache-fixtures.ts";
import { addressOf, freesText, nameOf, placeOf, sentenceOf, verifiedText } from "./entry-words.ts";

const nowMs = new Date(2026, 10, 27, 15).getTime();

describe("what an entry is called", () => {
  it.each([
    ["llama/7b/model.gguf", "model.gguf", "models/llama/7b, company"],
    ["model.gguf", "model.gguf", "models, company"],
    ["folder/", "folder", "models, company"],
  ])("%s is %s in %s", (key, name, place) => {
    expect(nameOf(key)).toBe(name);
    expect(placeOf(makeEntry(key))).toBe(place);
  });

  it("says that nobody's keys get it any more", () => {
    expect(placeOf(makeEntry("a", { profileName: null }))).toBe("models, its profile is gone");
  });

  it("has an address as other programs take it", () => {
    expect(addressOf(makeEntry("a b/c"))).toBe("s3://models/a b/c");
  });
});

describe("what deleting it frees", () => {
  it.each([
    [{ frees: "all" }, "2 GB"],
    [{ frees: "shared", freesBytes: 0 }, "0 B"],
    [{ frees: "own", freesBytes: 0, kind: "own" }, "not ours"],
  ] as const)("%o is said as %s", (given, words) =>
    expect(freesText(makeEntry("a", given), formats)).toBe(words),
  );
});

describe("a row as one sentence", () => {
  it("says all that the row shows", () => {
    const entry = makeEntry("llama/a.gguf", {
      usedAtMs: nowMs,
      verifiedAtMs: nowMs - 86_400_000,
      isPinned: true,
      isQueued: true,
      trouble: "damaged",
    });
    expect(sentenceOf(entry, { formats, nowMs })).toBe(
      "a.gguf, models/llama, company, kept by Longhaul, 2 GB, frees 2 GB, last used today, 15:00, verified yesterday, pinned, in use by a transfer, damaged",
    );
  });

  it("says of a file of the person's that it is theirs", () => {
    const entry = makeEntry("a", { kind: "own", frees: "own", usedAtMs: nowMs });
    const words = sentenceOf(entry, { formats, nowMs });
    expect(words).toContain("your file");
    expect(words).not.toContain("frees");
    expect(verifiedText(entry, nowMs)).toBe("not since added");
  });

  it("says of a row that it is still to come", () => {
    expect(sentenceOf(undefined, { formats, nowMs })).toBe("Not loaded yet");
  });
});
