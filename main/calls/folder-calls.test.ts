import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FolderPage } from "#shared/contract.ts";
import { SpaceLedger } from "../disk/free-space.ts";
import { GiB } from "../bytes/sizes.ts";
import { aHostInfo, resolveBelow } from "./calls-rig.ts";
import { folderCalls } from "./folder-calls.ts";

let base: string;
/** What the page may see, below `base`. */
let root: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "longhaul-folder-calls-"));
  root = join(base, "root");
  mkdirSync(root);
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

function calls(roots = [root]) {
  const volume = { id: "disk", freeBytes: 50 * GiB, totalBytes: 200 * GiB };
  return folderCalls({
    info: aHostInfo({ roots, userFolder: root }),
    resolve: resolveBelow(root),
    space: new SpaceLedger(async () => volume),
  });
}

const list = async (path: string | null = root) => calls()["folder.list"]({ path });
const make = (parent: string, name: string) => calls()["folder.make"]({ parent, name });
const measure = (...paths: string[]) =>
  calls()["folder.measure"]({ sources: paths.map((path) => ({ path })) });

function put(name: string, sizeBytes = 0): string {
  const path = join(root, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, Buffer.alloc(sizeBytes));
  return path;
}

describe("folder.list", () => {
  it("shows folders first, each in the order of people", async () => {
    for (const name of ["b10.bin", "b9.bin", "A.bin", "z/inside", "Y/inside"]) put(name, 3);
    const page = await list();
    expect(page.entries.map(({ name, kind, sizeBytes }) => [name, kind, sizeBytes])).toEqual([
      ["Y", "folder", 0],
      ["z", "folder", 0],
      ["A.bin", "file", 3],
      ["b9.bin", "file", 3],
      ["b10.bin", "file", 3],
    ]);
    expect(FolderPage.parse(page)).toEqual(page);
  });

  it("begins at the first root, and at the home folder where there is none", async () => {
    put("tree/a");
    const begin = join(root, "tree");
    expect((await calls([begin, root])["folder.list"]({ path: null })).path).toBe(begin);
    expect((await calls([])["folder.list"]({ path: null })).path).toBe(root);
  });

  it("leads up to the root and no further", async () => {
    put("tree/inner/a");
    expect((await list(join(root, "tree/inner"))).parent).toBe(join(root, "tree"));
    expect((await list(join(root, "tree"))).parent).toBe(root);
    expect((await list(root)).parent).toBeNull();
  });

  it("has no parent where the file system begins", async () => {
    const info = aHostInfo({ roots: ["/"], userFolder: root });
    const resolve = async () => "/";
    const { "folder.list": listAll } = folderCalls({ info, resolve, space: new SpaceLedger() });
    expect(await listAll({ path: "/" })).toMatchObject({ path: "/", parent: null });
  });

  it.each(["..", "tree/../..", "../root-beside"])("does not show %j of the root", async (path) => {
    mkdirSync(join(base, "root-beside"));
    await expect(list(join(root, path))).rejects.toMatchObject({ code: "path-denied" });
  });
});

describe("the entries of a folder", () => {
  it("are what links lead to, but not what leads nowhere", async () => {
    put("real/a", 1);
    symlinkSync(join(root, "real"), join(root, "to-folder"));
    symlinkSync(join(root, "real/a"), join(root, "to-file"));
    symlinkSync(join(root, "gone"), join(root, "broken"));
    symlinkSync(join(root, "circle"), join(root, "circle"));
    const { entries } = await list();
    expect(entries.map(({ name, kind }) => [name, kind])).toEqual([
      ["real", "folder"],
      ["to-folder", "folder"],
      ["to-file", "file"],
    ]);
  });

  it("have a path that finds them, also where the name is no UTF-8", async () => {
    const raw = Buffer.concat([Buffer.from(`${root}/caf`), Buffer.of(0xe9), Buffer.from(".bin")]);
    closeSync(openSync(raw, "w"));
    const [entry] = (await list()).entries;
    expect(entry).toMatchObject({ name: "caf%E9.bin", kind: "file" });
    expect(await measure(entry?.path ?? "")).toMatchObject({ files: 1 });
  });

  it("are 5,000 at most, and the page says that there are more", async () => {
    for (let n = 0; n < 5000; n += 1) writeFileSync(join(root, `f${n}`), "");
    const full = await list();
    expect([full.entries.length, full.isCut]).toEqual([5000, false]);
    writeFileSync(join(root, "one-more"), "");
    const cut = await list();
    expect([cut.entries.length, cut.isCut]).toEqual([5000, true]);
  });

  it("are not called cut for what would not be shown", async () => {
    for (let n = 0; n < 5000; n += 1) writeFileSync(join(root, `f${n}`), "");
    for (let n = 0; n < 20; n += 1) symlinkSync(join(root, "gone"), join(root, `broken${n}`));
    expect((await list()).isCut).toBe(false);
  });
});

