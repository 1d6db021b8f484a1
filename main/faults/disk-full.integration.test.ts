import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { TransferView } from "#shared/transfer.ts";
import { KiB, MiB } from "../bytes/sizes.ts";
import { canMount, folderOn, TinyDisk } from "./disk-rig.ts";
import { FaultRig } from "./fault-rig.ts";

/** Needs root, to mount disks of its own. */
const onDisks = it.skipIf(!canMount());

let rig: FaultRig;
const disks: TinyDisk[] = [];

beforeAll(async () => {
  // What the engine waits for passes twenty times as fast: it looks at disks ten times a second.
  rig = await FaultRig.open({ pace: 20, waits: { stallMs: 20_000 } });
}, 60_000);
afterAll(async () => {
  await rig.close();
});
afterEach(() => {
  for (const disk of disks.splice(0)) disk.close();
});

function tmpfs(sizeMib: number): TinyDisk {
  const disk = TinyDisk.tmpfs(rig.folder, sizeMib);
  disks.push(disk);
  return disk;
}

function ext4(sizeMib: number): TinyDisk {
  const disk = TinyDisk.ext4(rig.folder, sizeMib);
  disks.push(disk);
  return disk;
}

/** Starts to fetch an object into a folder of a disk. */
async function fetchInto(folder: string, key: string) {
  const { id } = await rig.download(key, { folder: { path: folder } });
  return { id, path: join(folder, key) };
}

const isPaused = ({ state }: TransferView) => state.phase === "paused";
const isDone = ({ state }: TransferView) => state.phase === "done";
const getsOf = (key: string) => rig.requests({ op: "GetObject", key });
/** The first bytes of the object come at this pace, so that something can happen meanwhile. */
const slowly = (key: string, bytesPerSecond = 20 * MiB, times: number | null = null) =>
  ({
    on: { op: "GetObject", key },
    times,
    fault: { kind: "trickle", bytesPerSecond },
  }) as const;

onDisks("D2 another program fills the disk: pauses for it, and goes on by itself", async () => {
  const disk = tmpfs(40);
  const { key, sha256 } = await rig.seed(20 * MiB);
  await rig.script(slowly(key));
  const { id, path } = await fetchInto(disk.folder, key);
  await rig.until(id, ({ doneBytes, inFlightBytes }) => doneBytes + inFlightBytes > 0);
  disk.leaveFree(4 * MiB);
  const { state } = await rig.until(id, isPaused);
  expect(state).toMatchObject({ cause: "disk", error: { code: "disk-full" } });
  expect(existsSync(path)).toBe(false);
  // Room for less than it needs is no room: it rests on.
  const askedCount = getsOf(key).length;
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(getsOf(key)).toHaveLength(askedCount);
  disk.freeUp();
  await rig.until(id, isDone);
  expect(await rig.fileSha256(path)).toBe(sha256);
  expect(readdirSync(disk.folder)).toEqual([key]);
  expect(getsOf(key).length).toBeLessThanOrEqual(askedCount + 2);
});

onDisks("D11 sparse files of two transfers: neither counts the other's room as free", async () => {
  const disk = tmpfs(40);
  const [first, second] = [await rig.seed(20 * MiB), await rig.seed(20 * MiB)];
  await rig.script(slowly(first.key, 8 * MiB));
  const slow = await fetchInto(folderOn(disk, "a"), first.key);
  await rig.until(slow.id, ({ inFlightBytes }) => inFlightBytes > 0);
  // By the file system alone, there is room for both.
  expect(disk.freeBytes).toBeGreaterThan(20 * MiB);
  const other = await fetchInto(folderOn(disk, "b"), second.key);
  const { state } = await rig.until(other.id, isPaused);
  expect(state).toMatchObject({
    cause: "disk",
    error: { code: "disk-full", details: { neededBytes: 20 * MiB } },
  });
  expect(getsOf(second.key)).toEqual([]);
  expect(existsSync(other.path)).toBe(false);
  await rig.until(slow.id, isDone);
  disk.resize(64);
  await rig.until(other.id, isDone);
  expect(await rig.fileSha256(slow.path)).toBe(first.sha256);
  expect(await rig.fileSha256(other.path)).toBe(second.sha256);
});

