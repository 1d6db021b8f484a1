import { describe, expect, it } from "vitest";
import { NameClaims } from "./name-claims.ts";

const claimAll = (isCaseFolded: boolean, paths: readonly string[]): (string | null)[] => {
  const claims = new NameClaims({ isCaseFolded });
  return paths.map((path) => claims.claim(path));
};

describe("NameClaims", () => {
  it.each([
    ["two that are equal", false, ["a", "b", "a"], [null, null, "same-name"]],
    ["a file where a folder is", false, ["a/b", "a"], [null, "file-and-folder"]],
    ["a folder where a file is", false, ["a", "a/b"], [null, "file-and-folder"]],
    ["a folder deep below a file", false, ["a", "a/b/c/d"], [null, "file-and-folder"]],
    ["letters that differ in case", true, ["Dir/A", "dir/a"], [null, "same-name"]],
    ["a file and a folder that differ in case", true, ["A/x", "a"], [null, "file-and-folder"]],
    ["two ways to write é", true, ["caf\u00e9", "cafe\u0301"], [null, "same-name"]],
    [
      "both, where the file system tells them apart",
      false,
      ["A", "a", "\u00e9", "e\u0301"],
      [null, null, null, null],
    ],
  ])("finds %s", (_, isCaseFolded, paths, expected) => {
    expect(claimAll(isCaseFolded, paths)).toEqual(expected);
  });

  it("keeps nothing of a claim that failed", () => {
    expect(claimAll(false, ["a", "a/b/c", "a/b", "b"])).toEqual([
      null,
      "file-and-folder",
      "file-and-folder",
      null,
    ]);
  });

  it("knows folders again after others came between", () => {
    expect(claimAll(false, ["a/1", "b/1", "a/2", "b", "a"])).toEqual([
      null,
      null,
      null,
      "file-and-folder",
      "file-and-folder",
    ]);
  });

  it("tells a hundred thousand names apart", () => {
    const claims = new NameClaims({ isCaseFolded: true });
    let collisions = 0;
    for (let number = 0; number < 100_000; number += 1) {
      if (claims.claim(`models/${number % 100}/${number}.bin`) !== null) collisions += 1;
    }
    expect(collisions).toBe(0);
    expect(claims.claim("MODELS/7/7.bin")).toBe("same-name");
  });
});
