/** Many copies evicted at once: what that costs the main thread. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CacheFolders } from "#main/cache/cache-folders.ts";
import type { Entry } from "#main/cache/entry.ts";
import { Eviction } from "#main/cache/eviction.ts";
import { HeldPaths } from "#main/cache/held-paths.ts";
import { readVolumeOf } from "#main/disk/free-space.ts";
import { statFile } from "#main/disk/stat-file.ts";
import { systemClock } from "#main/flow/clock.ts";
import type { Journal } from "#main/transfers/journal.ts";
import { openJournal } from "#main/transfers/journal-open.ts";
import { ProfileId } from "#shared/profile.ts";
import type { Check } from "./check.ts";

const MOST_BUSY_MS = 1000;
const MOST_SLICE_MS = 20;
const BATCH = 500;

/** Milliseconds that this thread has had a processor. */
function ownMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** The longest turn of the event loop, in time of this thread. */
class Slices {
  mostMs = 0;
  #isOn = false;
  #lastMs = 0;

  start(): void {
    this.#isOn = true;
    this.#lastMs = ownMs();
    this.#look();
  }

  stop(): void {
    this.#isOn = false;
  }

  #look(): void {
    const nowMs = ownMs();
    this.mostMs = Math.max(this.mostMs, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    if (this.#isOn) setImmediate(() => this.#look());
  }
}

/** Evicts so many copies twice: once for how long all of it took, once for how long at a stretch. */
export async function evictMany(count: number, check: Check): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), "longhaul-cache-lab-"));
  const { journal } = await openJournal(join(home, "journal.db"), systemClock);
  try {
    const folders = new CacheFolders({ read: () => undefined, write: () => undefined }, home);
    const folder = await folders.open(folders.get(join(home, "cache")));
    if (folder === null) throw new Error("the cache folder cannot be made");
    const eviction = new Eviction({
      journal,
      folders,
      held: new HeldPaths(),
      queued: () => () => false,
      readVolume: readVolumeOf,
      onChange: () => undefined,
    });
    await fill(folder.path, count, journal);
    const busy = await evictAll(eviction, count, null);
    await fill(folder.path, count, journal);
    const slices = new Slices();
    const sliced = await evictAll(eviction, count, slices);
    check(
      `${busy.count} copies evicted in ${Math.round(busy.tookMs)} ms`,
      busy.count === count && sliced.count === count,
    );
    check(`main thread ${Math.round(busy.cpuMs)} ms`, busy.cpuMs < MOST_BUSY_MS);
    check(`in slices up to ${slices.mostMs.toFixed(1)} ms`, slices.mostMs < MOST_SLICE_MS);
  } finally {
    await journal.close();
    await rm(home, { recursive: true, force: true });
  }
}

async function evictAll(eviction: Eviction, count: number, slices: Slices | null) {
  const { signal } = new AbortController();
  const goal = { freeBytes: count, folder: null };
  const plan = await eviction.preview(goal, signal);
  slices?.start();
  const beganMs = performance.now();
  const cpuMs = ownMs();
  const freed = await eviction.free(goal, plan, signal);
  const used = { tookMs: performance.now() - beganMs, cpuMs: ownMs() - cpuMs };
  slices?.stop();
  return { count: freed.count, ...used };
}

async function fill(folder: string, count: number, journal: Journal): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let from = 0; from < count; from += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, count - from) }, (_, at) => from + at);
    const entries = await Promise.all(numbers.map((number) => makeCopy(folder, number)));
    await journal.commit(entries.map((entry) => ({ type: "entry-put", entry })));
  }
}

async function makeCopy(folder: string, number: number): Promise<Entry> {
  const path = join(folder, `${String(number).padStart(24, "0")}.blob`);
  await writeFile(path, "x");
  const { stamp } = await statFile(path);
  return {
    path,
    origin: "https://store.lab/models",
    key: `models/${number}.bin`,
    profileId: ProfileId.parse("lab"),
    bucket: "models",
    etag: `"${number}"`,
    versionId: null,
    sizeBytes: 1,
    stamp,
    kind: "managed",
    isFetched: true,
    rung: "part-sha256",
    sha256: null,
    isPinned: false,
    addedAtMs: number,
    usedAtMs: number,
    verifiedAtMs: null,
    trouble: null,
  };
}
