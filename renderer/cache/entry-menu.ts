import {
  IconCopy,
  IconEraser,
  IconFolderOpen,
  IconPin,
  IconPinnedOff,
  IconShieldCheck,
  IconTerminal2,
  IconTool,
} from "@tabler/icons-react";
import type { CacheEntry } from "#shared/cache.ts";
import type { HostInfo } from "#shared/contract.ts";
import type { MenuEntry, MenuItem } from "../common/action-menu.tsx";
import { keysHere } from "../shell/shortcut-list.ts";
import type { EntryCommand } from "./entry-commands.ts";
import { affectedBy, pinCommand } from "./entry-commands.ts";
import type { RunEntryCommand } from "./use-entry-commands.ts";

type Line = Omit<MenuItem, "kind" | "onPick"> & { readonly command: EntryCommand };

const LINES: readonly (readonly Line[])[] = [
  [
    { command: "pin", label: "Pin", icon: IconPin, keys: "P" },
    { command: "unpin", label: "Unpin", icon: IconPinnedOff, keys: "P" },
    { command: "verify", label: "Verify", icon: IconShieldCheck, keys: "V" },
    { command: "repair", label: "Repair", icon: IconTool, keys: "R" },
  ],
  [
    { command: "show", label: "Show in folder", icon: IconFolderOpen, keys: "Shift Enter" },
    { command: "copy-address", label: "Copy address", icon: IconCopy, keys: "Ctrl C" },
  ],
  [
    {
      command: "copy-pin",
      label: "Copy as command: pin",
      icon: IconTerminal2,
      keys: "Ctrl Shift C",
    },
    { command: "copy-verify", label: "Copy as command: verify", icon: IconTerminal2 },
    { command: "copy-repair", label: "Copy as command: repair", icon: IconTerminal2 },
    { command: "copy-forget", label: "Copy as command: forget", icon: IconTerminal2 },
  ],
  [{ command: "forget", label: "Forget…", icon: IconEraser, keys: "Del" }],
];

type MenuOf = {
  readonly entries: readonly CacheEntry[];
  readonly host: HostInfo | null;
  /** Work in the background goes on: there is one at a time. */
  readonly isWorking: boolean;
  readonly run: RunEntryCommand;
};

/** What can be done to these; what cannot is not there. */
export function entryMenu({ entries, host, isWorking, run }: MenuOf): readonly MenuEntry[] {
  const toggle = pinCommand(entries);
  const isOffered = ({ command }: Line) => {
    if (command === "pin" || command === "unpin") return command === toggle;
    if (command === "show" && (!host?.canShowInFolder || entries.length > 1)) return false;
    if (isWorking && (command === "verify" || command === "repair")) return false;
    return affectedBy(command, entries).length > 0;
  };
  return LINES.map((lines) => lines.filter(isOffered))
    .filter((lines) => lines.length > 0)
    .flatMap((lines, index): readonly MenuEntry[] => [
      ...(index > 0 ? [{ kind: "line" } as const] : []),
      ...lines.map(({ command, keys, label, ...line }) => ({
        ...line,
        kind: "item" as const,
        label: command === "copy-pin" ? `Copy as command: ${toggle}` : label,
        ...(keys === undefined ? {} : { keys: keysHere(keys, host?.platform ?? "") }),
        onPick: () => run(command, entries),
      })),
    ]);
}
