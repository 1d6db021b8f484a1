import { runLanes } from "../parts/run-lanes.ts";
import type { CacheJournal, Evictable } from "./cache-journal.ts";
import type { Entry } from "./entry.ts";
import { isOfVersion } from "./entry.ts";
import { isUnchanged } from "./is-unchanged.ts";

/** Copies looked at in one go. */
const PAGE = 250;
const LOOK_LANES = 8;

/** One cache folder that is there, and what is asked of it. */
export type FolderGoal = {
  readonly path: string;
  /** Of managed copies are to go, whatever that frees: the quota. */
  readonly overBytes: number;
  /** Are to become free on the disk: a person's wish, or the floor. */
  readonly freeBytes: number;
};

/** A copy that goes, and what that frees. */
export type Going = { readonly entry: Entry; readonly freesBytes: number };

export type PlanPorts = {
  readonly journal: Pick<CacheJournal, "evictable" | "entriesOf">;
  /** An unfinished transfer uses it, or somebody reads it now. */
  readonly isBusy: (entry: Entry) => boolean;
};

/**
 * The copies of one folder that are to go, the least recently used first: as many as are over the
 * quota, then only those that really free something until enough is free.
 */
export async function planFolder(
  { path, overBytes, freeBytes }: FolderGoal,
  ports: PlanPorts,
  signal: AbortSignal,
): Promise<readonly Going[]> {
  const going: Going[] = [];
  const left = { overBytes, freeBytes };
  if (overBytes <= 0 && freeBytes <= 0) return going;
  for await (const one of candidates(path, ports, signal)) {
    const isUseful = left.overBytes > 0 || (left.freeBytes > 0 && one.freesBytes > 0);
    if (!isUseful) continue;
    going.push(one);
    left.overBytes -= one.entry.sizeBytes;
    left.freeBytes -= one.freesBytes;
    if (left.overBytes <= 0 && left.freeBytes <= 0) break;
  }
  return going;
}

/** The copies in several folders that are to go until so much is free, the least recently used first. */
export async function planAcross(
  paths: readonly string[],
  freeBytes: number,
  ports: PlanPorts,
  signal: AbortSignal,
): Promise<readonly Going[]> {
  const going: Going[] = [];
  let freedBytes = 0;
  const walks = paths.map((path) => candidates(path, ports, signal));
  const heads = await Promise.all(walks.map((walk) => walk.next()));
  while (freedBytes < freeBytes) {
    const first = earliest(heads);
    const head = heads[first];
    const walk = walks[first];
    if (walk === undefined || head === undefined || head.done === true) break;
    if (head.value.freesBytes > 0) {
      going.push(head.value);
      freedBytes += head.value.freesBytes;
    }
    heads[first] = await walk.next();
  }
  return going;
}

function earliest(heads: readonly IteratorResult<Going, void>[]): number {
  let first = -1;
  for (const [at, head] of heads.entries()) {
    if (head.done === true) continue;
    const before = heads[first];
    const isEarlier =
      before === undefined ||
      before.done === true ||
      head.value.entry.usedAtMs < before.value.entry.usedAtMs;
    if (isEarlier) first = at;
  }
  return first;
}

async function* candidates(
  folder: string,
  ports: PlanPorts,
  signal: AbortSignal,
): AsyncGenerator<Going, void> {
  for (let after: Entry | null = null; ;) {
    signal.throwIfAborted();
    const page = await ports.journal.evictable({ folder, after, limit: PAGE });
    const shared = await findShared(page, ports, signal);
    for (const { entry } of page) {
      if (ports.isBusy(entry)) continue;
      yield { entry, freesBytes: shared.has(entry) ? 0 : entry.sizeBytes };
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    after = last.entry;
  }
}

/**
 * Those whose bytes a user's file on the same disk shares. Its record says so; whether it is still
 * there only the disk knows.
 */
export async function findShared(
  page: readonly Evictable[],
  { journal }: { readonly journal: Pick<CacheJournal, "entriesOf"> },
  signal: AbortSignal,
): Promise<ReadonlySet<Entry>> {
  const shared = new Set<Entry>();
  const said = page.filter(({ isShared }) => isShared).map(({ entry }) => entry);
  for (const [origin, entries] of Map.groupBy(said, (entry) => entry.origin)) {
    const keys = entries.map(({ key }) => key);
    const others = Map.groupBy(await journal.entriesOf({ origin, keys }), ({ key }) => key);
    const look = async (entry: Entry): Promise<void> => {
      for (const other of others.get(entry.key) ?? []) {
        const isLike = other.kind === "own" && isOfVersion(other, entry);
        const isNear = other.stamp.dev === entry.stamp.dev;
        if (isLike && isNear && (await isUnchanged(other))) shared.add(entry);
      }
    };
    await runLanes(LOOK_LANES, entries.values(), look, signal);
  }
  return shared;
}
