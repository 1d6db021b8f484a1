import type { CacheFolder } from "#shared/cache.ts";
import type { CallHandlers } from "#shared/contract.ts";
import type { Cache } from "./open-cache.ts";
import type { Resolve } from "./to-spec.ts";
import type { KeptFolder } from "../cache/cache-folders.ts";
import type { Plan } from "../cache/eviction.ts";
import type { EntryId } from "../cache/entry.ts";
import { LonghaulError } from "#shared/errors.ts";
import { viewEntries } from "../cache/cache-views.ts";
import { entryKey, idOf } from "../cache/entry.ts";
import { floorOf } from "../cache/eviction.ts";
import { isUnchanged } from "../cache/is-unchanged.ts";
import { toShownPath } from "../disk/local-path.ts";

const UNUSED_MS = 90 * 86_400_000;
/** A person waits for these. */
const CALL_DEADLINE_MS = 60_000;
/** Ten thousand files on a slow disk. */
const FREE_DEADLINE_MS = 600_000;

type CacheCalls = Pick<CallHandlers, Extract<keyof CallHandlers, `cache.${string}`>>;

/** The calls about what of buckets is on this machine. */
export function cacheCalls(cache: Cache, resolve: Resolve): CacheCalls {
  const { worker } = cache;
  return {
    ...folderCalls(cache, resolve),
    ...entryCalls(cache),
    ...freeCalls(cache),
    "cache.verify": async ({ ids }) => done(() => worker.start("verify", ids)),
    "cache.repair": async ({ ids }) => done(() => worker.start("repair", ids)),
    "cache.work": async () => worker.state(),
    "cache.stopWork": async () => {
      await worker.stop();
      return null;
    },
  };
}

function done(act: () => void): null {
  act();
  return null;
}

function folderCalls(cache: Cache, resolve: Resolve) {
  const { folders, eviction, journal, changed } = cache;
  return {
    "cache.folders": async () =>
      await Promise.all(folders.list().map((folder) => toFolder(folder, cache))),
    "cache.addFolder": async ({ folder, quotaBytes }) => {
      const added = await folders.add(await resolve(folder, "write"), quotaBytes);
      changed();
      return await toFolder(added, cache);
    },
    "cache.setFolder": async ({ path, quotaBytes, keepFreeBytes }) => {
      const more = keepFreeBytes === undefined ? {} : { keepFreeBytes };
      folders.set(path, { quotaBytes, ...more });
      await eviction.tend(AbortSignal.timeout(FREE_DEADLINE_MS));
      changed();
      return await toFolder(folders.get(path), cache);
    },
    "cache.removeFolder": async ({ path }) => {
      const folder = folders.get(path);
      const { count } = await journal.entrySums(path);
      const isThere = await folders.isThere(folder);
      if (count > 0 && isThere) throw notEmpty(folder, count);
      folders.remove(path);
      await cache.forgetIn(path);
      changed();
      return null;
    },
  } satisfies Partial<CacheCalls>;
}

async function toFolder(
  folder: KeptFolder,
  { folders, journal, readVolume }: Cache,
): Promise<CacheFolder> {
  const { path, quotaBytes, keepFreeBytes } = folder;
  const isThere = await folders.isThere(folder);
  const volume = isThere ? await readVolume(path).catch(() => null) : null;
  const { usedBytes, pinnedBytes, count } = await journal.entrySums(path);
  return {
    path,
    isThere,
    quotaBytes,
    keepFreeBytes: floorOf(keepFreeBytes, volume?.totalBytes ?? 0),
    freeBytes: volume?.freeBytes ?? null,
    totalBytes: volume?.totalBytes ?? null,
    usedBytes,
    pinnedBytes,
    entryCount: count,
    isDefault: folders.isDefault(folder),
  };
}

function entryCalls(cache: Cache) {
  const { journal, clock, changed } = cache;
  return {
    "cache.list": async (query) => {
      const unusedBeforeMs = clock.wallMs() - UNUSED_MS;
      const { entries, total, sizeBytes } = await journal.entryList({ ...query, unusedBeforeMs });
      const signal = AbortSignal.timeout(CALL_DEADLINE_MS);
      return { entries: await viewEntries(entries, cache, signal), total, sizeBytes };
    },
    "cache.pin": async ({ ids, isPinned }) => {
      const toChange = (id: EntryId) =>
        ({ type: "entry-changed", id, change: { isPinned } }) as const;
      await journal.commit(ids.map(toChange));
      changed();
      return null;
    },
    "cache.forget": async ({ ids }) => {
      await forget(ids, cache);
      changed();
      return null;
    },
  } satisfies Partial<CacheCalls>;
}

async function forget(ids: readonly EntryId[], { journal }: Cache): Promise<void> {
  const wanted = new Set(ids.map(entryKey));
  const found = await journal.entriesAt([...new Set(ids.map(({ path }) => path))]);
  const entries = found.filter((entry) => wanted.has(entryKey(entry)));
  for (const entry of entries) {
    if (entry.kind === "managed" && (await isUnchanged(entry))) throw stillManaged(entry);
  }
  const toChange = (entry: EntryId) => ({ type: "entry-removed", id: idOf(entry) }) as const;
  await journal.commit(entries.map(toChange));
}

function freeCalls(cache: Cache) {
  const { eviction } = cache;
  return {
    "cache.preview": async ({ freeBytes, folder, offset, limit }) => {
      const signal = AbortSignal.timeout(CALL_DEADLINE_MS);
      const plan = await eviction.preview({ freeBytes, folder }, signal);
      return {
        entries: await viewPlan(plan, { offset, limit }, cache),
        total: plan.going.length,
        freedBytes: plan.freedBytes,
        isEnough: plan.isEnough,
        plan: plan.name,
      };
    },
    "cache.free": async ({ freeBytes, folder, expectedBytes, plan }) => {
      const signal = AbortSignal.timeout(FREE_DEADLINE_MS);
      const expected = { name: plan, freedBytes: expectedBytes };
      return await eviction.free({ freeBytes, folder }, expected, signal);
    },
  } satisfies Partial<CacheCalls>;
}

async function viewPlan(
  { going }: Plan,
  { offset, limit }: { readonly offset: number; readonly limit: number },
  cache: Cache,
) {
  const page = going.slice(offset, offset + limit).map(({ entry }) => entry);
  return await viewEntries(page, cache, AbortSignal.timeout(CALL_DEADLINE_MS));
}

function notEmpty({ path }: KeptFolder, count: number): LonghaulError {
  const message = `${toShownPath(path)} holds ${count} copies: prune it first, or they would be files that nobody knows of`;
  return new LonghaulError("invalid", message, { details: { path: toShownPath(path), count } });
}

function stillManaged({ path }: EntryId): LonghaulError {
  const message = `${toShownPath(path)} is a copy that Longhaul keeps: prune deletes it, forgetting would leave it behind`;
  return new LonghaulError("invalid", message, { details: { path: toShownPath(path) } });
}
