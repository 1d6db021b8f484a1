import { unlink } from "node:fs/promises";
import { onDisk } from "../disk/disk-errors.ts";
import { toFileStamp } from "../disk/file-stamp.ts";
import { toFsPath } from "../disk/local-path.ts";
import { findAt } from "../disk/stat-file.ts";
import { runLanes } from "../parts/run-lanes.ts";
import type { CacheChange, CacheJournal } from "./cache-journal.ts";
import type { CacheFolders } from "./cache-folders.ts";
import type { Entry } from "./entry.ts";
import { entryKey, idOf, versionOf } from "./entry.ts";
import type { HeldPaths } from "./held-paths.ts";
import { isSameFile } from "./is-unchanged.ts";

/** Copies that go in one commit. More take the main thread longer than a frame. */
const BATCH = 100;
const LANES = 8;

export type EvictPorts = {
  readonly journal: Pick<CacheJournal, "commit" | "entriesAt">;
  readonly folders: Pick<CacheFolders, "of" | "isThere">;
  readonly held: HeldPaths;
};

export type Evicted = {
  readonly gone: readonly Entry[];
  /** Somebody wrote to them, reads them, pinned them or took them away: they are left alone. */
  readonly kept: readonly Entry[];
};

/**
 * Deletes managed copies, each only if its file is as it was recorded and right in a cache folder that
 * is there. The record goes first, with a note of what is about to be deleted, so that no crash leaves
 * a file that nobody knows of; `sweepIntents` finishes what it cut short.
 *
 * @throws {LonghaulError} what the journal says. AbortError, between batches.
 */
export async function evict(
  entries: readonly Entry[],
  ports: EvictPorts,
  signal: AbortSignal,
): Promise<Evicted> {
  const gone: Entry[] = [];
  const kept: Entry[] = [];
  for (let at = 0; at < entries.length; at += BATCH) {
    signal.throwIfAborted();
    const batch = entries.slice(at, at + BATCH);
    const right = await look(batch, ports, signal);
    await ports.journal.commit([...right].flatMap(([entry, state]) => recordOf(entry, state)));
    const going = batch.filter((entry) => right.get(entry) === "right");
    // From here on their records are gone: a stop between would leave files for the next start.
    await deleteAll(going);
    await ports.journal.commit(going.map(({ path }) => ({ type: "intent-removed", path })));
    gone.push(...going);
    kept.push(...batch.filter((entry) => right.get(entry) !== "right"));
  }
  return { gone, kept };
}

type State = "right" | "changed" | "missing" | "busy";

async function look(
  entries: readonly Entry[],
  { journal, folders, held }: EvictPorts,
  signal: AbortSignal,
): Promise<ReadonlyMap<Entry, State>> {
  // The list may have been made a while ago, and a person does not wait for its end.
  const now = await journal.entriesAt(entries.map(({ path }) => path));
  const pinned = new Set(now.filter(({ isPinned }) => isPinned).map(entryKey));
  const states = new Map<Entry, State>();
  const there = new Map<string, Promise<boolean>>();
  const isThere = async (path: string) => {
    const folder = folders.of(path);
    if (folder === undefined) return false;
    const known = there.get(folder.path) ?? folders.isThere(folder);
    there.set(folder.path, known);
    return await known;
  };
  const lookAt = async (entry: Entry): Promise<void> => {
    const isFree = !held.has(entry.path) && !pinned.has(entryKey(entry));
    const isOurs = entry.kind === "managed" && isFree;
    states.set(entry, isOurs && (await isThere(entry.path)) ? await stateOf(entry) : "busy");
  };
  await runLanes(LANES, entries.values(), lookAt, signal);
  return states;
}

async function stateOf({ path, stamp }: Entry): Promise<State> {
  const found = await findAt(path);
  if (found === undefined) return "missing";
  return found.isFile() && isSameFile(toFileStamp(found), stamp) ? "right" : "changed";
}

function recordOf(entry: Entry, state: State): CacheChange[] {
  const id = idOf(entry);
  const { path, stamp } = entry;
  if (state === "busy") return [];
  const of = versionOf(entry);
  if (state !== "right") return [{ type: "entry-changed", id, change: { trouble: state }, of }];
  return [
    { type: "intent-put", path, intent: { kind: "evicting", stamp } },
    { type: "entry-removed", id },
  ];
}

async function deleteAll(entries: readonly Entry[]): Promise<void> {
  const never = new AbortController().signal;
  await runLanes(LANES, entries.values(), (entry) => deleteIfSame(entry), never);
}

/** Looks once more just before: nothing but the file that was recorded may go. */
export async function deleteIfSame({ path, stamp }: Pick<Entry, "path" | "stamp">): Promise<void> {
  const found = await findAt(path);
  if (found?.isFile() !== true || !isSameFile(toFileStamp(found), stamp)) return;
  await onDisk(path, "write", () => unlink(toFsPath(path)));
}
