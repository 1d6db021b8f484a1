import { lstat } from "node:fs/promises";
import { dirname } from "node:path";
import type { PackFormat } from "#shared/archive.ts";
import { toFsPath } from "../disk/local-path.ts";
import type { NameFilter } from "../disk/name-filter.ts";
import type { SkipReason } from "../disk/walk.ts";
import { walkFolder } from "../disk/walk.ts";
import { FolderTrail } from "./folder-trail.ts";
import type { PackedStream, PackEntry } from "./pack-entries.ts";
import { changed, changedIfGone, factsOf, fromSource, packEntries } from "./pack-entries.ts";

export type PackOptions = { readonly filter?: NameFilter };

export type Packing = PackedStream & {
  /** What was left out so far, by why. */
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
};

/**
 * Packs what is in a folder, without it being written anywhere: the same folder gives the same bytes
 * again. Links and what is no file or folder are left out, and counted.
 */
export function packFolder(
  folder: string,
  format: PackFormat,
  options: PackOptions,
  signal: AbortSignal,
): Packing {
  const skipped = new Map<SkipReason, number>();
  const entries = entriesOf(folder, options, { skipped, signal });
  const packed = packEntries(entries, format, signal);
  return {
    stream: packed.stream,
    get progress() {
      return packed.progress;
    },
    get skipped() {
      return Object.fromEntries(skipped);
    },
  };
}

type Context = { readonly skipped: Map<SkipReason, number>; readonly signal: AbortSignal };

async function* entriesOf(
  folder: string,
  { filter }: PackOptions,
  { skipped, signal }: Context,
): AsyncGenerator<PackEntry> {
  const walk = { followSymlinks: false, ...(filter === undefined ? {} : { filter }) };
  const folders = new FolderTrail();
  for await (const entry of walkFolder(folder, walk, signal)) {
    if (entry.kind === "failed") throw changedIfGone(entry.error, entry.path);
    if (entry.kind === "skipped") {
      skipped.set(entry.reason, (skipped.get(entry.reason) ?? 0) + 1);
      continue;
    }
    for (const name of folders.enter(entry.name))
      yield await folderEntry(pathAbove(entry, name), name);
    if (entry.kind === "empty-folder") yield await folderEntry(entry.path, entry.name);
    else yield { ...entry, facts: null };
  }
}

type Placed = { readonly path: string; readonly name: string };

/** Where one of the folders is that an entry lies in. */
function pathAbove(entry: Placed, name: string): string {
  const levels = entry.name.split("/").length - name.split("/").length;
  let { path } = entry;
  for (let up = 0; up < levels; up += 1) path = dirname(path);
  return path;
}

async function folderEntry(path: string, name: string): Promise<PackEntry> {
  const stats = await fromSource(path, () => lstat(toFsPath(path), { bigint: true }));
  if (!stats.isDirectory()) throw changed(path);
  return { kind: "folder", name, ...factsOf(stats) };
}
