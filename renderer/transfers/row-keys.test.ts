import { expect, it } from "vitest";
import type { ListKey } from "./row-keys.ts";
import { readListKey } from "./row-keys.ts";

function press(chord: string) {
  const parts = chord.split("+");
  return {
    key: parts.at(-1) ?? "",
    ctrlKey: parts.includes("Ctrl"),
    metaKey: parts.includes("Meta"),
    shiftKey: parts.includes("Shift"),
    altKey: parts.includes("Alt"),
  };
}

const command = (name: Extract<ListKey, { kind: "command" }>["command"]): ListKey => ({
  kind: "command",
  command: name,
});

it.each<[string, ListKey | null]>([
  ["ArrowDown", { kind: "step", to: "down", extends: false }],
  ["Shift+ArrowUp", { kind: "step", to: "up", extends: true }],
  ["Home", { kind: "step", to: "first", extends: false }],
  ["Shift+End", { kind: "step", to: "last", extends: true }],
  ["ArrowRight", { kind: "inside" }],
  [" ", { kind: "toggle" }],
  ["Enter", command("details")],
  ["Shift+Enter", command("show-in-folder")],
  ["Delete", command("cancel")],
  ["Backspace", command("cancel")],
  ["Alt+ArrowUp", command("move-up")],
  ["Alt+ArrowDown", command("move-down")],
  ["Alt+Shift+ArrowUp", command("move-top")],
  ["Alt+Shift+ArrowDown", command("move-bottom")],
  ["Ctrl+c", command("copy-address")],
  ["Meta+c", command("copy-address")],
  ["Ctrl+Shift+C", command("copy-command")],
  ["ContextMenu", { kind: "menu" }],
  ["Shift+F10", { kind: "menu" }],
  ["F10", null],
  ["Alt+Enter", null],
  ["Ctrl+ArrowDown", null],
  ["a", null],
  ["Tab", null],
])("reads %s", (chord, key) => {
  expect(readListKey(press(chord))).toEqual(key);
});
