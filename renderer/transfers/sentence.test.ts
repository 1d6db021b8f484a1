import { describe, expect, it } from "vitest";
import type { ErrorInfo } from "#shared/errors.ts";
import type { Activity, TransferStateView, TransferView } from "#shared/transfer.ts";
import { Cause } from "#shared/transfer.ts";
import { makeTransfer, remote } from "../fixture/make-transfer.ts";
import { PLAIN } from "../fixture/plain-formats.ts";
import { sentenceOf, waitsForSignIn } from "./sentence.ts";

const now = new Date(2026, 10, 20, 13, 41).getTime();
const slots = { inUse: 3, max: 3, isNext: false };
const view = makeTransfer("model.gguf", { total: 10, done: 5 });

function say(change: Partial<TransferView>, context: Partial<typeof slots> = {}): string {
  return sentenceOf(
    { ...view, ...change },
    { nowMs: now, formats: PLAIN, slots: { ...slots, ...context } },
  );
}
const whileIt = (activity: Activity) => ({ state: { phase: "running", activity } as const });
const paused = (cause: Cause, error: ErrorInfo | null = null): { state: TransferStateView } => ({
  state: { phase: "paused", cause, sinceMs: now - 21 * 60_000, error },
});
const queued = (cause: Cause | null) => ({ state: { phase: "queued", cause } as const });
const done = { phase: "done", atMs: now } as const;

describe("one that waits", () => {
  it.each([
    [slots, "Waits for a download slot, 3 of 3 in use."],
    [{ isNext: true }, "Next. Waits for a download slot, 3 of 3 in use."],
    [{ isNext: true, inUse: 1 }, "Next. Starts in a moment."],
  ])("says for what (%j)", (context, text) => {
    expect(say(queued(null), context)).toBe(text);
  });

  it("says when the schedule lets it go on", () => {
    const context = { nowMs: now, formats: PLAIN, slots };
    const held = { ...view, ...queued("schedule") };
    expect(sentenceOf(held, context)).toBe("Paused by the schedule.");
    expect(sentenceOf(held, { ...context, goesOnAtMs: now + 20 * 60_000 })).toBe(
      "Paused by the schedule, goes on at 14:01.",
    );
    const byHand = { ...context, goesOnAtMs: now + 20 * 60_000, isOverride: true };
    expect(sentenceOf(held, byHand)).toBe("Paused by you, goes on at 14:01.");
    expect(sentenceOf(held, { ...byHand, next: "paused" })).toBe(
      "Paused by you until 14:01, then by the schedule.",
    );
  });

  it("says when one goes on that rests because Longhaul died under it", () => {
    const rest = { phase: "paused", cause: "crashed", sinceMs: now, error: null } as const;
    const what = "Longhaul ended unexpectedly again and again while this ran.";
    const state = { ...rest, untilMs: now + 60_000 };
    expect(say({ state })).toBe(`${what} Tries once more at 13:42.`);
    expect(say({ state: { ...state, untilMs: now - 1 } })).toBe(
      `${what} Tries once more by itself.`,
    );
  });

  it("says of an upload that it is one", () => {
    expect(say({ ...queued("limit"), direction: "upload" })).toBe(
      "Waits for an upload slot, 3 of 3 in use.",
    );
  });

  it("has words for every cause, queued or paused", () => {
    for (const cause of Cause.options) {
      for (const change of [queued(cause), paused(cause)]) {
        expect(say(change)).toMatch(/^[\p{L}\d].+\.$/u);
      }
    }
  });
});

