/** Every shortcut that the window has: the sheet shows them, and `use-shortcuts.ts` has the global ones. */
export type ShortcutGroup = {
  readonly title: string;
  readonly lines: readonly { readonly keys: string; readonly does: string }[];
};

export const SHORTCUT_GROUPS: readonly ShortcutGroup[] = [
  {
    title: "Everywhere",
    lines: [
      { keys: "Ctrl 1", does: "Transfers" },
      { keys: "Ctrl 2", does: "Library" },
      { keys: "Ctrl 3", does: "Cache" },
      { keys: "Ctrl ,", does: "Settings" },
      { keys: "Ctrl O", does: "Upload files" },
      { keys: "Ctrl Shift O", does: "Upload a folder" },
      { keys: "Ctrl F", does: "Filter" },
      { keys: "Ctrl L", does: "Limit the bandwidth" },
      { keys: "Ctrl Shift P", does: "Pause all, or resume all" },
      { keys: "F6", does: "Next: sidebar, list, details, status bar" },
      { keys: "?", does: "These keys" },
    ],
  },
  {
    title: "In the list of transfers",
    lines: [
      { keys: "↑ ↓ Home End", does: "Move; with Shift, extend" },
      { keys: "→", does: "The row's buttons and answers" },
      { keys: "Space", does: "Pause, resume, retry" },
      { keys: "Enter", does: "Details" },
      { keys: "Shift Enter", does: "Show in folder" },
      { keys: "Alt ↑ ↓", does: "Earlier or later in the queue" },
      { keys: "Alt Shift ↑ ↓", does: "To the top or the bottom" },
      { keys: "L", does: "Limit this transfer" },
      { keys: "Shift F10", does: "The row's menu" },
      { keys: "Del", does: "Cancel, or take off the list" },
      { keys: "Ctrl C", does: "Copy address" },
      { keys: "Ctrl Shift C", does: "Copy as command" },
    ],
  },
  {
    title: "In the Library",
    lines: [
      { keys: "Space", does: "Tick" },
      { keys: "V", does: "Earlier versions" },
      { keys: "U", does: "Get and unpack an archive" },
      { keys: "S", does: "Keep a prefix or a model in sync" },
      { keys: "Enter", does: "Open; Get, when something is ticked" },
      { keys: "→ ←", does: "Into it, and out again" },
      { keys: "D", does: "Details of a model" },
      { keys: "Ctrl C", does: "Copy address" },
      { keys: "Ctrl Shift C", does: "Copy as command" },
    ],
  },
  {
    title: "In the Cache, for the ticked or the row",
    lines: [
      { keys: "Space", does: "Tick" },
      { keys: "P", does: "Pin, or unpin" },
      { keys: "V", does: "Verify" },
      { keys: "R", does: "Repair" },
      { keys: "Del", does: "Forget" },
    ],
  },
];

/** As written on this system: macOS has its own signs. */
export function keysHere(keys: string, platform: string): string {
  if (platform !== "darwin") return keys;
  return keys.replaceAll("Ctrl", "⌘").replaceAll("Alt", "⌥").replaceAll("Shift", "⇧");
}
