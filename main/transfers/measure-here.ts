import type { ListedObject } from "#shared/library-here.ts";
import { namePlatform, safeName } from "../disk/safe-name.ts";
import { downloadName } from "./item-names.ts";
import type { Journal } from "./journal.ts";
import type { ListedItem } from "./known-files.ts";
import { markHere } from "./known-files.ts";

export type HereSum = { readonly hereCount: number; readonly hereBytes: number };

export type Asked = {
  readonly bucket: string;
  /** Through which they are asked for; null: each by its own key. */
  readonly prefix: string | null;
  readonly keptFolders?: readonly string[] | undefined;
};

/**
 * How much of a page of objects a download into a folder would find there and valid, as it does
 * while it lists them; at most 1,000.
 *
 */
export async function measureHere(
  objects: readonly ListedObject[],
  asked: Asked,
  place: { readonly journal: Journal; readonly folder: string; readonly origin: string },
  signal: AbortSignal,
): Promise<HereSum> {
  const items = objects.flatMap((object) => toItem(object, asked) ?? []);
  const marked = await markHere(items, place, signal);
  const here = marked.filter(({ phase }) => phase === "skipped");
  const hereBytes = here.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return { hereCount: here.length, hereBytes };
}

/** Null for what gets no file. */
function toItem({ key, etag, sizeBytes }: ListedObject, asked: Asked): ListedItem | null {
  const keptFolders = [...(asked.keptFolders ?? [])];
  const plain = { bucket: asked.bucket, rename: null, contentsOnly: false, keptFolders };
  const name = downloadName(plain, asked.prefix ?? key, key);
  if (name === "" || name.endsWith("/")) return null;
  try {
    const { path } = safeName(name, namePlatform(process.platform));
    const source = { key, etag, versionId: null, modifiedAtMs: 0, path, isFolder: false };
    return { name, sizeBytes, source };
  } catch {
    return null;
  }
}
