import type { BigIntStats } from "node:fs";
import { lstat, opendir, stat } from "node:fs/promises";
import { join } from "node:path";
import { LonghaulError } from "#shared/errors.ts";
import { onDisk, systemCode } from "./disk-errors.ts";
import { fromLatin1Name, toFsPath, toShownPath } from "./local-path.ts";
import type { NameFilter } from "./name-filter.ts";
import { TAKES_ALL } from "./name-filter.ts";
import { SortedNames } from "./sorted-names.ts";
import type { FileFacts } from "./stat-file.ts";
import { toFileFacts } from "./stat-file.ts";

/** Why something was left out on purpose. */
export type SkipReason = "symlink" | "broken-symlink" | "cycle" | "socket" | "fifo" | "device";

type Named = {
  /** As `local-path.ts` holds it. */
  readonly path: string;
  /** Path inside the walked folder, `/` between folders, fit for people and keys. */
  readonly name: string;
};

export type WalkEntry =
  | (Named & { readonly kind: "file" } & FileFacts)
  /** Nothing in it that could be taken, not even a folder. */
  | (Named & { readonly kind: "empty-folder" })
  | (Named & { readonly kind: "skipped"; readonly reason: SkipReason })
  /** It could not be read; the walk goes on. */
  | (Named & { readonly kind: "failed"; readonly error: LonghaulError });

export type WalkOptions = {
  readonly followSymlinks: boolean;
  readonly filter?: NameFilter;
  /**
   * `keys`: what it finds comes in the byte order of whole names, as S3 lists keys: what is in `a/`
   * comes after `a.txt`. Else in that of the names within each folder. Links are not followed in it.
   */
  readonly order?: "names" | "keys";
};

/** Droppings of desktops, in no one's data. */
const LEFT_OUT = new Set([".DS_Store", "Thumbs.db"]);

/** Entries asked about at once: enough to hide a disk's latency, few enough to stay small. */
const BATCH = 64;

type Folder = Named & {
  /** `dev:ino` of the folder and of those it is in. */
  readonly ancestors: readonly string[];
};
type Walk = {
  readonly options: WalkOptions;
  readonly filter: NameFilter;
  readonly signal: AbortSignal;
};

/**
 * Everything below a folder as it is found, in the byte order of names within each folder: the same
 * folder gives the same order again. Holds the names of one branch of the tree, never all of it.
 *
 * @throws {LonghaulError} `path-missing`, `path-denied` when the folder itself cannot be read;
 * AbortError.
 */
export async function* walkFolder(
  path: string,
  options: WalkOptions,
  signal: AbortSignal,
): AsyncGenerator<WalkEntry> {
  const stats = await onDisk(path, "read", () => stat(toFsPath(path), { bigint: true }));
  const walk = { options, filter: options.filter ?? TAKES_ALL, signal };
  const root = { path, name: "", ancestors: [identityOf(stats)] };
  yield* walkNames(root, await readNames(path, walk), walk);
}

async function* walkNames(
  folder: Folder,
  names: SortedNames,
  walk: Walk,
): AsyncGenerator<WalkEntry> {
  for (const batch of inBatches(names)) {
    walk.signal.throwIfAborted();
    const looks = batch.map((name) => look(entryOf(folder, name), folder, walk.options));
    for (const entry of await Promise.all(looks)) yield* report(entry, folder, walk);
  }
}

function* inBatches(names: Iterable<string>): Generator<readonly string[]> {
  let batch: string[] = [];
  for (const name of names) {
    batch.push(name);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function entryOf(folder: Folder, latin1Name: string): Named {
  const name = fromLatin1Name(latin1Name.replace(/\/$/u, ""));
  const shown = toShownPath(name);
  return {
    path: join(folder.path, name),
    name: folder.name === "" ? shown : `${folder.name}/${shown}`,
  };
}

type Found = WalkEntry | (Named & { readonly kind: "folder"; readonly identity: string });

async function* report(entry: Found, folder: Folder, walk: Walk): AsyncGenerator<WalkEntry> {
  if (entry.kind === "folder") yield* enter(entry, folder, walk);
  else if (walk.filter.takesFile(entry.name)) yield entry;
}

async function* enter(
  entry: Named & { readonly identity: string },
  folder: Folder,
  walk: Walk,
): AsyncGenerator<WalkEntry> {
  const { path, name, identity } = entry;
  if (!walk.filter.entersFolder(name)) return;
  const names = await tryRead(entry, walk);
  if (names instanceof LonghaulError) yield { kind: "failed", path, name, error: names };
  else if (names.size === 0) yield { kind: "empty-folder", path, name };
  else yield* walkNames({ path, name, ancestors: [...folder.ancestors, identity] }, names, walk);
}

async function tryRead(entry: Named, walk: Walk): Promise<SortedNames | LonghaulError> {
  try {
    return await readNames(entry.path, walk);
  } catch (error) {
    if (error instanceof LonghaulError) return error;
    throw error;
  }
}

/**
 * One character for each byte, so that names that are no UTF-8 stay what they are, and sort. In the
 * order of keys a folder sorts as what is in it begins: with its name and `/`.
 */
async function readNames(path: string, { options, signal }: Walk): Promise<SortedNames> {
  const isByKey = options.order === "keys";
  return await onDisk(path, "read", async () => {
    const names = new SortedNames();
    for await (const entry of await opendir(toFsPath(path), OPEN_OPTIONS)) {
      const { name } = entry;
      signal.throwIfAborted();
      if (!LEFT_OUT.has(name)) names.add(isByKey && entry.isDirectory() ? `${name}/` : name);
    }
    return names;
  });
}
const OPEN_OPTIONS = { encoding: "latin1", bufferSize: 256 } as const;

async function look(entry: Named, folder: Folder, options: WalkOptions): Promise<Found> {
  try {
    return await onDisk(entry.path, "read", () => lookAt(entry, folder, options));
  } catch (error) {
    if (error instanceof LonghaulError) return { kind: "failed", ...entry, error };
    throw error;
  }
}

async function lookAt(entry: Named, folder: Folder, options: WalkOptions): Promise<Found> {
  const stats = await lstat(toFsPath(entry.path), { bigint: true });
  if (!stats.isSymbolicLink()) return classify(entry, stats);
  if (!options.followSymlinks) return { kind: "skipped", ...entry, reason: "symlink" };
  const target = await follow(entry.path);
  if (target === undefined) return { kind: "skipped", ...entry, reason: "broken-symlink" };
  const found = classify(entry, target);
  const isCycle = found.kind === "folder" && folder.ancestors.includes(found.identity);
  return isCycle ? { kind: "skipped", ...entry, reason: "cycle" } : found;
}

/** Undefined where the link leads nowhere, or only to links. */
async function follow(path: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(toFsPath(path), { bigint: true });
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ELOOP" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

function classify(entry: Named, stats: BigIntStats): Found {
  if (stats.isFile()) return { kind: "file", ...entry, ...toFileFacts(stats) };
  if (stats.isDirectory()) return { kind: "folder", ...entry, identity: identityOf(stats) };
  return { kind: "skipped", ...entry, reason: reasonOf(stats) };
}

function reasonOf(stats: BigIntStats): SkipReason {
  if (stats.isSocket()) return "socket";
  return stats.isFIFO() ? "fifo" : "device";
}

function identityOf(stats: BigIntStats): string {
  return `${stats.dev}:${stats.ino}`;
}
