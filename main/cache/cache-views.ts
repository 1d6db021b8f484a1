import type { CacheEntry } from "#shared/cache.ts";
import { runLanes } from "../parts/run-lanes.ts";
import { toFileStamp } from "../disk/file-stamp.ts";
import { findAt } from "../disk/stat-file.ts";
import type { CacheJournal } from "./cache-journal.ts";
import type { Entry } from "./entry.ts";
import { isSameFile } from "./is-unchanged.ts";
import { findShared } from "./plan-eviction.ts";

const LOOK_LANES = 8;

export type ViewPorts = {
  readonly journal: Pick<CacheJournal, "entriesOf">;
  readonly queued: () => (entry: Entry) => boolean;
  /** Null where there is no such profile. */
  readonly profileName: (id: Entry["profileId"]) => string | null;
};

/** Entries as they are shown, with what only the disk knows: at most a page of them. */
export async function viewEntries(
  entries: readonly Entry[],
  ports: ViewPorts,
  signal: AbortSignal,
): Promise<CacheEntry[]> {
  const managed = entries.filter(({ kind }) => kind === "managed");
  const said = managed.map((entry) => ({ entry, isShared: true }));
  const shared = await findShared(said, ports, signal);
  const troubles = new Map<Entry, CacheEntry["trouble"]>();
  const look = async (entry: Entry) => void troubles.set(entry, await troubleOf(entry));
  await runLanes(LOOK_LANES, entries.values(), look, signal);
  const isQueued = ports.queued();
  return entries.map((entry) => {
    const frees = entry.kind === "own" ? "own" : shared.has(entry) ? "shared" : "all";
    return {
      path: entry.path,
      origin: entry.origin,
      key: entry.key,
      bucket: entry.bucket,
      profileId: entry.profileId,
      profileName: ports.profileName(entry.profileId),
      sizeBytes: entry.sizeBytes,
      freesBytes: frees === "all" ? entry.sizeBytes : 0,
      frees,
      kind: entry.kind,
      addedAtMs: entry.addedAtMs,
      usedAtMs: entry.usedAtMs,
      verifiedAtMs: entry.verifiedAtMs,
      isPinned: entry.isPinned,
      trouble: troubles.get(entry) ?? null,
      isQueued: isQueued(entry),
    };
  });
}

/** As the record says, or as a look at the file does: nobody told us when it was moved away. */
async function troubleOf({ path, stamp, trouble }: Entry): Promise<CacheEntry["trouble"]> {
  const found = await findAt(path).catch(() => undefined);
  if (found?.isFile() !== true) return "missing";
  if (trouble !== null && trouble !== "missing") return trouble;
  return isSameFile(toFileStamp(found), stamp) ? null : "changed";
}
