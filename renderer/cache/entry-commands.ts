import type { CacheEntry } from "#shared/cache.ts";

export type EntryCommand =
  | "pin"
  | "unpin"
  | "verify"
  | "repair"
  | "forget"
  | "show"
  | "copy-address"
  | "copy-pin"
  | "copy-verify"
  | "copy-repair"
  | "copy-forget";

/** Of these, the ones that a command can be done to. */
export function affectedBy(
  command: EntryCommand,
  entries: readonly CacheEntry[],
): readonly CacheEntry[] {
  return entries.filter(CAN[command]);
}

/** A whole copy in a cache folder would become a file that nobody knows of. */
function canForget({ kind, trouble }: CacheEntry): boolean {
  return kind === "own" || trouble === "changed" || trouble === "missing";
}
const always = () => true;
const isDamaged = ({ trouble }: CacheEntry) => trouble === "damaged";
const isThere = ({ trouble }: CacheEntry) => trouble !== "missing";

const CAN: Readonly<Record<EntryCommand, (entry: CacheEntry) => boolean>> = {
  pin: ({ isPinned }) => !isPinned,
  unpin: ({ isPinned }) => isPinned,
  verify: isThere,
  repair: isDamaged,
  forget: canForget,
  show: isThere,
  "copy-address": always,
  "copy-pin": always,
  "copy-verify": isThere,
  "copy-repair": isDamaged,
  "copy-forget": canForget,
};

/** One key does both: what is not pinned everywhere gets pinned everywhere. */
export function pinCommand(entries: readonly CacheEntry[]): "pin" | "unpin" {
  return entries.every(({ isPinned }) => isPinned) ? "unpin" : "pin";
}

type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

/** What a key on a row means; `toggle-pin` is `pinCommand`. Null: the key is not ours. */
export function entryKey(
  pressed: Pressed,
): EntryCommand | "tick" | "tick-all" | "toggle-pin" | null {
  const key = pressed.key.toLowerCase();
  if (pressed.altKey) return null;
  if (pressed.ctrlKey || pressed.metaKey) {
    if (key === "c") return pressed.shiftKey ? "copy-pin" : "copy-address";
    return key === "a" && !pressed.shiftKey ? "tick-all" : null;
  }
  if (key === "enter") return pressed.shiftKey ? "show" : null;
  return KEYS[key] ?? null;
}

const KEYS: Readonly<Record<string, EntryCommand | "tick" | "toggle-pin">> = {
  " ": "tick",
  p: "toggle-pin",
  v: "verify",
  r: "repair",
  delete: "forget",
};
