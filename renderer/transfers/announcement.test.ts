import { describe, expect, it } from "vitest";
import type { TransferStateView, TransferView } from "#shared/transfer.ts";
import { makeTransfer } from "../fixture/make-transfer.ts";
import { announceChanges, announcementOf } from "./announcement.ts";

const view = makeTransfer("model.gguf", { total: 4, done: 1 });
const withState = (state: TransferStateView): TransferView => ({ ...view, state });
const error = { code: "access-denied", message: "", details: {} } as const;

describe("a change of state", () => {
  it.each<[TransferStateView, string]>([
    [{ phase: "done", atMs: 0 }, "model.gguf is done."],
    [{ phase: "failed", atMs: 0, error }, "model.gguf has stopped with an error."],
    [{ phase: "paused", cause: "user", sinceMs: 0, error: null }, "model.gguf is paused."],
    [{ phase: "paused", cause: "disk", sinceMs: 0, error: null }, "model.gguf needs you."],
    [{ phase: "verifying", doneBytes: 0 }, "model.gguf is being verified."],
    [{ phase: "queued", cause: null }, "model.gguf waits."],
    [{ phase: "canceled", atMs: 0 }, "model.gguf is canceled."],
  ])("to %j is said", (state, text) => {
    expect(announcementOf(view, withState(state))).toBe(text);
  });

  it("is said of a new transfer too", () => {
    expect(announcementOf(undefined, view)).toBe("model.gguf is on the list.");
  });
});

describe("silence", () => {
  it("is kept about ticks", () => {
    expect(announcementOf(view, { ...view, doneBytes: 2e9, bytesPerSecond: 1 })).toBeNull();
  });

  it("is kept about a stall, which heals within seconds as a rule", () => {
    const stalled = withState({
      phase: "running",
      activity: { kind: "stalled", sinceMs: 0, retry: null },
    });
    expect(announcementOf(view, stalled)).toBeNull();
  });
});

it("says three changes at most at once, and how many more there were", () => {
  const many = Array.from({ length: 8 }, (_none, index) =>
    makeTransfer(`shard-${index}`, { total: 1 }),
  );
  const said = announceChanges(new Map(), many);
  expect(said).toHaveLength(4);
  expect(said.at(-1)).toBe("And 5 more transfers.");
});
