import { expect, it } from "vitest";
import { blockedWords, spaceWords, tickedWords } from "./sync-words.ts";

const formats = {
  sizeUnits: "decimal" as const,
  bytes: (bytes: number) => `${bytes} B`,
  rate: String,
};
const sum = { count: 4, sizeBytes: 900, isAtLeast: false, measuring: 0 };

it("says how much is ticked, and when that is only a lower bound", () => {
  expect(tickedWords(sum, formats)).toBe("4 ticked, 900 B");
  expect(tickedWords({ ...sum, isAtLeast: true }, formats)).toBe("4 ticked, at least 900 B");
});

it("counts promised space as taken", () => {
  const space = { freeBytes: 2000, reservedBytes: 500 };
  expect(spaceWords(sum, space, formats)).toEqual({
    text: "1500 B can be used, 600 B after",
    isShort: false,
  });
  expect(spaceWords({ ...sum, sizeBytes: 1600 }, space, formats)).toEqual({
    text: "1500 B can be used, 100 B short",
    isShort: true,
  });
});

it("says nothing of a folder that has not answered", () => {
  expect(spaceWords(sum, null, formats)).toEqual({ text: "", isShort: false });
});

it("says what to do about more ticks than one download takes", () => {
  expect(blockedWords(sum)).toBeNull();
  expect(blockedWords({ ...sum, count: 10_001 })).toContain("10,000");
});
