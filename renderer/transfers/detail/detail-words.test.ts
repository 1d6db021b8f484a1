import { describe, expect, it } from "vitest";
import type { ErrorInfo } from "#shared/errors.ts";
import type { ItemPhase, ItemView, Receipt, TransferView } from "#shared/transfer.ts";
import { ItemPhase as ItemPhaseSchema, Rung } from "#shared/transfer.ts";
import { local, makeTransfer, remote } from "../../fixture/make-transfer.ts";
import { PLAIN } from "../../fixture/plain-formats.ts";
import { factsOf, filesText } from "./detail-facts.tsx";
import { receiptFacts } from "./detail-receipt.tsx";
import { figuresOf } from "./figures.tsx";
import { itemFacts } from "./item-facts.ts";
import { itemFilters, phaseText, spokenItem } from "./item-words.ts";
import { mapNote, mapWords } from "./map-words.ts";
import { RUNGS, rungText } from "./rungs.ts";
import { legendOf } from "./share-legend.tsx";
import { errorFacts } from "./trouble-detail.tsx";
import { troubleOf } from "./trouble.ts";

const now = new Date(2026, 10, 20, 14, 0).getTime();
const view = makeTransfer("a", { total: 10, done: 5, kept: 2, flight: 1 });
const error: ErrorInfo = {
  code: "access-denied",
  message: "AccessDenied",
  details: {
    profile: "company",
    bucket: "checkpoints",
    action: "s3:PutObject",
    status: 403,
    cause: "AccessDenied",
    requestId: "7HK2",
  },
};

describe("the figures", () => {
  it("of one that moves are how far and how fast", () => {
    const moving = { ...view, bytesPerSecond: 95.8e6, secondsLeft: 240 };
    expect(figuresOf(moving, PLAIN, now)).toEqual({
      first: "50 %",
      firstNote: "5.0 of 10 GB",
      second: "95.8 MB/s",
      secondNote: "4 min left",
    });
  });

  it("of one that rests have no speed", () => {
    const state = { phase: "paused", cause: "user", sinceMs: 0, error: null } as const;
    expect(figuresOf({ ...view, state }, PLAIN, now)).toMatchObject({ second: "", secondNote: "" });
  });

  it("of one that is done are its size and how long it took", () => {
    const done = { ...view, activeMs: 80_000, state: { phase: "done", atMs: now } as const };
    expect(figuresOf(done, PLAIN, now)).toEqual({
      first: "10 GB",
      firstNote: "done at 14:00",
      second: "1 min 20 s",
      secondNote: "100 MB/s on average",
    });
    expect(figuresOf({ ...done, activeMs: 200 }, PLAIN, now).secondNote).toBe("");
  });

  it("of one that had nothing to move promise no speed", () => {
    const kept = { ...view, keptBytes: 10e9, state: { phase: "done", atMs: now } as const };
    expect(figuresOf(kept, PLAIN, now).secondNote).toBe("nothing moved");
  });
});

describe("the legend", () => {
  it("says the bar in words, for each direction its own", () => {
    expect(legendOf(view).map(({ label, bytes }) => [label, bytes])).toEqual([
      ["Already here", 2e9],
      ["From the bucket", 3e9],
      ["In flight", 1e9],
    ]);
    expect(legendOf({ ...view, direction: "upload" }).map(({ label }) => label)).toEqual([
      "Already there",
      "To the bucket",
      "In flight",
    ]);
  });

  it("leaves out what there is none of, but never what has moved", () => {
    const fresh = { ...view, doneBytes: 0, keptBytes: 0, inFlightBytes: 0 };
    expect(legendOf(fresh).map(({ part }) => part)).toEqual(["moved"]);
  });
});

describe("the facts", () => {
  const whole: TransferView = {
    ...view,
    from: remote("tree/", "models"),
    to: local("Models"),
    startedAtMs: now,
    itemCount: 300,
    doneItemCount: 120,
    failedItemCount: 2,
    skippedItemCount: 1,
    askingItemCount: 4,
  };

  it("name both ends, with what can be copied", () => {
    expect(factsOf(whole, null, now)).toEqual([
      { label: "From", value: "models/tree/", copy: "s3://models/tree/" },
      { label: "To", value: "/home/mira/Models", copy: "/home/mira/Models" },
      { label: "Profile", value: "company" },
      { label: "Started", value: "14:00" },
      { label: "Files", value: "120 of 300 done, 4 ask, 2 failed, 1 left out" },
    ]);
  });

  it("say when it was added while it has not begun", () => {
    const waiting = { ...view, startedAtMs: null, createdAtMs: now };
    expect(factsOf(waiting, null, now)).toContainEqual({
      label: "Started",
      value: "not yet, added at 14:00",
    });
  });

  it("count only what there is", () => {
    expect(filesText({ ...view, itemCount: 3, doneItemCount: 3 })).toBe("3 of 3 done");
  });
});

