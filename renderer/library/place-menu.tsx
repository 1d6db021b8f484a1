import { ActionIcon } from "@mantine/core";
import { IconCopy, IconDots, IconRepeat, IconTerminal2 } from "@tabler/icons-react";
import type { Destination } from "#shared/settings.ts";
import { copyText } from "../common/copy-text.ts";
import { MenuButton } from "../common/menu-button.tsx";
import { commandWhere } from "./command-where.ts";
import { copyAddress } from "./copy-address.ts";
import { askLibrary } from "./library-ask-store.ts";
import { commandOfObject } from "./object-command.ts";

/** What can be done to the place that is open, as a whole. */
export function PlaceMenu({ place }: { readonly place: Destination }) {
  const { bucket, prefix } = place;
  return (
    <MenuButton
      label="More for this place"
      entries={[
        {
          kind: "item",
          label: "Keep in sync…",
          icon: IconRepeat,
          onPick: () => askLibrary({ kind: "follow", place }),
        },
        {
          kind: "item",
          label: "Copy address",
          icon: IconCopy,
          onPick: () => copyAddress(bucket, prefix),
        },
        ...(prefix === ""
          ? []
          : [
              {
                kind: "item" as const,
                label: "Copy as command",
                icon: IconTerminal2,
                onPick: () =>
                  copyText(commandOfObject({ kind: "prefix", key: prefix }, commandWhere())),
              },
            ]),
      ]}
    >
      <ActionIcon aria-label="More for this place">
        <IconDots size={16} aria-hidden />
      </ActionIcon>
    </MenuButton>
  );
}
