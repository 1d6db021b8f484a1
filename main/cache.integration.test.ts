import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { MiB } from "./bytes/sizes.ts";
import { CacheRig, damage, isThere, pretendClone } from "./cache-rig.ts";
import { sha256Of } from "./faults/fault-rig.ts";

let rig: CacheRig;

beforeAll(async () => {
  rig = await CacheRig.open(pretendClone);
}, 60_000);
afterAll(() => rig.faults.close(), 30_000);
beforeEach(() => rig.faults.script());

const call = (...given: Parameters<CacheRig["faults"]["client"]["call"]>) =>
  rig.faults.client.call(...given);

function defaultFolder(): string {
  return join(rig.faults.folder, "cache");
}

describe("a copy that is kept", () => {
  it("serves a later download without a byte from the store", async () => {
    const { key, sha256 } = await rig.inParts(12 * MiB);
    const first = await rig.fetch(key, { cache: true });
    const [copy] = await rig.copiesOf(key);
    expect(copy).toMatchObject({ kind: "managed", frees: "shared", freesBytes: 0 });
    rmSync(first.path);
    await rig.faults.script();
    const second = await rig.fetch(key);
    expect(await rig.faults.fileSha256(second.path)).toBe(sha256);
    expect(rig.fetchedBytes(key)).toBe(0);
  });

  it("is not made where nobody asked for one", async () => {
    const { key } = await rig.faults.seed(2 * MiB);
    await rig.fetch(key);
    expect(await rig.copiesOf(key)).toEqual([]);
  });

  it("is made once for one version, however often it is fetched", async () => {
    const { key } = await rig.faults.seed(2 * MiB);
    await rig.fetch(key, { cache: true });
    await rig.fetch(key, { cache: true });
    expect(await rig.copiesOf(key)).toHaveLength(1);
  });

  it("is of no use for another version of the object", async () => {
    const { key } = await rig.faults.seed(2 * MiB);
    await rig.fetch(key, { cache: true });
    const now = rig.faults.bytes(2 * MiB);
    await rig.faults.put(key, now);
    const again = await rig.fetch(key);
    expect(await rig.faults.fileSha256(again.path)).toBe(sha256Of(now));
  });

  it("D13 bit rot in a copy: a download compares all of it, and fetches only what is wrong", async () => {
    const { key, sha256 } = await rig.inParts(12 * MiB);
    const first = await rig.fetch(key, { cache: true });
    rmSync(first.path);
    const [copy] = await rig.copiesOf(key);
    const path = copy?.path ?? "";
    damage(path, 6 * MiB);
    rig.restamp({ path });
    await rig.faults.script();
    const second = await rig.fetch(key);
    expect(await rig.faults.fileSha256(second.path)).toBe(sha256);
    expect(rig.fetchedBytes(key)).toBe(5 * MiB);
    expect(await rig.entryAt(copy?.path ?? "")).toMatchObject({ trouble: "damaged" });
  });

  it("E5 entry corrupt: a copy that somebody wrote to is never used", async () => {
    const { key, sha256 } = await rig.faults.seed(2 * MiB);
    const first = await rig.fetch(key, { cache: true });
    const [copy] = await rig.copiesOf(key);
    for (const path of [first.path, copy?.path ?? ""]) writeFileSync(path, "mine");
    await rig.faults.script();
    const second = await rig.fetch(key);
    expect(await rig.faults.fileSha256(second.path)).toBe(sha256);
    expect(rig.fetchedBytes(key)).toBe(2 * MiB);
  });
});

