import { ActionIcon } from "@mantine/core";
import {
  IconCopy,
  IconDots,
  IconFileZip,
  IconHistory,
  IconRepeat,
  IconTerminal2,
} from "@tabler/icons-react";
import type { MenuItem } from "../common/action-menu.tsx";
import { MenuButton } from "../common/menu-button.tsx";
import { keysHere } from "../shell/shortcut-list.ts";
import { useScreenStore } from "../state/screen-store.ts";
import { useStatusStore } from "../state/status-store.ts";
import type { LibraryRow } from "./library-rows.ts";
import type { ObjectAction } from "./use-object-actions.ts";
import { actionsFor, useObjectActions } from "./use-object-actions.ts";

type Line = Pick<MenuItem, "label" | "icon"> & { readonly keys: string };

const LINES: Readonly<Record<ObjectAction, Line>> = {
  unpack: { label: "Get and unpack…", icon: IconFileZip, keys: "U" },
  follow: { label: "Keep in sync…", icon: IconRepeat, keys: "S" },
  versions: { label: "Earlier versions", icon: IconHistory, keys: "V" },
  copy: { label: "Copy address", icon: IconCopy, keys: "Ctrl C" },
  command: { label: "Copy as command", icon: IconTerminal2, keys: "Ctrl Shift C" },
};

/** What can be done to a row; what cannot is not there. */
export function ObjectMenu({ row }: { readonly row: LibraryRow }) {
  const place = useScreenStore((state) => state.place);
  const platform = useStatusStore((state) => state.host?.platform ?? "");
  const run = useObjectActions(place);
  return (
    <MenuButton
      label={`More for ${row.name}`}
      entries={actionsFor(row).map((action) => ({
        kind: "item",
        ...LINES[action],
        keys: keysHere(LINES[action].keys, platform),
        onPick: () => run(row, action),
      }))}
    >
      <ActionIcon tabIndex={-1} aria-label={`More for ${row.name}`}>
        <IconDots size={16} aria-hidden />
      </ActionIcon>
    </MenuButton>
  );
}
