import { useMemo } from "react";
import type { FolderEntry, FolderPage, Picked } from "#shared/contract.ts";
import type { LocalRef } from "#shared/transfer-request.ts";
import type { PickKind } from "./folder-store.ts";

/** What the button would choose: the folder on screen, or what is ticked. */
export function pickedOf(
  kind: PickKind,
  page: FolderPage | null,
  ticked: ReadonlyMap<string, FolderEntry>,
): readonly Picked[] {
  if (kind === "folder") {
    return page ? [{ ref: { path: page.path }, path: page.path, kind: "folder" }] : [];
  }
  return [...ticked.values()].map(({ path, kind: found }) => ({
    ref: { path },
    path,
    kind: found,
  }));
}

export function chooseLabel(kind: PickKind, page: FolderPage | null, tickedCount: number): string {
  if (kind === "folder") return `Choose ${folderName(page?.path ?? "")}`.trim();
  return tickedCount === 0 ? "Choose" : `Choose ${tickedCount.toLocaleString("en")}`;
}

/** The last part of a path, whatever the system's separator; the path itself at a root. */
export function folderName(path: string): string {
  return /([^/\\]+)[/\\]*$/.exec(path)?.[1] ?? path;
}

/** The same object while the path is the same: asking for free space depends on it. */
export function useFolderRef(path: string | undefined): LocalRef | undefined {
  return useMemo(() => (path === undefined ? undefined : { path }), [path]);
}