describe("proof", () => {
  it("has words for every rung, and an order from the least to the most", () => {
    expect(RUNGS.toSorted()).toEqual(Rung.options.toSorted());
    for (const rung of RUNGS) {
      expect(rungText(rung, "upload")).not.toBe("");
      expect(rungText(rung, "download")).not.toBe("");
    }
    expect(RUNGS.at(-1)).toBe("part-sha256");
  });

  it("names what was moved twice and where it was resumed", () => {
    const resumed = {
      ...view,
      rung: "size",
      movedTwiceBytes: 16_777_216,
      resumedAtBytes: 6.1e9,
    } as const;
    expect(receiptFacts(resumed, PLAIN)).toEqual([
      { label: "Proof", value: "Size only: this bucket gives no checksum" },
      { label: "Moved twice", value: "16.8 MB" },
      { label: "Resumed at", value: "6.1 GB, 61 %" },
    ]);
  });

  it("of a file names its digest, and what could not be promised", () => {
    const receipt: Receipt = {
      sizeBytes: 1_200,
      rung: "part-sha256",
      sha256: "9f1c",
      etag: '"e"',
      versionId: null,
      partCount: 3,
      movedTwiceBytes: 0,
      notes: ["This file system has no sync."],
      finishedAtMs: now,
    };
    expect(itemFacts(receipt, "download", PLAIN).map(({ label }) => label)).toEqual([
      "Size",
      "Proof",
      "SHA-256",
      "ETag",
      "Parts",
      "Moved twice",
      "Finished",
      "Notes",
    ]);
  });
});

describe("files", () => {
  const item = (phase: ItemPhase): ItemView => ({
    index: 0,
    name: "a/b.bin",
    sizeBytes: 2_000,
    doneBytes: 960,
    phase,
    error: null,
    note: null,
    receipt: null,
  });

  it("have words for every phase", () => {
    const said = ItemPhaseSchema.options.map((phase) => phaseText(item(phase)));
    expect(new Set(said).size).toBe(said.length);
  });

  it("are read as one sentence", () => {
    expect(spokenItem(item("moving"), PLAIN)).toBe("a/b.bin, 2 kB, 48 percent moved");
    expect(spokenItem(undefined, PLAIN)).toBe("Not loaded yet");
  });

  it("can be narrowed to what there is any of", () => {
    expect(itemFilters(view).map(({ label }) => label)).toEqual(["All"]);
    const troubled = { ...view, askingItemCount: 7, failedItemCount: 1_204 };
    expect(itemFilters(troubled).map(({ label }) => label)).toEqual([
      "All",
      "Ask 7",
      "Failed 1,204",
    ]);
  });
});

describe("the map", () => {
  const map = {
    unit: "part",
    total: 2_535,
    done: 1_166,
    inFlight: 32,
    perCell: 5,
    cells: "##-!>.!",
  } as const;

  it("is told beside it and in words", () => {
    expect(mapNote(map)).toBe("1,166 of 2,535, 1 square is 5");
    expect(mapNote({ ...map, perCell: 1 })).toBe("1,166 of 2,535");
    expect(mapWords(map)).toBe("1,166 of 2,535 parts done, 32 in flight, 2 squares with trouble");
    expect(mapWords({ ...map, unit: "file", cells: "##" })).toBe(
      "1,166 of 2,535 files done, 32 in flight",
    );
  });
});

describe("trouble", () => {
  it("is told in order: what, why, what is done about it, what to do", () => {
    const failed = { ...view, state: { phase: "failed", atMs: 0, error } as const };
    const trouble = troubleOf(failed);
    expect(trouble).toMatchObject({ tone: "asks", error });
    expect(trouble?.what).toContain("checkpoints");
    expect(trouble?.todo).toContain("s3:PutObject");
  });

  it("that heals by itself says so", () => {
    const retry = {
      attempt: 2,
      atMs: 0,
      part: 1,
      error: { ...error, code: "server-failed" } as const,
    };
    const stalled = {
      ...view,
      state: { phase: "running", activity: { kind: "stalled", sinceMs: 0, retry } } as const,
    };
    expect(troubleOf(stalled)).toMatchObject({ tone: "heals" });
    expect(troubleOf(stalled)?.doing).not.toBeNull();
  });

  it("of a conflict promises that nothing is replaced", () => {
    const asking = { ...view, itemCount: 31, askingItemCount: 7, direction: "upload" } as const;
    expect(troubleOf(asking)).toMatchObject({
      what: "7 of 31 files are in the bucket already, and differ.",
      error: null,
    });
  });

  it("about unpacking says that the archive is here, and of a packed folder what is not known", () => {
    const came = { kind: "asking", note: "/d/bert holds other files" } as const;
    const unpack = { destination: "/d/bert", method: "auto", came } as const;
    const asked = troubleOf({ ...view, askingItemCount: 1, unpack });
    expect(asked?.what).toBe("/d/bert holds other files.");
    expect(asked?.doing).toContain("The archive itself is here.");
    const packed = troubleOf({ ...view, askingItemCount: 1, direction: "upload", archive: "tar" });
    expect(packed?.why).toContain("nobody knows yet");
  });

  it("is none while all is well", () => {
    expect(troubleOf(view)).toBeNull();
  });

  it("has details for whoever helps, and only those that are known", () => {
    expect(errorFacts(error)).toEqual([
      { label: "Code", value: "AUTH_DENIED" },
      { label: "Said", value: "AccessDenied" },
      { label: "Answer", value: "403 AccessDenied" },
      { label: "Request", value: "7HK2" },
      { label: "Bucket", value: "checkpoints" },
      { label: "Profile", value: "company" },
    ]);
  });
});
