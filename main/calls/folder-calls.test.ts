import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HostInfo } from "#shared/contract.ts";
import { FolderPage } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";
import { isInside } from "../disk/is-below.ts";
import { SpaceLedger } from "../disk/free-space.ts";
import { folderCalls } from "./folder-calls.ts";

let root: string;
let calls: ReturnType<typeof folderCalls>;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "longhaul-folders-")));
  const info: HostInfo = {
    kind: "web",
    version: "0",
    platform: process.platform,
    home: root,
    roots: [root],
    pathSeparator: "/",
    userFolder: root,
    canShowInFolder: false,
    canPick: false,
  };
  const space = new SpaceLedger(async () => ({ id: "d", freeBytes: 9e12, totalBytes: 9e12 }));
  calls = folderCalls({
    info,
    space,
    resolve: async (ref) => {
      const path = "path" in ref ? ref.path : "/nowhere";
      if (!isInside(root, path)) throw new LonghaulError("path-denied", path);
      return path;
    },
  });
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe("folder.list", () => {
  it("begins at the root, folders first, numbers by value, and without what is neither", async () => {
    for (const name of ["b10", "b9", "A"]) writeFileSync(join(root, name), name);
    for (const name of ["z", "y"]) mkdirSync(join(root, name));
    symlinkSync("gone", join(root, "dangling"));
    const page = await calls["folder.list"]({ path: null });
    expect(FolderPage.parse(page)).toEqual(page);
    expect(page).toMatchObject({ path: root, parent: null, isCut: false });
    expect(page.entries.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      "folder y",
      "folder z",
      "file A",
      "file b9",
      "file b10",
    ]);
  });

  it("leads back up, but never out of the root", async () => {
    mkdirSync(join(root, "a/b"), { recursive: true });
    expect((await calls["folder.list"]({ path: join(root, "a/b") })).parent).toBe(join(root, "a"));
    expect((await calls["folder.list"]({ path: join(root, "a") })).parent).toBe(root);
    await expect(calls["folder.list"]({ path: "/" })).rejects.toMatchObject({
      code: "path-denied",
    });
  });

  it("is cut at 5,000 entries, and says so only when there are more", async () => {
    for (let n = 0; n < 5000; n += 1) writeFileSync(join(root, String(n)), "");
    const full = await calls["folder.list"]({ path: root });
    expect([full.entries.length, full.isCut]).toEqual([5000, false]);
    writeFileSync(join(root, "one more"), "");
    const cut = await calls["folder.list"]({ path: root });
    expect([cut.entries.length, cut.isCut]).toEqual([5000, true]);
  });

  it("says what cannot be listed", async () => {
    await expect(calls["folder.list"]({ path: join(root, "gone") })).rejects.toMatchObject({
      code: "path-missing",
    });
  });
});

describe("folder.make", () => {
  it("makes one folder", async () => {
    const made = await calls["folder.make"]({ parent: root, name: "new" });
    expect(made).toMatchObject({ name: "new", path: join(root, "new"), kind: "folder" });
    expect((await calls["folder.list"]({ path: root })).entries.map(({ name }) => name)).toEqual([
      "new",
    ]);
  });

  it.each(["..", ".", "a/b", "a\\b", "a\u0000b"])("refuses the name %j", async (name) => {
    await expect(calls["folder.make"]({ parent: root, name })).rejects.toMatchObject({
      code: "invalid",
    });
  });

  it("does not take what is there already for new", async () => {
    mkdirSync(join(root, "there"));
    await expect(calls["folder.make"]({ parent: root, name: "there" })).rejects.toBeInstanceOf(
      LonghaulError,
    );
  });
});

describe("folder.measure", () => {
  it("adds up files and folders", async () => {
    mkdirSync(join(root, "a/b"), { recursive: true });
    writeFileSync(join(root, "a/x"), "123");
    writeFileSync(join(root, "a/b/y"), "4567");
    writeFileSync(join(root, "z"), "89");
    const sources = [{ path: join(root, "a") }, { path: join(root, "z") }];
    expect(await calls["folder.measure"]({ sources })).toEqual({
      files: 3,
      folders: 1,
      sizeBytes: 9,
      isCut: false,
    });
  });

  it("says what is missing", async () => {
    const sources = [{ path: join(root, "gone") }];
    await expect(calls["folder.measure"]({ sources })).rejects.toMatchObject({
      code: "path-missing",
    });
  });
});

it("tells the free space of a folder that need not be there yet", async () => {
  const folder = { path: join(root, "not/yet") };
  const space = await calls["folder.space"]({ folder });
  expect(space).toMatchObject({ path: folder.path, freeBytes: 9e12 });
});
