import { expect, it } from "vitest";
import {
  blockedWords,
  fetchBytesOf,
  getWords,
  spaceWords,
  tickedWords,
  timeWords,
} from "./sync-words.ts";

const formats = {
  sizeUnits: "decimal" as const,
  bytes: (bytes: number) => `${bytes} B`,
  rate: String,
};
const sum = { count: 4, sizeBytes: 900, hereBytes: 0, isAtLeast: false, measuring: 0 };

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

it("gets what is not there yet, and needs room for that alone", () => {
  const part = { ...sum, hereBytes: 600 };
  expect(fetchBytesOf(part)).toBe(300);
  expect(getWords(part, formats)).toBe("Get 300 B");
  expect(getWords({ ...part, isAtLeast: true }, formats)).toBe("Get at least 300 B");
  const space = { freeBytes: 1000, reservedBytes: 0 };
  expect(spaceWords(part, space, formats).text).toBe("1000 B can be used, 700 B after");
});

it("can unpack what is there already", () => {
  const all = { ...sum, hereBytes: 900 };
  expect(blockedWords(all, true)).toBeNull();
  expect(getWords(all, formats, true)).toBe("Unpack");
  expect(getWords(sum, formats, true)).toBe("Get 900 B, unpack");
});

it("has nothing to get where all is there", () => {
  expect(blockedWords({ ...sum, hereBytes: 900 })).toContain("already");
  expect(blockedWords({ ...sum, hereBytes: 900, isAtLeast: true })).toBeNull();
  expect(blockedWords({ ...sum, sizeBytes: 0 })).toBeNull();
  expect(getWords({ ...sum, hereBytes: 900 }, formats)).toBe("Nothing to get");
  expect(timeWords({ ...sum, hereBytes: 900 }, 100)).toBe("");
  // Not before all of it is counted.
  expect(getWords({ ...sum, hereBytes: 900, measuring: 1 }, formats)).toBe("Get 0 B");
});

it("says how long it takes where a speed is known", () => {
  expect(timeWords(sum, 0)).toBe("");
  expect(timeWords(sum, 100)).toBe("less than a minute");
  expect(timeWords({ ...sum, sizeBytes: 90_000 }, 100)).toBe("about 15 min");
  expect(timeWords({ ...sum, isAtLeast: true }, 100)).toBe("");
});