describe("one that runs", () => {
  it.each<[Partial<TransferView>, string]>([
    [{ ...whileIt({ kind: "moving" }), secondsLeft: 240 }, "4 min left"],
    [{ ...whileIt({ kind: "moving" }), secondsLeft: null, bytesPerSecond: 5 }, "Estimating…"],
    [
      { ...whileIt({ kind: "moving" }), isListing: true, itemCount: 12_044 },
      "12,044 files found so far, still looking.",
    ],
    [
      { ...whileIt({ kind: "preparing" }), isListing: true, itemCount: 12_044 },
      "Listing the bucket, 12,044 files so far.",
    ],
    [
      { ...whileIt({ kind: "preparing" }), isListing: true, direction: "upload" },
      "Looking through the folder.",
    ],
    [whileIt({ kind: "preparing" }), "Looking at what is there already."],
    [
      { ...whileIt({ kind: "finalising" }), direction: "upload" },
      "All bytes are there. The store is putting the object together.",
    ],
    [whileIt({ kind: "finalising" }), "All bytes are here. Putting the file in its place."],
    [
      whileIt({ kind: "awaiting-drop" }),
      "All that has arrived is sent. Waits for the rest from the page.",
    ],
    [
      whileIt({ kind: "awaiting-drop", arrived: { count: 12, of: 1040 } }),
      "12 of 1,040 files have arrived from the page. Packed and sent when all are here.",
    ],
    [
      whileIt({ kind: "awaiting-drop", arrived: { count: 0, of: 1 } }),
      "0 of 1 file has arrived from the page. Packed and sent when all are here.",
    ],
    [
      { doneBytes: view.totalBytes, state: { phase: "verifying", doneBytes: 8.2e9 } },
      "All bytes are here. Verifying, 82 % read back.",
    ],
    [
      {
        direction: "upload",
        doneBytes: view.totalBytes,
        state: { phase: "verifying", doneBytes: 8.2e9 },
      },
      "All bytes are there. Verifying, 82 % read back.",
    ],
    [
      { doneBytes: 0, state: { phase: "verifying", doneBytes: 8.2e9 } },
      "Comparing with what is there already, 82 % read.",
    ],
  ])("says what happens (%#)", (change, text) => {
    expect(say(change)).toBe(text);
  });
});

describe("one that got no connection yet", () => {
  const rest = { ...whileIt({ kind: "moving" }), bytesPerSecond: 0, secondsLeft: null };

  it("says that it waits for one", () => {
    expect(say({ ...rest, inFlightBytes: 0 })).toBe("Waits for a free connection.");
    expect(say({ ...rest, inFlightBytes: 5 })).toBe("Estimating…");
  });
});

describe("one that stalls", () => {
  const error: ErrorInfo = {
    code: "unreachable",
    message: "",
    details: { endpoint: "https://minio.lab:9000" },
  };
  const slow: ErrorInfo = { ...error, code: "throttled" };

  it("counts the seconds of silence while nothing is tried", () => {
    expect(say(whileIt({ kind: "stalled", sinceMs: now - 42_000, retry: null }))).toBe(
      "No data for 42 s from company.",
    );
    const up = whileIt({ kind: "stalled", sinceMs: now - 42_000, retry: null });
    expect(say({ ...up, direction: "upload" })).toBe("Nothing has gone to company for 42 s.");
  });

  it("D18 disk that hangs: blames the disk, not the store", () => {
    const on = whileIt({ kind: "stalled", sinceMs: now - 42_000, isOnDisk: true, retry: null });
    expect(say({ ...on, to: { kind: "local", path: "/mnt/share" } })).toBe(
      "The disk of /mnt/share has taken nothing for 42 s. Goes on when it does.",
    );
  });

  it("says what is wrong and when it is tried again", () => {
    const retry = { attempt: 3, atMs: now + 12_000, part: 1_214, error: slow };
    const text = say(whileIt({ kind: "stalled", sinceMs: now, retry }));
    expect(text).toMatch(/^minio\.lab:9000 .+ Retrying part 1,214 in 12 s, attempt 3\.$/);
  });

  it("names no part where the endpoint is away", () => {
    const retry = { attempt: 3, atMs: now + 12_000, part: 1_214, error };
    expect(say(whileIt({ kind: "stalled", sinceMs: now, retry }))).toBe(
      "minio.lab:9000 does not answer. Tries again in 12 s.",
    );
  });

  it("never counts below zero", () => {
    const retry = { attempt: 2, atMs: now - 9_000, part: null, error: slow };
    expect(say(whileIt({ kind: "stalled", sinceMs: now + 5_000, retry }))).toContain(
      "Retrying now, attempt 2.",
    );
  });
});

describe("one that rests", () => {
  it("says who paused it, and when", () => {
    expect(say(paused("user"))).toBe("Paused by you at 13:20.");
  });

  it("says what stopped it", () => {
    const error: ErrorInfo = {
      code: "disk-full",
      message: "",
      details: { path: "/home/mira/Models", neededBytes: 55.2e9, freeBytes: 21.6e9 },
    };
    expect(say(paused("disk", error))).toContain("Not enough space");
  });

  it("asks for files that only a page had", () => {
    expect(say(paused("drop"))).toContain("Drop them again to continue.");
  });
});

