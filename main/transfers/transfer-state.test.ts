import { describe, expect, it } from "vitest";
import type { TransferEvent } from "./transfer-state.ts";
import { isListed, isSettled, nextState, TransferState } from "./transfer-state.ts";

const failure = { code: "access-denied", message: "no", details: {} } as const;
const queued: TransferState = { phase: "queued" };
const running: TransferState = { phase: "running", sinceMs: 5 };
const verifying: TransferState = { phase: "verifying", sinceMs: 5 };
const paused: TransferState = { phase: "paused", cause: "user", sinceMs: 9, error: null };
const done: TransferState = { phase: "done", atMs: 9 };
const failed: TransferState = { phase: "failed", atMs: 9, error: failure };
const canceled: TransferState = { phase: "canceled", atMs: 9, isKept: false, isCleared: false };
const kept: TransferState = { ...canceled, isKept: true };

const cleared: TransferState = { ...kept, isCleared: true };

const pause: TransferEvent = { type: "paused", cause: "user", error: null };

type Row = [title: string, from: TransferState, event: TransferEvent, to: TransferState];

describe("nextState", () => {
  it.each<Row>([
    ["starts", queued, { type: "started" }, { phase: "running", sinceMs: 9 }],
    ["reads back when every byte has moved", running, { type: "verifying" }, verifying],
    ["moves again when more was found", verifying, { type: "moving" }, running],
    ["pauses while it waits", queued, pause, paused],
    ["pauses while it runs", running, pause, paused],
    ["pauses for another cause", paused, { ...pause, cause: "disk" }, { ...paused, cause: "disk" }],
    ["goes on from a pause", paused, { type: "queued" }, queued],
    ["tries again after a failure", failed, { type: "queued" }, queued],
    ["goes on from a cancel that kept its parts", kept, { type: "queued" }, queued],
    ["waits again when its slot is taken away", running, { type: "yielded" }, queued],
    ["ends from moving", running, { type: "finished" }, done],
    ["ends from reading back", verifying, { type: "finished" }, done],
    ["fails from a pause", paused, { type: "failed", error: failure }, failed],
    [
      "cancels a failed one, to remove its parts",
      failed,
      { type: "canceled", isKept: false },
      canceled,
    ],
    ["lets go of what a cancel kept", kept, { type: "canceled", isKept: false }, canceled],
    ["keeps what failed when it is off the list", failed, { type: "cleared" }, cleared],
    ["keeps what was kept when it is off the list", kept, { type: "cleared" }, cleared],
    ["goes on from off the list", cleared, { type: "queued" }, queued],
  ])("%s", (_title, from, event, to) => {
    expect(nextState(from, event, 9)).toEqual(to);
  });

  it.each<[title: string, state: TransferState, event: TransferEvent]>([
    ["a done transfer stays done", done, { type: "canceled", isKept: false }],
    ["a cancel that kept nothing gets nothing back", canceled, { type: "canceled", isKept: true }],
    ["a done transfer leaves nothing to keep", done, { type: "cleared" }],
    ["what runs is not cleared", running, { type: "cleared" }],
    ["a done transfer is not queued again", done, { type: "queued" }],
    ["a cancel that kept nothing cannot go on", canceled, { type: "queued" }],
    ["a canceled transfer does not fail", canceled, { type: "failed", error: failure }],
    ["a late end of a paused transfer is no end", paused, { type: "finished" }],
    ["a failed transfer cannot be paused", failed, pause],
    ["only a queued transfer starts", paused, { type: "started" }],
    ["a running transfer is not queued by a wish to go on", running, { type: "queued" }],
  ])("%s", (_title, state, event) => {
    expect(nextState(state, event, 99)).toBe(state);
  });
});

describe("a state", () => {
  it("lists everything but what was cleared", () => {
    expect([queued, running, failed, kept, canceled, cleared].filter(isListed)).toEqual([
      queued,
      running,
      failed,
      kept,
      canceled,
    ]);
  });

  it("reads what an older version wrote of a cancel", () => {
    const old = { phase: "canceled", atMs: 9, isKept: false };
    expect(TransferState.parse(old)).toEqual(canceled);
  });

  it("calls done, failed and canceled settled", () => {
    const all = [queued, running, verifying, paused, done, failed, canceled];
    expect(all.filter(isSettled)).toEqual([done, failed, canceled]);
  });
});