onDisks(
  "D11 a folder that does not fit: waits before a byte of it moves, says how much it needs",
  async () => {
    const disk = tmpfs(24);
    const folder = folderOn(disk, "tree");
    const bytes = rig.bytes(6 * MiB);
    for (const n of [1, 2, 3, 4]) await rig.put(`big/${n}.bin`, bytes);
    await rig.script();
    const { id } = await rig.download("big/", { folder: { path: folder }, contentsOnly: true });
    const { state } = await rig.until(id, isPaused);
    expect(state).toMatchObject({ error: { details: { neededBytes: 24 * MiB } } });
    expect(rig.requests({ op: "GetObject" })).toEqual([]);
    // Files that are there already need no room.
    for (const n of [1, 2, 3]) writeFileSync(join(folder, `${n}.bin`), bytes);
    disk.resize(32);
    await rig.client.call("transfer.resume", { id });
    expect(await rig.until(id, isDone)).toMatchObject({ skippedItemCount: 3, doneItemCount: 1 });
    expect(rig.requests({ op: "GetObject" })).toHaveLength(1);
  },
);

it("D10 a file of full size from the start: progress tells what came, not how long the file is", async () => {
  const { key, sha256 } = await rig.seed(20 * MiB);
  await rig.script(slowly(key, 4 * MiB, 1), {
    on: { op: "GetObject", key },
    fault: { kind: "break", how: "silence", at: "head" },
  });
  const { id, path } = await rig.download(key);
  const view = await rig.until(id, ({ inFlightBytes }) => inFlightBytes > 0);
  const part = readdirSync(join(path, "..")).find((name) => name.endsWith(".part")) ?? "";
  const { size, blocks } = statSync(join(path, "..", part));
  expect(size).toBe(20 * MiB);
  // Not a block more than was written: nothing was filled with zeros up to there.
  expect(blocks * 512).toBeLessThan(20 * MiB);
  expect(view.doneBytes).toBeLessThan(20 * MiB);
  await rig.rules({ rules: [] });
  rig.client.call("transfer.pause", { id }).then(
    () => rig.client.call("transfer.resume", { id }),
    () => undefined,
  );
  await rig.until(id, isDone);
  expect(await rig.fileSha256(path)).toBe(sha256);
});

onDisks(
  "D4 folder that can only be read: pauses with the reason, goes on by itself when it can be written",
  async () => {
    const disk = tmpfs(64);
    const { key, sha256 } = await rig.seed(20 * MiB);
    await rig.script(slowly(key));
    const { id, path } = await fetchInto(disk.folder, key);
    await rig.until(id, ({ inFlightBytes }) => inFlightBytes > 0);
    disk.readOnly(true);
    const { state } = await rig.until(id, isPaused);
    expect(state).toMatchObject({
      cause: "disk",
      error: { code: "folder-denied", details: { cause: "EROFS", path: disk.folder } },
    });
    expect(existsSync(path)).toBe(false);
    const askedCount = getsOf(key).length;
    disk.readOnly(false);
    await rig.until(id, isDone);
    expect(await rig.fileSha256(path)).toBe(sha256);
    // Only the name was missing.
    expect(getsOf(key)).toHaveLength(askedCount);
  },
);

onDisks(
  "D4 disk that is pulled: waits for it, writes nothing into the empty folder, goes on with what it had",
  async () => {
    const disk = ext4(64);
    const { key, sha256 } = await rig.seed(20 * MiB);
    await rig.script(slowly(key));
    const { id, path } = await fetchInto(disk.folder, key);
    await rig.until(id, ({ inFlightBytes }) => inFlightBytes > 0);
    disk.detach();
    const { state } = await rig.until(id, isPaused);
    expect(state).toMatchObject({ cause: "folder-missing", error: { code: "folder-missing" } });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(readdirSync(disk.folder)).toEqual([]);
    disk.attach();
    await rig.until(id, isDone);
    expect(await rig.fileSha256(path)).toBe(sha256);
    // What was whole by then is not asked for again.
    const ranges = getsOf(key).map(({ range }) => range);
    expect(ranges.filter((range) => range === "16777216-20971520")).toHaveLength(1);
    expect(ranges.length).toBeLessThanOrEqual(3);
  },
);

it("D4 folder that is removed: pauses for it, begins again when it is back", async () => {
  const folder = join(rig.folder, "lost");
  mkdirSync(folder);
  const { key, sha256 } = await rig.seed(20 * MiB);
  await rig.script(slowly(key));
  const { id, path } = await fetchInto(folder, key);
  await rig.until(id, ({ inFlightBytes }) => inFlightBytes > 0);
  rmSync(folder, { recursive: true });
  const { state } = await rig.until(id, isPaused);
  expect(state).toMatchObject({ cause: "folder-missing", error: { details: { path: folder } } });
  mkdirSync(folder);
  await rig.until(id, isDone);
  expect(await rig.fileSha256(path)).toBe(sha256);
  expect(readdirSync(folder)).toEqual([key]);
  expect(getsOf(key)).toHaveLength(4);
});

