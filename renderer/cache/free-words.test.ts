import { describe, expect, it } from "vitest";
import { makeFolder } from "#shared/cache-fixtures.ts";
import { PLAIN as formats } from "../fixture/plain-formats.ts";
import { presetsOf } from "./free-goal.ts";
import { afterText, buttonText, freedText, protectedText, sumText } from "./free-words.ts";

const goal = { freeBytes: 100e9, folder: null };
const preview = { goal, total: 5, freedBytes: 104_723_456_789, isEnough: true, plan: "p" };

describe("goals to choose from", () => {
  it("are those within reach, and all that can go", () => {
    expect(presetsOf(85e9, "decimal")).toEqual([
      { label: "20 GB", bytes: 20e9 },
      { label: "50 GB", bytes: 50e9 },
      { label: "All that can go", bytes: 85e9 },
    ]);
    expect(presetsOf(30e9, "binary")[0]).toEqual({ label: "20 GiB", bytes: 20 * 2 ** 30 });
    expect(presetsOf(0, "decimal")).toEqual([]);
  });
});

describe("words", () => {
  it("say the sum, and that it is not what was asked for", () => {
    expect(sumText(preview, formats)).toBe("5 entries, 105 GB");
    expect(sumText({ ...preview, isEnough: false }, formats)).toContain("That is all that can go.");
    expect(buttonText(preview)).toBe("Free 104,723,456,789 bytes");
  });

  it("say what is free after, where one disk is meant", () => {
    const [one, other] = [makeFolder(), makeFolder({ path: "/other" })];
    expect(afterText(preview, [one], formats)).toBe("200 GB free now, 305 GB after");
    expect(afterText(preview, [one, other], formats)).toBe("");
    const inOther = { ...preview, goal: { ...goal, folder: "/other" } };
    expect(afterText(inOther, [one, other], formats)).not.toBe("");
  });

  it("say what never goes, and how much that is", () => {
    const counts = new Map([["pinned", { total: 1, sizeBytes: 2e9 }] as const]);
    expect(protectedText(counts, formats)).toContain("what is pinned (1 entry, 2 GB), your own");
    expect(protectedText(null, formats)).toContain("cannot be undone");
  });

  it("say what was freed and what stayed", () => {
    const freed = { freedBytes: 2e9, count: 2, keptCount: 0 };
    expect(freedText(freed, formats)).toBe("2 GB freed, 2 entries deleted.");
    expect(freedText({ ...freed, keptCount: 1 }, formats)).toContain("1 entry stayed");
  });
});
