import { describe, expect, it } from "vitest";
import { makeWork } from "#shared/cache-fixtures.ts";
import { PLAIN as formats } from "../fixture/plain-formats.ts";
import { foundWords, isTroubled, progressWords, resultWords } from "./work-words.ts";

const ended = (given: Parameters<typeof makeWork>[0], isStopped = false) => ({
  ...makeWork({ doneCount: 41, doneBytes: 141e9, ...given }),
  endedAtMs: 1,
  isStopped,
});

describe("work that goes on", () => {
  it("says how far it is", () => {
    expect(progressWords(makeWork(), formats)).toBe("Verifying 12 of 41 entries, 30.0 of 141 GB");
  });

  it("says what it found so far, and nothing where there is nothing", () => {
    expect(foundWords(makeWork())).toBe("");
    expect(foundWords(makeWork({ damagedCount: 1, missingCount: 2, unprovenCount: 3 }))).toBe(
      "1 damaged, 2 missing, 3 with nothing to compare with",
    );
  });
});

describe("work that ended", () => {
  it.each([
    [ended({}), "Verified 41 entries, 141 GB. All bytes are as they should be."],
    [ended({ damagedCount: 1 }), "Verified 41 entries, 141 GB. 1 damaged."],
    [
      ended({ doneCount: 12 }, true),
      "Verifying was stopped after 12 of 41 entries. All bytes are as they should be.",
    ],
    [ended({ doneCount: 0 }, true), "Verifying was stopped after 0 of 41 entries."],
    [ended({ doneCount: 0, totalCount: 0 }), "There is nothing to verify."],
    [
      ended({
        kind: "repair",
        doneCount: 1,
        totalCount: 1,
        doneBytes: 2e9,
        damagedCount: 1,
        repairedCount: 1,
        fetchedBytes: 16e6,
      }),
      "Repair ended: 1 entry, 2 GB. 1 repaired. 16 MB fetched.",
    ],
    [
      ended({ kind: "repair", doneCount: 1, totalCount: 1, doneBytes: 2e9, failedCount: 1 }),
      "Repair ended: 1 entry, 2 GB. 1 could not be repaired.",
    ],
  ])("says it in sentences (%#)", (work, words) => expect(resultWords(work, formats)).toBe(words));

  it("needs somebody only where something is wrong", () => {
    expect(isTroubled(makeWork({ unprovenCount: 3 }))).toBe(false);
    expect(isTroubled(makeWork({ missingCount: 1 }))).toBe(true);
    // Those are what it was given.
    expect(isTroubled(makeWork({ kind: "repair", damagedCount: 1 }))).toBe(false);
  });
});
