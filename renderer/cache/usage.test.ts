import { describe, expect, it } from "vitest";
import { makeFolder } from "#shared/cache-fixtures.ts";
import { PLAIN as formats } from "../fixture/plain-formats.ts";
import { awayText, freeText, keptText, overBytes, usageOf } from "./usage.ts";

describe("what fills a disk", () => {
  it("is what others have, what is pinned and what else is kept", () => {
    expect(usageOf(makeFolder())).toEqual({
      other: 74,
      pinned: 2,
      kept: 4,
      limitAt: 84,
      floor: 5,
    });
  });

  it("has no marker without a limit, nor where the disk ends before", () => {
    expect(usageOf(makeFolder({ quotaBytes: null }))?.limitAt).toBeNull();
    expect(usageOf(makeFolder({ quotaBytes: 500e9 }))?.limitAt).toBeNull();
  });

  it("is not known while the disk is away", () => {
    expect(usageOf(makeFolder({ isThere: false, freeBytes: null, totalBytes: null }))).toBeNull();
  });
});

describe("words", () => {
  it("say how much is kept of how much", () => {
    expect(keptText(makeFolder(), formats)).toBe("60 GB of at most 100 GB kept, 20 GB pinned");
    expect(keptText(makeFolder({ quotaBytes: null, pinnedBytes: 0 }), formats)).toBe(
      "60 GB kept, no limit",
    );
    expect(freeText(makeFolder(), formats)).toBe("200 GB free of 1 TB");
  });

  it("say what becomes of a folder that is away", () => {
    expect(awayText(makeFolder({ entryCount: 1 }), formats)).toBe(
      "1 entry, 60 GB, is remembered and used again when its disk is connected.",
    );
    expect(awayText(makeFolder({ entryCount: 0 }), formats)).toContain("Nothing is kept");
  });
});

describe("a new limit", () => {
  it.each([
    [{ quotaBytes: 40e9, keepFreeBytes: 50e9 }, 20e9],
    [{ quotaBytes: 60e9, keepFreeBytes: 50e9 }, 0],
    [{ quotaBytes: null, keepFreeBytes: 210e9 }, 10e9],
    [{ quotaBytes: 40e9, keepFreeBytes: 230e9 }, 30e9],
  ])("%o makes %i bytes go", (next, bytes) => expect(overBytes(makeFolder(), next)).toBe(bytes));
});
