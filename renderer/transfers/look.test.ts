import { describe, expect, it } from "vitest";
import type { TransferStateView } from "#shared/transfer.ts";
import { Cause } from "#shared/transfer.ts";
import type { Look } from "./look.ts";
import { groupOf } from "./group.ts";
import { lookOf, needsPerson } from "./look.ts";

const error = { code: "internal", message: "", details: {} } as const;
const paused = (cause: Cause): TransferStateView => ({
  phase: "paused",
  cause,
  sinceMs: 0,
  error: null,
});
const running = (kind: "preparing" | "moving" | "finalising" | "awaiting-drop") =>
  ({ phase: "running", activity: { kind } }) as const;

const LOOKS: readonly (readonly [TransferStateView, Look, ReturnType<typeof groupOf>])[] = [
  [{ phase: "queued", cause: null }, "waiting", "waiting"],
  [{ phase: "queued", cause: "limit" }, "waiting", "waiting"],
  [{ phase: "queued", cause: "credentials" }, "asking", "asking"],
  [running("preparing"), "moving", "active"],
  [running("moving"), "moving", "active"],
  [running("finalising"), "moving", "active"],
  [running("awaiting-drop"), "moving", "active"],
  [
    { phase: "running", activity: { kind: "stalled", sinceMs: 0, retry: null } },
    "stalled",
    "active",
  ],
  [paused("user"), "paused", "waiting"],
  [paused("offline"), "paused", "waiting"],
  [paused("disk"), "asking", "asking"],
  [paused("drop"), "asking", "asking"],
  [{ phase: "verifying", doneBytes: 0 }, "verifying", "active"],
  [{ phase: "done", atMs: 0 }, "done", "done"],
  [{ phase: "failed", atMs: 0, error }, "failed", "asking"],
  [{ phase: "canceled", atMs: 0 }, "gone", null],
];

describe("the look of a transfer", () => {
  it.each(LOOKS)("of %j is %s, in the group %s", (state, look, group) => {
    const view = { state, askingItemCount: 0 };
    expect(lookOf(view)).toBe(look);
    expect(groupOf(view)).toBe(group);
  });

  it("asks while any file asks, though others move", () => {
    expect(lookOf({ state: running("moving"), askingItemCount: 2 })).toBe("asking");
  });

  it("asks nothing any more once it has settled", () => {
    expect(lookOf({ state: { phase: "done", atMs: 0 }, askingItemCount: 2 })).toBe("done");
    expect(lookOf({ state: { phase: "canceled", atMs: 0 }, askingItemCount: 2 })).toBe("gone");
  });
});

it("leaves to the person only what does not heal by itself", () => {
  expect(Cause.options.filter((cause) => !needsPerson(cause))).toEqual([
    "user",
    "schedule",
    "limit",
    "offline",
    "crashed",
  ]);
});
