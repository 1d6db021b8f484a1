import type { Destination } from "#shared/settings.ts";
import { copyText } from "../common/copy-text.ts";
import { commandWhere } from "./command-where.ts";
import { copyAddress } from "./copy-address.ts";
import { askLibrary } from "./library-ask-store.ts";
import type { LibraryRow } from "./library-rows.ts";
import { commandOfObject } from "./object-command.ts";
import { archiveOf } from "./only-archive.ts";
import { showVersions } from "./versions-store.ts";

const ACTIONS = ["unpack", "follow", "versions", "copy", "command"] as const;
export type ObjectAction = (typeof ACTIONS)[number];

export function isObjectAction(action: string): action is ObjectAction {
  return ACTIONS.some((one) => one === action);
}

/** What can be done to this row, in the order of its menu. */
export function actionsFor(row: LibraryRow): readonly ObjectAction[] {
  if (row.kind === "prefix") return ["follow", "copy", "command"];
  const unpack = archiveOf(row.key) === null ? [] : (["unpack"] as const);
  return [...unpack, "versions", "copy", "command"];
}

/** Does it, where it can be done to the row. */
export function useObjectActions(
  place: Destination | null,
): (row: LibraryRow, action: ObjectAction) => void {
  return (row, action) => {
    if (!place || !actionsFor(row).includes(action)) return;
    const { key, name } = row;
    const does: Readonly<Record<ObjectAction, () => void>> = {
      unpack: () => askLibrary({ kind: "unpack", place, objectKey: key }),
      follow: () => askLibrary({ kind: "follow", place: { ...place, prefix: key } }),
      versions: () => showVersions({ place, objectKey: key, name }),
      copy: () => copyAddress(place.bucket, key),
      command: () => copyText(commandOfObject(row, commandWhere())),
    };
    does[action]();
  };
}