describe("damage", () => {
  it("of 3 bytes in 3 pieces is found and mended with exactly those pieces", async () => {
    await rig.work("repair", null);
    const { key, sha256 } = await rig.inParts(27 * MiB);
    const { path } = await rig.fetch(key, { cache: true });
    const [copy] = await rig.copiesOf(key);
    const id = copy ?? (await rig.entryAt(path));
    damage(id.path, 1, 11 * MiB, 26 * MiB);
    expect(await rig.work("verify", [id])).toMatchObject({ damagedCount: 1, failedCount: 0 });
    expect(await rig.entryAt(id.path)).toMatchObject({ trouble: "damaged" });
    await rig.faults.script();
    const repaired = await rig.work("repair", null);
    expect(repaired).toMatchObject({ repairedCount: 1, fetchedBytes: 12 * MiB, failures: [] });
    expect(rig.fetchedBytes(key)).toBe(12 * MiB);
    expect(await rig.faults.fileSha256(id.path)).toBe(sha256);
    expect(await rig.entryAt(id.path)).toMatchObject({ trouble: null });
    expect(await rig.work("verify", [id])).toMatchObject({ damagedCount: 0, changedCount: 0 });
  });

  it("of a user's file that was written to is theirs, until they name it", async () => {
    const { key, sha256 } = await rig.inParts(12 * MiB);
    const { path } = await rig.fetch(key);
    damage(path, 6 * MiB);
    const id = await rig.entryAt(path);
    expect(await rig.work("verify", [id])).toMatchObject({ changedCount: 1, damagedCount: 0 });
    expect(await rig.work("repair", null)).toMatchObject({ totalCount: 0 });
    await rig.faults.script();
    expect(await rig.work("repair", [id])).toMatchObject({ repairedCount: 1, failures: [] });
    expect(rig.fetchedBytes(key)).toBe(5 * MiB);
    expect(await rig.faults.fileSha256(path)).toBe(sha256);
    expect(readdirSync(join(path, ".."))).toHaveLength(1);
  });

  it("without digests of pieces anywhere is mended by the whole object, and that is said", async () => {
    const { key, sha256 } = await rig.plain(3 * MiB);
    const { path } = await rig.fetch(key);
    damage(path, 1);
    const id = await rig.entryAt(path);
    const repaired = await rig.work("repair", [id]);
    expect(repaired.notes).toEqual([expect.stringContaining("fetched as a whole")]);
    expect(await rig.faults.fileSha256(path)).toBe(sha256);
  });

  it("is found piece by piece once a file was verified, whatever the origin has", async () => {
    const { key, sha256 } = await rig.plain(33 * MiB);
    const { path } = await rig.fetch(key);
    const id = await rig.entryAt(path);
    expect(await rig.work("verify", [id])).toMatchObject({ doneCount: 1, unprovenCount: 0 });
    damage(path, 1);
    await rig.faults.script();
    expect(await rig.work("repair", [id])).toMatchObject({ repairedCount: 1, notes: [] });
    expect(rig.fetchedBytes(key)).toBe(16 * MiB);
    expect(await rig.faults.fileSha256(path)).toBe(sha256);
  });
});

it("killed during a repair: the next engine removes what was left beside, and goes on", async () => {
  const { key, sha256 } = await rig.inParts(12 * MiB);
  const { path } = await rig.fetch(key);
  const id = await rig.entryAt(path);
  await rig.faults.stop();
  damage(path, 6 * MiB);
  const left = rig.leaveRepair(id);
  await rig.faults.start();
  await expect.poll(() => rig.faults.fileSha256(path), { timeout: 20_000 }).toBe(sha256);
  expect(isThere(left)).toBe(false);
  await expect
    .poll(async () => (await rig.faults.client.call("cache.work", null)).now, { timeout: 20_000 })
    .toBeNull();
  expect(await rig.entryAt(path)).toMatchObject({ trouble: null });
});

