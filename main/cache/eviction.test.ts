import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CacheFilesRig } from "./cache-files-rig.ts";
import type { Entry } from "./entry.ts";
import { Eviction, floorOf } from "./eviction.ts";
import type { Goal } from "./eviction.ts";
import { wantedBy } from "./is-wanted.ts";

let rig: CacheFilesRig;
let eviction: Eviction;
let queued: (entry: Entry) => boolean = () => false;
let changes = 0;
const volume = { id: "disk", freeBytes: 10_000, totalBytes: 1000 };

beforeEach(async () => {
  rig = new CacheFilesRig();
  await rig.open();
  queued = () => false;
  changes = 0;
  Object.assign(volume, { freeBytes: 10_000, totalBytes: 1000 });
  eviction = new Eviction({
    journal: rig.journal,
    folders: rig.folders,
    held: rig.held,
    queued: () => (entry) => queued(entry),
    readVolume: async (folder) => ({ ...volume, id: folder === "/other" ? "other" : volume.id }),
    onChange: () => void (changes += 1),
  });
});
afterEach(() => rig.close());

/** Ten bytes each, the first one the least recently used. */
function copies(...keys: readonly string[]): Entry[] {
  return keys.map((name, at) => rig.copy(name, { usedAtMs: at }));
}

function setQuota(quotaBytes: number | null, keepFreeBytes: number | null = null): void {
  rig.folders.set(rig.folders.defaultPath, { quotaBytes, keepFreeBytes });
}

async function names(goal: Partial<Goal> = {}): Promise<readonly string[]> {
  const plan = await eviction.preview({ freeBytes: null, folder: null, ...goal }, rig.signal);
  return plan.going.map(({ entry }) => entry.key);
}

describe("a preview", () => {
  it("names the least recently used until enough is free", async () => {
    copies("a", "b", "c");
    expect(await names({ freeBytes: 11 })).toEqual(["a", "b"]);
    expect(await names({ freeBytes: 10 })).toEqual(["a"]);
  });

  it("says when all of it is not enough", async () => {
    copies("a");
    const plan = await eviction.preview({ freeBytes: 11, folder: null }, rig.signal);
    expect(plan).toMatchObject({ freedBytes: 10, isEnough: false });
  });

  it("leaves out what is pinned, queued, being read, or shares its bytes with a user's file", async () => {
    const [, b, c] = copies("a", "b", "c", "d", "e");
    rig.journal.put({ ...rig.copy("a", { usedAtMs: 0 }), isPinned: true });
    queued = ({ key }) => key === b?.key;
    if (c) rig.held.hold(c.path);
    const own = rig.file(join(rig.home, "d"), "0123456789", { key: "d" });
    expect(await names({ freeBytes: 100 })).toEqual(["e"]);
    // A user's file that is another one now shares nothing.
    writeFileSync(own.path, "another");
    expect(await names({ freeBytes: 100 })).toEqual(["d", "e"]);
  });

  it("goes through all folders by use, or through one", async () => {
    copies("a", "b");
    const disk = await rig.folders.add(join(rig.home, "disk"), null);
    const path = join(disk.path, "x.blob");
    rig.file(path, "0123456789", { kind: "managed", key: "x", usedAtMs: 0.5 });
    expect(await names({ freeBytes: 30 })).toEqual(["a", "x", "b"]);
    expect(await names({ freeBytes: 30, folder: disk.path })).toEqual(["x"]);
    expect(await names({ freeBytes: 15 })).toEqual(["a", "x"]);
  });

  it("leaves a folder that is not there alone", async () => {
    const disk = await rig.folders.add(join(rig.home, "disk"), 1);
    rig.file(join(disk.path, "x.blob"), "0123456789", { kind: "managed", key: "x" });
    rmSync(join(disk.path, ".longhaul-cache"));
    expect(await names({ freeBytes: 30 })).toEqual([]);
    expect(await names()).toEqual([]);
  });

  it("without a goal keeps to the quota, also with copies that free nothing", async () => {
    copies("a", "b", "c");
    rig.file(join(rig.home, "a"), "0123456789", { key: "a" });
    setQuota(20);
    expect(await names()).toEqual(["a"]);
    setQuota(30);
    expect(await names()).toEqual([]);
  });

  it("without a goal keeps to the floor, only with copies that free something", async () => {
    copies("a", "b", "c");
    rig.file(join(rig.home, "a"), "0123456789", { key: "a" });
    Object.assign(volume, { freeBytes: 90 });
    expect(await names()).toEqual(["b"]);
    setQuota(null, 115);
    expect(await names()).toEqual(["b", "c"]);
  });
});

