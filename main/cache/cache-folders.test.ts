import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CacheFolders } from "./cache-folders.ts";
import { CacheFilesRig } from "./cache-files-rig.ts";

let rig: CacheFilesRig;
beforeEach(() => {
  rig = new CacheFilesRig();
});
afterEach(() => rig.close());

describe("the default folder", () => {
  it("is in the list from the start, and made when it is first needed", async () => {
    const { folders } = rig;
    const [own] = folders.list();
    expect(own).toMatchObject({ path: join(rig.home, "cache"), quotaBytes: null });
    expect(own && (await folders.isThere(own))).toBe(true);
    expect(() => statSync(join(rig.home, "cache"))).toThrow("ENOENT");
    const path = await rig.open();
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(path, ".longhaul-cache"), "utf8")).toContain("Longhaul keeps copies");
  });

  it("cannot be removed", () => {
    expect(() => rig.folders.remove(rig.folders.defaultPath)).toThrow("default");
  });

  it("is marked again where a crash came before its marker was written", async () => {
    mkdirSync(rig.folders.defaultPath);
    writeFileSync(join(rig.folders.defaultPath, ".longhaul-cache"), "");
    const path = await rig.open();
    expect(readFileSync(join(path, ".longhaul-cache"), "utf8")).toMatch(/^[0-9a-f-]{36}\n/u);
  });
});

describe("a folder that is added", () => {
  it("is kept over a restart, with its quota", async () => {
    const path = join(rig.home, "disk");
    await rig.folders.add(path, 5000);
    rig.folders.set(path, { keepFreeBytes: 7 });
    const after = new CacheFolders(rig.document, rig.home);
    expect(after.get(path)).toMatchObject({ quotaBytes: 5000, keepFreeBytes: 7 });
    expect(after.list()).toHaveLength(2);
  });

  it("is refused inside another one, around one, twice, or without a parent", async () => {
    const path = join(rig.home, "disk");
    await rig.folders.add(path, null);
    await expect(rig.folders.add(path, null)).rejects.toMatchObject({ code: "invalid" });
    await expect(rig.folders.add(join(path, "in"), null)).rejects.toThrow("inside");
    await expect(rig.folders.add(rig.home, null)).rejects.toThrow("holds");
    const orphan = join(rig.home, "no", "folder");
    await expect(rig.folders.add(orphan, null)).rejects.toMatchObject({ code: "folder-missing" });
  });

  it("is not there while another folder, or none, is in its place", async () => {
    const path = join(rig.home, "disk");
    const folder = await rig.folders.add(path, null);
    expect(await rig.folders.isThere(folder)).toBe(true);
    renameSync(path, `${path}-away`);
    expect(await rig.folders.isThere(folder)).toBe(false);
    mkdirSync(path);
    expect(await rig.folders.isThere(folder)).toBe(false);
    expect(await rig.folders.open(folder)).toBeNull();
    rmSync(path, { recursive: true });
    renameSync(`${path}-away`, path);
    expect(await rig.folders.isThere(folder)).toBe(true);
  });

  it("is known again by its marker after it was forgotten", async () => {
    const path = join(rig.home, "disk");
    const { marker } = await rig.folders.add(path, null);
    rig.folders.remove(path);
    expect(() => rig.folders.get(path)).toThrow("no cache folder");
    expect((await rig.folders.add(path, null)).marker).toBe(marker);
  });
});

it("finds the folder that a file is right in, and none for one deeper", async () => {
  const path = await rig.open();
  expect(rig.folders.of(join(path, "a.blob"))?.path).toBe(path);
  expect(rig.folders.of(join(path, "deep", "a.blob"))).toBeUndefined();
});