describe("a folder that cannot be listed", () => {
  it("is missing when it is gone or is none", async () => {
    const path = put("file");
    await expect(list(join(root, "gone"))).rejects.toMatchObject({ code: "path-missing" });
    await expect(list(path)).rejects.toMatchObject({ code: "path-missing" });
  });

  it.skipIf(process.getuid?.() === 0)("is denied when it may not be read", async () => {
    mkdirSync(join(root, "closed"));
    chmodSync(join(root, "closed"), 0);
    await expect(list(join(root, "closed"))).rejects.toMatchObject({ code: "path-denied" });
  });
});

describe("folder.make", () => {
  it("makes a folder and shows it as a listing does", async () => {
    const made = await make(root, "models");
    const [listed] = (await list()).entries;
    expect({ ...made, modifiedAtMs: 0 }).toEqual({ ...listed, modifiedAtMs: 0 });
  });

  it.each(["a/b", "a\\b", "..", ".", "a\0b", "../up"])("refuses the name %j", async (name) => {
    await expect(make(root, name)).rejects.toMatchObject({ code: "invalid" });
    expect((await list()).entries).toEqual([]);
  });

  it("says that the name is taken, by a folder or a file", async () => {
    put("taken");
    await make(root, "again");
    for (const name of ["taken", "again"]) {
      await expect(make(root, name)).rejects.toMatchObject({ code: "conflict" });
    }
  });

  it("makes none out of bounds, nor below what is not there", async () => {
    await expect(make(base, "beside")).rejects.toMatchObject({ code: "path-denied" });
    await expect(make(join(root, "gone"), "x")).rejects.toMatchObject({ code: "folder-missing" });
  });
});

describe("folder.space", () => {
  it("says what is free, and how much of that is kept", async () => {
    expect(await calls()["folder.space"]({ folder: { path: root } })).toEqual({
      path: root,
      freeBytes: 50 * GiB,
      reservedBytes: 2 * GiB,
    });
  });

  it("is not told out of bounds", async () => {
    const asking = calls()["folder.space"]({ folder: { path: base } });
    await expect(asking).rejects.toMatchObject({ code: "path-denied" });
  });
});

describe("folder.measure", () => {
  it("counts files of folders and files by themselves, and the folders that were named", async () => {
    put("tree/a", 10);
    put("tree/deep/er/b", 20);
    symlinkSync(join(root, "tree"), join(root, "tree/loop"));
    const lone = put("lone", 5);
    expect(await measure(join(root, "tree"), lone)).toEqual({
      files: 3,
      folders: 1,
      sizeBytes: 35,
      isCut: false,
    });
  });

  it("counts an empty folder", async () => {
    mkdirSync(join(root, "empty"));
    expect(await measure(join(root, "empty"))).toMatchObject({ files: 0, folders: 1 });
  });

  it("says which source is gone or may not be seen", async () => {
    await expect(measure(join(root, "gone"))).rejects.toMatchObject({ code: "path-missing" });
    await expect(measure(base)).rejects.toMatchObject({ code: "path-denied" });
  });
});
