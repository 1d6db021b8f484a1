import {
  IconArrowBarToDown,
  IconArrowBarToUp,
  IconArrowDown,
  IconArrowUp,
  IconCopy,
  IconFolderOpen,
  IconGauge,
  IconListDetails,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconRefresh,
  IconTerminal2,
  IconX,
} from "@tabler/icons-react";
import type { HostInfo } from "#shared/contract.ts";
import type { TransferView } from "#shared/transfer.ts";
import type { MenuEntry, MenuItem } from "../common/action-menu.tsx";
import type { RowCommand } from "./row-commands.ts";
import { keysHere } from "../shell/shortcut-list.ts";
import { groupOf } from "./group.ts";
import { addressOf, commandOf, remoteOf } from "./place-text.ts";
import { canShow, isSettled, toggleCommand } from "./row-commands.ts";

type Line = Omit<MenuItem, "kind" | "onPick"> & { readonly command: RowCommand };

const TOGGLES: Partial<Record<RowCommand, Line>> = {
  pause: { command: "pause", label: "Pause", icon: IconPlayerPauseFilled, keys: "Space" },
  resume: { command: "resume", label: "Resume", icon: IconPlayerPlayFilled, keys: "Space" },
  retry: { command: "retry", label: "Try again", icon: IconRefresh, keys: "Space" },
};

const QUEUE_LINES: readonly Line[] = [
  { command: "move-up", label: "Move up", icon: IconArrowUp, keys: "Alt ↑" },
  { command: "move-down", label: "Move down", icon: IconArrowDown, keys: "Alt ↓" },
  { command: "move-top", label: "To the top", icon: IconArrowBarToUp, keys: "Alt Shift ↑" },
  { command: "move-bottom", label: "To the bottom", icon: IconArrowBarToDown, keys: "Alt Shift ↓" },
];

/** The same by right click and by "More". Every item shows its key; what cannot be done is not there. */
export function rowMenu(
  view: TransferView,
  host: HostInfo | null,
  run: (command: RowCommand) => void,
): readonly MenuEntry[] {
  const toggle = toggleCommand(view);
  const group = groupOf(view);
  const blocks: readonly (readonly Line[])[] = [
    [...optional(toggle === null ? undefined : TOGGLES[toggle]), DETAILS],
    [
      ...optional(isSettled(view) ? undefined : LIMIT),
      ...(group === "waiting" || group === "active" ? QUEUE_LINES : []),
    ],
    [
      ...optional(canShow(view, host) ? SHOW : undefined),
      ...optional(addressOf(remoteOf(view) ?? view.from) === null ? undefined : COPY_ADDRESS),
      ...optional(commandOf(view) === null ? undefined : COPY_COMMAND),
    ],
    [isSettled(view) ? CLEAR : CANCEL],
  ];
  const platform = host?.platform ?? "";
  return blocks
    .filter((lines) => lines.length > 0)
    .flatMap((lines, index): readonly MenuEntry[] => [
      ...(index > 0 ? [{ kind: "line" } as const] : []),
      ...lines.map(({ command, keys, ...line }) => ({
        ...line,
        kind: "item" as const,
        ...(keys === undefined ? {} : { keys: keysHere(keys, platform) }),
        onPick: () => run(command),
      })),
    ]);
}

const DETAILS: Line = {
  command: "details",
  label: "Details",
  icon: IconListDetails,
  keys: "Enter",
};
const LIMIT: Line = { command: "limit", label: "Limit…", icon: IconGauge, keys: "L" };
const SHOW: Line = {
  command: "show-in-folder",
  label: "Show in folder",
  icon: IconFolderOpen,
  keys: "Shift Enter",
};
const COPY_ADDRESS: Line = {
  command: "copy-address",
  label: "Copy address",
  icon: IconCopy,
  keys: "Ctrl C",
};
const COPY_COMMAND: Line = {
  command: "copy-command",
  label: "Copy as command",
  icon: IconTerminal2,
  keys: "Ctrl Shift C",
};
const CLEAR: Line = { command: "clear", label: "Take off the list", icon: IconX, keys: "Del" };
const CANCEL: Line = {
  command: "cancel",
  label: "Cancel…",
  icon: IconX,
  keys: "Del",
  isDanger: true,
};

function optional<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}
