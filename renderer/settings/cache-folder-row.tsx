import { ActionIcon, Table } from "@mantine/core";
import {
  IconDots,
  IconEraser,
  IconFolder,
  IconPlugConnectedX,
  IconRefresh,
  IconTerminal2,
} from "@tabler/icons-react";
import type { CacheFolder } from "#shared/cache.ts";
import { limitsCommand, removeFolderCommand } from "../cache/cache-command.ts";
import type { MenuEntry } from "../common/action-menu.tsx";
import { copyText } from "../common/copy-text.ts";
import { homePath } from "../common/home-path.ts";
import { MenuButton } from "../common/menu-button.tsx";
import { PathText } from "../common/path-text.tsx";
import { SizeField } from "../common/size-field.tsx";
import { useFormats } from "../common/use-formats.ts";
import { useStatusStore } from "../state/status-store.ts";
import type { FolderLimits } from "./cache-limit-dialog.tsx";
import classes from "./storage-page.module.css";

type CacheFolderRowProps = {
  readonly folder: CacheFolder;
  readonly onLimits: (limits: FolderLimits) => void;
  readonly onRemove: () => void;
};

export function CacheFolderRow({ folder, onLimits, onRemove }: CacheFolderRowProps) {
  const { bytes } = useFormats();
  const host = useStatusStore((state) => state.host);
  const path = homePath(folder.path, host);
  const { quotaBytes, isThere } = folder;
  const Symbol = isThere ? IconFolder : IconPlugConnectedX;
  return (
    <Table.Tr data-away={!isThere || undefined}>
      <Table.Td>
        <span className={classes.place}>
          <Symbol size={16} stroke={1.6} aria-hidden />
          <span className={classes.path}>
            <PathText path={path} />
          </span>
          <span className={classes.note}>{noteOf(folder)}</span>
        </span>
      </Table.Td>
      <Table.Td className={`${classes.kept} lh-number`}>{bytes(folder.usedBytes)}</Table.Td>
      <Table.Td className={classes.limit ?? ""}>
        <SizeField
          label={`At most kept in ${path}`}
          bytes={quotaBytes}
          placeholder="no limit"
          width={92}
          onCommit={(typed) => onLimits({ quotaBytes: typed === 0 ? null : typed })}
        />
      </Table.Td>
      <Table.Td className={classes.limit ?? ""}>
        <SizeField
          label={`Stays free beside ${path}`}
          bytes={folder.keepFreeBytes}
          placeholder="as usual"
          width={92}
          onCommit={(keepFreeBytes) => onLimits({ quotaBytes, keepFreeBytes })}
        />
      </Table.Td>
      <Table.Td className={classes.more ?? ""}>
        <FolderMenu folder={folder} path={path} onLimits={onLimits} onRemove={onRemove} />
      </Table.Td>
    </Table.Tr>
  );
}

function noteOf({ isThere, isDefault }: CacheFolder): string {
  if (!isThere) return "not connected";
  return isDefault ? "default" : "";
}

/** Not of the default folder, which is always there. */
function removal({ path }: CacheFolder, onRemove: () => void): readonly MenuEntry[] {
  return [
    { kind: "line" },
    { kind: "item", label: "Remove", icon: IconEraser, onPick: onRemove },
    {
      kind: "item",
      label: "Copy as command: remove",
      icon: IconTerminal2,
      onPick: () => copyText(removeFolderCommand(path)),
    },
  ];
}

function FolderMenu(props: CacheFolderRowProps & { readonly path: string }) {
  const { folder, path, onLimits, onRemove } = props;
  const entries: readonly MenuEntry[] = [
    {
      kind: "item",
      label: "The usual space stays free",
      icon: IconRefresh,
      onPick: () => onLimits({ quotaBytes: folder.quotaBytes, keepFreeBytes: null }),
    },
    {
      kind: "item",
      label: "Copy as command: these limits",
      icon: IconTerminal2,
      onPick: () => copyText(limitsCommand(folder)),
    },
    ...(folder.isDefault ? [] : removal(folder, onRemove)),
  ];
  return (
    <MenuButton label={`Commands for ${path}`} entries={entries}>
      <ActionIcon aria-label={`More for ${path}`}>
        <IconDots size={16} aria-hidden />
      </ActionIcon>
    </MenuButton>
  );
}