onDisks(
  "D6 home and destination on different disks: the partial file lies beside its name, nothing is copied",
  async () => {
    const disk = tmpfs(64);
    const { key, sha256 } = await rig.seed(20 * MiB);
    await rig.script(slowly(key));
    const { id, path } = await fetchInto(disk.folder, key);
    await rig.until(id, ({ inFlightBytes }) => inFlightBytes > 0);
    const [part = ""] = readdirSync(disk.folder);
    const { ino } = statSync(join(disk.folder, part));
    expect(part).toMatch(/^\.longhaul-.*\.part$/);
    await rig.until(id, isDone);
    expect(await rig.fileSha256(path)).toBe(sha256);
    expect(statSync(path).ino).toBe(ino);
    expect(getsOf(key)).toHaveLength(2);
  },
);

onDisks(
  "D2 ENOSPC at random bytes (P9): none fails, all finish once there is room",
  async () => {
    const rounds = process.env["LONGHAUL_LABS"] === "1" ? 200 : 20;
    const { key, sha256 } = await rig.seed(4 * MiB);
    await rig.script({
      on: { op: "GetObject" },
      times: null,
      fault: { kind: "delay", ms: 120 },
    });
    const filled = await Promise.all(
      [0, 1, 2, 3].map(async (lane) => {
        const disk = tmpfs(10);
        let count = 0;
        for (let round = lane; round < rounds; round += 4) {
          count += await fillInRound(disk, { round, key, sha256 });
        }
        return count;
      }),
    );
    expect(filled.reduce((sum, count) => sum + count)).toBeGreaterThan(rounds * 0.75);
  },
  600_000,
);

/** Room that is promised, and then is not there: at another byte each time. @returns 1 when it was met. */
async function fillInRound(
  disk: TinyDisk,
  { round, key, sha256 }: { round: number; key: string; sha256: string },
): Promise<number> {
  const folder = folderOn(disk, `${round}`);
  const { id, path } = await fetchInto(folder, key);
  while (readdirSync(folder).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  disk.leaveFree(((round * 104_729) % (3 * MiB)) + 64 * KiB);
  const { state } = await rig.rest(id);
  expect(["paused", "done"]).toContain(state.phase);
  disk.freeUp();
  await rig.until(id, isDone);
  expect(await rig.fileSha256(path)).toBe(sha256);
  rmSync(folder, { recursive: true });
  return state.phase === "paused" ? 1 : 0;
}

onDisks(
  "D18 disk that hangs: everything else goes on, and so does it when it answers again",
  async () => {
    const disk = ext4(128);
    const stuck = await rig.seed(60 * MiB);
    const other = await rig.seed(20 * MiB);
    for (let n = 0; n < 40; n += 1) await rig.put(`frozen/${n}.bin`, rig.bytes(100 * KiB));
    await rig.script(slowly(stuck.key));
    const folders = ["a", "b", "c"].map((name) => folderOn(disk, name));
    await rig.client.call("settings.set", { maxDownloads: 5 });
    const hanging = await fetchInto(disk.folder, stuck.key);
    await rig.until(hanging.id, ({ inFlightBytes }) => inFlightBytes > 0);
    disk.freeze(true);
    // Three times eight files at once that cannot even be made.
    const many = await Promise.all(
      folders.map((path) => rig.download("frozen/", { folder: { path }, contentsOnly: true })),
    );
    try {
      // Until nothing of it can be written any more.
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const startedMs = performance.now();
      const { id, path } = await rig.download(other.key);
      await rig.until(id, isDone);
      expect(await rig.fileSha256(path)).toBe(other.sha256);
      expect(await rig.client.call("folder.list", { path: rig.folder })).toMatchObject({});
      expect(performance.now() - startedMs).toBeLessThan(5000);
      // Words for it blame this disk, and not the store that sends.
      const isStalled = ({ state }: TransferView) =>
        state.phase === "running" && state.activity.kind === "stalled";
      expect((await rig.until(hanging.id, isStalled)).state).toMatchObject({
        activity: { isOnDisk: true, retry: null },
      });
    } finally {
      disk.freeze(false);
    }
    await rig.until(hanging.id, isDone);
    expect(await rig.fileSha256(hanging.path)).toBe(stuck.sha256);
    for (const { id } of many) {
      expect(await rig.until(id, isDone)).toMatchObject({ doneItemCount: 40 });
    }
  },
);
