import { describe, expect, it } from "vitest";
import type { TransferStateView, TransferView } from "#shared/transfer.ts";
import type { HostInfo } from "#shared/contract.ts";
import { makeTransfer } from "../fixture/make-transfer.ts";
import { canShow, isSettled, primaryAction, toggleCommand } from "./row-commands.ts";

const host: HostInfo = {
  kind: "desktop",
  version: "0.1.0",
  platform: "linux",
  home: "/h",
  roots: ["/"],
  pathSeparator: "/",
  userFolder: "/home/mira",
  canShowInFolder: true,
  canPick: true,
};
const error = { code: "internal", message: "", details: {} } as const;
const within = (state: TransferStateView): TransferView =>
  makeTransfer("a", { total: 4, done: 1 }, { state });
const states = {
  moving: within({ phase: "running", activity: { kind: "moving" } }),
  verifying: within({ phase: "verifying", doneBytes: 1 }),
  stalled: within({ phase: "running", activity: { kind: "stalled", sinceMs: 0, retry: null } }),
  waiting: within({ phase: "queued", cause: null }),
  paused: within({ phase: "paused", cause: "user", sinceMs: 0, error: null }),
  asking: within({ phase: "paused", cause: "disk", sinceMs: 0, error: null }),
  failed: within({ phase: "failed", atMs: 0, error }),
  done: within({ phase: "done", atMs: 0 }),
};

describe("a row's one button and its space bar", () => {
  it.each([
    ["moving", "Pause", "pause"],
    ["verifying", "Pause", "pause"],
    ["stalled", "Retry now", "pause"],
    ["waiting", "Start now", "pause"],
    ["paused", "Resume", "resume"],
    ["asking", undefined, null],
    ["failed", "Try again", "retry"],
    ["done", "Show in folder", null],
  ] as const)("while %s are %s and %s", (look, label, toggle) => {
    expect(primaryAction(states[look], host)?.label).toBe(label);
    expect(toggleCommand(states[look])).toBe(toggle);
  });
});

describe("showing in the folder", () => {
  it("needs a host that can, and a file on this machine", () => {
    expect(canShow(states.done, host)).toBe(true);
    expect(canShow(states.done, { ...host, canShowInFolder: false })).toBe(false);
    expect(canShow(states.done, null)).toBe(false);
    expect(canShow({ ...states.done, to: states.done.from }, host)).toBe(false);
    expect(canShow(states.moving, host)).toBe(false);
  });

  it("is no button where it would do nothing", () => {
    expect(primaryAction(states.done, { ...host, canShowInFolder: false })).toBeNull();
  });
});

it("knows what has settled", () => {
  const settled = Object.entries(states).filter(([, view]) => isSettled(view));
  expect(settled.map(([look]) => look)).toEqual(["failed", "done"]);
});