describe("one that asks", () => {
  it.each<[Partial<TransferView>, string]>([
    [
      { askingItemCount: 1, direction: "upload" },
      "model.gguf is in the bucket already, and differs.",
    ],
    [{ askingItemCount: 1, itemCount: 31 }, "1 file is in the folder already, and differs."],
    [
      { askingItemCount: 7, itemCount: 31, direction: "upload" },
      "7 files are in the bucket already, and differ.",
    ],
  ])("says what about (%#)", (change, text) => {
    expect(say(change)).toBe(text);
  });

  it("asks nothing once it is done", () => {
    expect(say({ askingItemCount: 1, state: done })).toMatch(/^Done at 13:41/);
  });
});

describe("one that is done", () => {
  const whole = { doneBytes: 10e9, activeMs: 138_000, state: done };

  it.each([
    ["part-sha256", "every part proven"],
    ["signed-sha256", "every part checked on receipt"],
    ["full-crc", "equal by CRC"],
    ["md5-etag", "equal by MD5"],
    ["size", "compared by size only"],
  ] as const)("claims for %s no more than %s", (rung, words) => {
    expect(say({ ...whole, rung })).toBe(
      `Done at 13:41, ${words}. Took 2 min 18 s, 72.5 MB/s on average.`,
    );
  });

  it("tells where it was resumed and what that cost", () => {
    expect(say({ ...whole, resumedAtBytes: 6.1e9, movedTwiceBytes: 16_777_216 })).toBe(
      "Done at 13:41. Resumed at 61 %, 16.8 MB moved twice.",
    );
  });

  it("says when nothing had to move", () => {
    expect(say({ ...whole, keptBytes: 10e9 })).toBe(
      "Done at 13:41. Everything was here already, 0 B moved.",
    );
  });

  it("names what was left out", () => {
    expect(say({ ...whole, skippedItemCount: 3 })).toMatch(/ 3 left out\.$/);
    expect(say({ ...whole, skippedItemCount: 3, otherItemCount: 2 })).toMatch(
      / 3 left out, 2 of them because something else has the name\.$/,
    );
    expect(say({ ...whole, keptBytes: 10e9, skippedItemCount: 1, otherItemCount: 1 })).toBe(
      "Done at 13:41. 0 B moved. 1 left out, because something else has the name.",
    );
  });
});

it("says what failed and why", () => {
  const error: ErrorInfo = {
    code: "bucket-missing",
    message: "",
    details: { bucket: "models", profile: "company" },
  };
  expect(say({ state: { phase: "failed", atMs: now, error } })).toContain("models");
});

it("names the sign-in that several wait for, and leaves why to the bar above them", () => {
  expect(waitsForSignIn(view)).toBe("Waits for the sign-in to company.");
});

describe("one with an archive", () => {
  const unpack = { destination: "/d/bert", method: "auto" } as const;
  const came = (kind: "asking" | "unpacked" | "left", note: string) => ({
    unpack: { ...unpack, came: { kind, note } },
  });

  it("asks about the folder that it is unpacked into, and not about itself", () => {
    const asking = { askingItemCount: 1, ...paused("conflict") };
    expect(say({ ...asking, ...came("asking", "/d/bert holds other files") })).toBe(
      "/d/bert holds other files.",
    );
    expect(say({ ...asking, unpack: { ...unpack, came: null } })).toBe(
      "model.gguf is in the folder already, and differs.",
    );
  });

  it("says what came of unpacking, and nothing of what that does not tell", () => {
    const kept = { state: done, keptBytes: view.totalBytes, rung: null };
    expect(say({ ...kept, ...came("unpacked", "unpacked 2 files into /d/bert") })).toBe(
      "Done at 13:41. Unpacked 2 files into /d/bert.",
    );
    expect(
      say({
        state: done,
        rung: "size",
        ...came("left", "not unpacked: /d/bert holds other files"),
      }),
    ).toBe("Done at 13:41, compared by size only. Not unpacked: /d/bert holds other files.");
  });

  it("says that it is being unpacked", () => {
    expect(
      say({ ...whileIt({ kind: "finalising" }), unpack: { ...unpack, came: null } }),
    ).toContain("unpacking it");
  });

  it.each([
    [{ kind: "s3", key: "nightly/" }, "tree.tar.zst is in the bucket already."],
    [{ kind: "s3", key: "nightly/x.tzst" }, "x.tzst is in the bucket already."],
  ] as const)("does not claim to know that it differs (%j)", ({ key }, text) => {
    const up = { direction: "upload", name: "tree", archive: "tar.zst", to: remote(key) } as const;
    expect(say({ ...up, askingItemCount: 1, ...paused("conflict") })).toBe(text);
  });
});
