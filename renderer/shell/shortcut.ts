/** What a key means anywhere in the window. */
export type Shortcut =
  | "transfers"
  | "library"
  | "cache"
  | "settings"
  | "upload-files"
  | "upload-folder"
  | "filter"
  | "limit"
  | "pause-all"
  | "next-region"
  | "previous-region"
  | "keys";

type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

const WITH_CONTROL: Readonly<Record<string, Shortcut>> = {
  "1": "transfers",
  "2": "library",
  "3": "cache",
  ",": "settings",
  o: "upload-files",
  f: "filter",
  l: "limit",
};
const WITH_CONTROL_SHIFT: Readonly<Record<string, Shortcut>> = {
  o: "upload-folder",
  p: "pause-all",
};

/** Null: the key is not ours. `isTyping`: the focus is where letters are text. */
export function shortcutOf(pressed: Pressed, isTyping: boolean): Shortcut | null {
  if (pressed.key === "F6") return pressed.shiftKey ? "previous-region" : "next-region";
  if (pressed.altKey) return null;
  if (pressed.ctrlKey || pressed.metaKey) {
    const map = pressed.shiftKey ? WITH_CONTROL_SHIFT : WITH_CONTROL;
    return map[pressed.key.toLowerCase()] ?? null;
  }
  return pressed.key === "?" && !isTyping ? "keys" : null;
}