describe("freeing", () => {
  const goal = { freeBytes: 15, folder: null };

  it("deletes exactly what the preview said", async () => {
    const all = copies("a", "b", "c");
    const plan = await eviction.preview(goal, rig.signal);
    const freed = await eviction.free(goal, plan, rig.signal);
    expect(freed).toEqual({ freedBytes: 20, count: 2, keptCount: 0 });
    expect(all.map(({ path }) => existsSync(path))).toEqual([false, false, true]);
    expect(changes).toBe(1);
  });

  it("deletes nothing when another list would go by now", async () => {
    const all = copies("a", "b", "c");
    const plan = await eviction.preview(goal, rig.signal);
    queued = ({ key }) => key === "a";
    const late = eviction.free(goal, plan, rig.signal);
    await expect(late).rejects.toMatchObject({ code: "conflict" });
    expect(all.every(({ path }) => existsSync(path))).toBe(true);
  });

  it("counts only what went: a file that was written to since stays", async () => {
    const [a] = copies("a", "b");
    const plan = await eviction.preview(goal, rig.signal);
    if (a) writeFileSync(a.path, "mine");
    const freed = await eviction.free(goal, plan, rig.signal);
    expect(freed).toEqual({ freedBytes: 10, count: 1, keptCount: 1 });
  });
});

describe("room under a quota", () => {
  const folder = () => rig.folders.get(rig.folders.defaultPath);

  it("is there without one", async () => {
    expect(await eviction.makeRoom(folder(), 10 ** 9, rig.signal)).toBe(true);
  });

  it("is made of the least recently used", async () => {
    const [a, b] = copies("a", "b");
    setQuota(25);
    expect(await eviction.makeRoom(folder(), 10, rig.signal)).toBe(true);
    expect([a, b].map((one) => existsSync(one?.path ?? ""))).toEqual([false, true]);
  });

  it("cannot be made for what is larger than the quota, or of pins, and then nothing goes", async () => {
    const [a] = copies("a", "b");
    setQuota(25);
    expect(await eviction.makeRoom(folder(), 26, rig.signal)).toBe(false);
    for (const entry of rig.journal.entries.values()) rig.journal.put({ ...entry, isPinned: true });
    expect(await eviction.makeRoom(folder(), 10, rig.signal)).toBe(false);
    expect(existsSync(a?.path ?? "")).toBe(true);
  });
});

describe("room on a disk", () => {
  it("is made of the least recently used, for what is to come beside them", async () => {
    const [a, b] = copies("a", "b");
    expect(await eviction.makeFree("/elsewhere/on/it", 8, rig.signal)).toBe(true);
    expect([a, b].map((one) => existsSync(one?.path ?? ""))).toEqual([false, true]);
  });

  it("is not made of pins, of less than is needed, or on another disk, and then nothing goes", async () => {
    const [a] = copies("a", "b");
    const isMade = async (bytes: number, folder = "/dst") =>
      await eviction.makeFree(folder, bytes, rig.signal);
    expect(await isMade(21)).toBe(false);
    expect(await isMade(8, "/other")).toBe(false);
    // There is enough of it all in all, and too little of what may go.
    const [b] = [...rig.journal.entries.values()].slice(1);
    if (b !== undefined) rig.journal.put({ ...b, isPinned: true });
    expect(await isMade(15)).toBe(false);
    expect(existsSync(a?.path ?? "")).toBe(true);
    for (const entry of rig.journal.entries.values()) rig.journal.put({ ...entry, isPinned: true });
    expect(await isMade(8)).toBe(false);
    expect(existsSync(a?.path ?? "")).toBe(true);
  });
});

it("tends quotas and floors by itself", async () => {
  const [a] = copies("a", "b");
  setQuota(10);
  expect(await eviction.tend(rig.signal)).toMatchObject({ count: 1 });
  expect(existsSync(a?.path ?? "")).toBe(false);
  expect(await eviction.tend(rig.signal)).toMatchObject({ count: 0 });
});

it("keeps at least as much free as transfers do", () => {
  expect(floorOf(null, 1000)).toBe(100);
  expect(floorOf(50, 1000)).toBe(100);
  expect(floorOf(500, 1000)).toBe(500);
});

describe("what unfinished transfers use", () => {
  const isWanted = wantedBy([
    { origin: "here", keys: ["a.bin", "tree/"] },
    { origin: "there", keys: [""] },
  ]);

  it.each([
    ["here", "a.bin", true],
    ["here", "a.bin2", false],
    ["here", "tree/deep/b", true],
    ["here", "tree", false],
    ["there", "anything", true],
    ["elsewhere", "a.bin", false],
  ])("in %s is %s: %s", (origin, key, answer) => {
    expect(isWanted({ origin, key })).toBe(answer);
  });
});
