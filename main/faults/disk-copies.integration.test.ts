import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { MiB } from "../bytes/sizes.ts";
import { CacheRig } from "../cache-rig.ts";
import { cloneFile } from "../disk/clone-file.ts";
import { canShare, folderOn, TinyDisk } from "./disk-rig.ts";
import type { SharingKind } from "./disk-rig.ts";

const KINDS: readonly SharingKind[] = ["xfs", "btrfs"];

let rig: CacheRig;
let disk: TinyDisk | null = null;
let cache = "";
beforeAll(async () => {
  // What the engine waits for passes twenty times as fast: it looks at disks ten times a second.
  rig = await CacheRig.open(cloneFile, { pace: 20, waits: { stallMs: 20_000 } });
}, 60_000);
afterAll(() => rig.faults.close(), 30_000);
afterEach(() => {
  disk?.close();
  disk = null;
});

/** A disk that has a cache folder and nothing else. */
async function open(kind: SharingKind): Promise<TinyDisk> {
  disk = TinyDisk.sharing(rig.faults.folder, kind, 400);
  cache = folderOn(disk, "cache");
  const { client } = rig.faults;
  await client.call("cache.addFolder", { folder: { path: cache }, quotaBytes: null });
  await client.call("cache.setFolder", { path: cache, quotaBytes: null, keepFreeBytes: 0 });
  return disk;
}

type Placed = { readonly path: string; readonly folder: string };

/** Fetches into a folder of its own on the disk, to the end; it may rest for the disk meanwhile. */
async function fetchTo(on: TinyDisk, key: string, more: object = {}): Promise<Placed> {
  const folder = mkdtempSync(join(on.folder, "down-"));
  const { id } = await rig.faults.download(key, { folder: { path: folder }, ...more });
  await rig.faults.until(id, ({ state }) => state.phase === "done");
  return { folder, path: join(folder, basename(key)) };
}

describe.each(KINDS)("on %s, which shares bytes between files,", (kind) => {
  // Needs root, to mount disks of its own, and the program that makes them.
  const onDisks = it.skipIf(!canShare(kind));

  onDisks("a copy takes no room of its own, and later downloads are made of it", async () => {
    const on = await open(kind);
    const { key, sha256 } = await rig.inParts(60 * MiB);
    const beforeBytes = on.freeBytes;
    const first = await fetchTo(on, key, { cache: true });
    expect(beforeBytes - on.freeBytes).toBeLessThan(80 * MiB);
    const [copy] = await rig.copiesOf(key);
    expect(copy).toMatchObject({ frees: "shared", freesBytes: 0 });
    expect(statSync(copy?.path ?? "").ino).not.toBe(statSync(first.path).ino);
    rmSync(first.path);
    await rig.faults.script();
    const second = await fetchTo(on, key);
    expect(rig.fetchedBytes(key)).toBe(0);
    expect(await rig.faults.fileSha256(second.path)).toBe(sha256);
  });

  onDisks("D2 a full disk: copies that can be had again go, and the download goes on", async () => {
    const on = await open(kind);
    const [old, next] = [await rig.faults.seed(130 * MiB), await rig.faults.seed(60 * MiB)];
    rmSync((await fetchTo(on, old.key, { cache: true })).path);
    const [copy] = await rig.copiesOf(old.key);
    on.leaveFree(30 * MiB);
    const { folder, path } = await fetchTo(on, next.key);
    expect(existsSync(copy?.path ?? "")).toBe(false);
    expect(await rig.faults.fileSha256(path)).toBe(next.sha256);
    expect(readdirSync(folder)).toEqual([next.key]);
  });
});