describe("a quota", () => {
  it("is never passed; what is pinned or a user's own stays", async () => {
    const folder = join(rig.faults.folder, "small");
    const QUOTA = 2 * MiB;
    await call("cache.addFolder", { folder: { path: folder }, quotaBytes: QUOTA });
    await call("cache.setFolder", { path: defaultFolder(), quotaBytes: 1 });
    const files: string[] = [];
    let pinned = "";
    for (let n = 0; n < 12; n += 1) {
      const { key } = await rig.faults.seed(MiB / 2);
      files.push((await rig.fetch(key, { cache: true })).path);
      const [copy] = await rig.copiesOf(key);
      if (n === 0 && copy !== undefined) {
        pinned = copy.path;
        await call("cache.pin", { ids: [idOf(copy)], isPinned: true });
      }
      const small = (await rig.folders()).find(({ path }) => path === folder);
      expect(small?.usedBytes).toBeLessThanOrEqual(QUOTA);
    }
    const left = await rig.entries({ filter: "managed", query: folder });
    expect(left).toHaveLength(4);
    expect(isThere(pinned)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.endsWith(".blob"))).toHaveLength(4);
    expect(files.every(isThere)).toBe(true);
  });

  it("previews exactly what goes, and lets nothing else go", async () => {
    for (const path of (await rig.entries({ filter: "own", limit: 500 })).map((one) => one.path))
      rmSync(path, { force: true });
    const goal = { freeBytes: MiB, folder: null };
    const preview = await rig.faults.client.call("cache.preview", goal);
    expect(preview).toMatchObject({ isEnough: true });
    const free = { ...goal, expectedBytes: preview.freedBytes, plan: preview.plan };
    const wrong = { ...free, expectedBytes: preview.freedBytes + 1 };
    await expect(call("cache.free", wrong)).rejects.toMatchObject({ code: "conflict" });
    expect(preview.entries.every(({ path }) => isThere(path))).toBe(true);
    expect(await call("cache.free", free)).toEqual({
      freedBytes: preview.freedBytes,
      count: preview.total,
      keptCount: 0,
    });
    expect(preview.entries.some(({ path }) => isThere(path))).toBe(false);
    await expect(call("cache.free", free)).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("what people may do to entries", () => {
  it("what an unfinished transfer asks for is in use, and not evicted", async () => {
    const { key } = await rig.faults.seed(MiB);
    await call("cache.setFolder", { path: defaultFolder(), quotaBytes: null });
    const { path } = await rig.fetch(key, { cache: true });
    rmSync(path);
    const [copy] = await rig.copiesOf(key);
    await rig.faults.script({
      on: { op: "HeadObject", key },
      fault: { kind: "delay", ms: 30_000 },
    });
    const { id } = await rig.faults.download(key);
    expect(await rig.entryAt(copy?.path ?? "")).toMatchObject({ isQueued: true });
    const goal = { freeBytes: 10 ** 12, folder: null };
    const during = await rig.faults.client.call("cache.preview", goal);
    expect(during.entries.map((one) => one.path)).not.toContain(copy?.path);
    await rig.faults.script();
    await call("transfer.cancel", { id, keepParts: false });
    const after = await rig.faults.client.call("cache.preview", goal);
    expect(after.entries.map((one) => one.path)).toContain(copy?.path);
  });

  it("a user's file is forgotten, a copy that is there is not, and no file is touched", async () => {
    const { key } = await rig.faults.seed(MiB);
    const { path } = await rig.fetch(key, { cache: true });
    const [copy] = await rig.copiesOf(key);
    if (copy === undefined) throw new Error("no copy");
    await expect(call("cache.forget", { ids: [idOf(copy)] })).rejects.toMatchObject({
      code: "invalid",
    });
    await call("cache.forget", { ids: [idOf(await rig.entryAt(path))] });
    expect(await rig.entries({ query: path })).toEqual([]);
    expect([path, copy.path].every(isThere)).toBe(true);
  });

  it("entries and work are told of, at most four times a second", async () => {
    const { key } = await rig.inParts(12 * MiB);
    await rig.fetch(key);
    const told: number[] = [];
    const stop = rig.faults.client.onEvent((event) => {
      if (event.type === "cache") told.push(performance.now());
    });
    await rig.work("verify", null);
    await expect.poll(() => told.length).toBeGreaterThan(0);
    stop();
    const seconds = ((told.at(-1) ?? 0) - (told[0] ?? 0)) / 1000;
    expect(told.length).toBeLessThanOrEqual(2 + seconds * 4);
  });
});

describe("a cache folder", () => {
  it("that is unplugged is shown and not forgotten, and of use when it is back", async () => {
    const folder = join(rig.faults.folder, "disk");
    await call("cache.addFolder", { folder: { path: folder }, quotaBytes: null });
    await call("cache.setFolder", { path: defaultFolder(), quotaBytes: 1 });
    await call("cache.setFolder", { path: join(rig.faults.folder, "small"), quotaBytes: 1 });
    const { key, sha256 } = await rig.inParts(12 * MiB);
    const first = await rig.fetch(key, { cache: true });
    rmSync(first.path);
    renameSync(folder, `${folder}-away`);
    // Where it was mounted there is an empty folder now.
    mkdirSync(folder);
    expect((await rig.folders()).at(-1)).toMatchObject({ isThere: false, usedBytes: 12 * MiB });
    const [copy] = await rig.copiesOf(key);
    expect(copy).toMatchObject({ trouble: "missing" });
    expect(await rig.work("verify", copy === undefined ? [] : [copy])).toMatchObject({
      missingCount: 1,
    });
    rmSync(folder, { recursive: true });
    renameSync(`${folder}-away`, folder);
    await rig.faults.script();
    const second = await rig.fetch(key);
    expect(await rig.faults.fileSha256(second.path)).toBe(sha256);
    expect(rig.fetchedBytes(key)).toBe(0);
    await expect(call("cache.removeFolder", { path: folder })).rejects.toMatchObject({
      code: "invalid",
    });
  });
});

function idOf({ path, origin, key }: { path: string; origin: string; key: string }) {
  return { path, origin, key };
}
