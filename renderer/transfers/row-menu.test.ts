import { describe, expect, it } from "vitest";
import type { TransferView } from "#shared/transfer.ts";
import type { RowCommand } from "./row-commands.ts";
import { makeTransfer, remote } from "../fixture/make-transfer.ts";
import { rowMenu } from "./row-menu.ts";

const moving = makeTransfer("a.gguf", { total: 4, done: 1 });
const done: TransferView = { ...moving, state: { phase: "done", atMs: 0 } };

function labels(view: TransferView): readonly string[] {
  return rowMenu(view, null, () => undefined).map((entry) =>
    entry.kind === "item" ? entry.label : "-",
  );
}

describe("a row's menu", () => {
  it("has everything for one that moves", () => {
    expect(labels(moving)).toEqual([
      "Pause",
      "Details",
      "-",
      "Limit…",
      "Move up",
      "Move down",
      "To the top",
      "To the bottom",
      "-",
      "Copy address",
      "Copy as command",
      "-",
      "Cancel…",
    ]);
  });

  it("leaves out what cannot be done: no order for what is done, no folder in a browser's host", () => {
    expect(labels(done)).toEqual([
      "Details",
      "-",
      "Copy address",
      "Copy as command",
      "-",
      "Take off the list",
    ]);
  });

  it("has no command for what only a browser holds", () => {
    const dropped = { ...moving, from: { kind: "drop" } as const, to: remote("p/") };
    expect(labels(dropped)).not.toContain("Copy as command");
  });

  it("does what its item says", () => {
    const picked: RowCommand[] = [];
    for (const entry of rowMenu(moving, null, (command) => picked.push(command))) {
      if (entry.kind === "item") entry.onPick();
    }
    expect(picked).toEqual([
      "pause",
      "details",
      "limit",
      "move-up",
      "move-down",
      "move-top",
      "move-bottom",
      "copy-address",
      "copy-command",
      "cancel",
    ]);
  });
});
