import { describe, expect, it } from "vitest";
import { UnfinishedTransfer } from "#shared/unfinished.ts";
import { idAt } from "../fixture/make-transfer.ts";
import { ageOf, amountHeld, expiryOf, othersOf, placeOf, stateOf } from "./unfinished-words.ts";

const DAY = 24 * 3_600_000;
const NOW = Date.parse("2026-11-27T12:00:00");

function upload(change: object = {}, piece: object = {}): UnfinishedTransfer {
  return UnfinishedTransfer.parse({
    id: idAt(1),
    direction: "upload",
    name: "optimizer.pt",
    phase: "canceled",
    isRemoving: false,
    createdAtMs: NOW,
    pieceCount: 1,
    pieces: [
      {
        kind: "upload",
        profileId: "company",
        bucket: "checkpoints",
        key: "step/optimizer.pt",
        uploadId: "u1",
        startedAtMs: NOW - 2 * DAY,
        expiresAtMs: null,
        heldBytes: 40,
        sizeBytes: 64,
        ...piece,
      },
    ],
    ...change,
  });
}

describe("an unfinished transfer in words", () => {
  it("is named by its first object, and counts the others", () => {
    expect(placeOf(upload(), null)).toBe("checkpoints/step/optimizer.pt");
    expect(othersOf(upload())).toBe("");
    expect(othersOf(upload({ pieceCount: 4 }))).toBe(" and 3 more");
    expect(amountHeld(upload({ pieceCount: 4 }))).toEqual({
      heldBytes: 40,
      sizeBytes: 64,
      isOpen: true,
    });
  });

  it("says what holds it", () => {
    expect(stateOf(upload())).toBe("canceled, kept");
    expect(stateOf(upload({ phase: "paused" }))).toBe("paused");
    expect(stateOf(upload({ isRemoving: true }))).toContain("waits for the store");
  });

  it.each([
    [0, "today"],
    [DAY, "1 day"],
    [13 * DAY, "13 days"],
    [45 * DAY, "6 weeks"],
  ])("is %d ms old: %s", (age, words) => {
    expect(ageOf(upload({}, { startedAtMs: NOW - age }), NOW)).toBe(words);
  });

  it("tells when the store removes it by itself, and nothing where nobody said", () => {
    expect(expiryOf(upload(), NOW)).toBeNull();
    expect(expiryOf(upload({}, { expiresAtMs: NOW + 5 * DAY }), NOW)).toBe("expires 2 Dec, 12:00");
    expect(expiryOf(upload({}, { expiresAtMs: NOW - 1 }), NOW)).toBe("may have expired");
  });
});
