import { join } from "node:path";
import type { NewItem } from "./journal.ts";
import type { Journal } from "./journal.ts";
import { DownloadSource } from "./item-record.ts";
import type { Entry } from "../cache/entry.ts";
import { isOfVersion } from "../cache/entry.ts";
import { isUnchanged } from "../cache/is-unchanged.ts";
import { runLanes } from "../parts/run-lanes.ts";

/** What a listing makes of one object. */
export type ListedItem = Omit<NewItem, "index">;

/** Files looked at on disk at once. */
const LOOK_LANES = 16;

export const HERE = "already here";

/**
 * The items of a page, those of them settled whose files are here and valid: the journal knows the
 * file as a copy of this very version, and nobody wrote to it since. Nothing is read or asked for.
 *
 * @param items At most 1,000.
 */
export async function markHere(
  items: readonly ListedItem[],
  place: { readonly journal: Journal; readonly folder: string; readonly origin: string },
  signal: AbortSignal,
): Promise<readonly ListedItem[]> {
  const paths = new Map(items.map((item) => [item, pathOf(item, place.folder)]));
  const known = await place.journal.entriesAt([...paths.values()].filter((path) => path !== null));
  const byPath = Map.groupBy(known, ({ path }) => path);
  const here = new Set<ListedItem>();
  const look = async (item: ListedItem) => {
    const entries = byPath.get(paths.get(item) ?? "") ?? [];
    const entry = entries.find((one) => isCopyOf(one, item, place.origin));
    if (entry !== undefined && (await isUnchanged(entry))) here.add(item);
  };
  await runLanes(LOOK_LANES, items.values(), look, signal);
  return items.map((item) => (here.has(item) ? settled(item) : item));
}

function isCopyOf(entry: Entry, { source, sizeBytes }: ListedItem, origin: string): boolean {
  const { key, etag, versionId } = DownloadSource.parse(source);
  if (entry.origin !== origin || entry.key !== key || entry.trouble !== null) return false;
  // A listing does not say the version; where one is known it must be the one.
  const isOther = versionId !== null && entry.versionId !== null && versionId !== entry.versionId;
  return !isOther && isOfVersion(entry, { etag, sizeBytes });
}

function pathOf({ source, phase }: ListedItem, folder: string): string | null {
  if (source === null || phase !== undefined) return null;
  const { path, isFolder } = DownloadSource.parse(source);
  return isFolder ? null : join(folder, path);
}

function settled(item: ListedItem): ListedItem {
  const { sizeBytes } = item;
  return { ...item, phase: "skipped", doneBytes: sizeBytes, keptBytes: sizeBytes, note: HERE };
}
