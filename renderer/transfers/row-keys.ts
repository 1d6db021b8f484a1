import type { RowCommand } from "./row-commands.ts";

/** What a key in the list means. */
export type ListKey =
  | {
      readonly kind: "step";
      readonly to: "up" | "down" | "first" | "last";
      readonly extends: boolean;
    }
  /** To the buttons inside the row. */
  | { readonly kind: "inside" }
  | { readonly kind: "toggle" }
  | { readonly kind: "menu" }
  | { readonly kind: "command"; readonly command: RowCommand };

type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

const STEPS: Readonly<Record<string, "up" | "down" | "first" | "last">> = {
  ArrowUp: "up",
  ArrowDown: "down",
  Home: "first",
  End: "last",
};

/** Null: the key is not the list's. */
export function readListKey(pressed: Pressed): ListKey | null {
  if (pressed.altKey) return readMove(pressed);
  if (pressed.ctrlKey || pressed.metaKey) return readCopy(pressed);
  const to = STEPS[pressed.key];
  if (to) return { kind: "step", to, extends: pressed.shiftKey };
  switch (pressed.key) {
    case "ArrowRight":
      return { kind: "inside" };
    case " ":
      return { kind: "toggle" };
    case "Enter":
      return { kind: "command", command: pressed.shiftKey ? "show-in-folder" : "details" };
    case "Delete":
    case "Backspace":
      return { kind: "command", command: "cancel" };
    case "l":
    case "L":
      return { kind: "command", command: "limit" };
    case "ContextMenu":
      return { kind: "menu" };
    case "F10":
      return pressed.shiftKey ? { kind: "menu" } : null;
    default:
      return null;
  }
}

function readMove({ key, shiftKey }: Pressed): ListKey | null {
  if (key === "ArrowUp") return { kind: "command", command: shiftKey ? "move-top" : "move-up" };
  if (key === "ArrowDown")
    return { kind: "command", command: shiftKey ? "move-bottom" : "move-down" };
  return null;
}

function readCopy({ key, shiftKey }: Pressed): ListKey | null {
  if (key.toLowerCase() !== "c") return null;
  return { kind: "command", command: shiftKey ? "copy-command" : "copy-address" };
}
