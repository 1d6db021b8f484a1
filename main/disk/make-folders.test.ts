import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFolders } from "./make-folders.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "longhaul-folders-"));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe("makeFolders", () => {
  it("makes those that are missing, and says which is the topmost", async () => {
    expect(await makeFolders(join(root, "a/b/c"), 0o700)).toBe(join(root, "a"));
    expect(statSync(join(root, "a/b/c")).mode & 0o777).toBe(0o700);
    expect(await makeFolders(join(root, "a/b/d"))).toBe(join(root, "a/b/d"));
    expect(await makeFolders(join(root, "a/b/d"))).toBeUndefined();
  });

  it("makes the same folder for two at once", async () => {
    const path = join(root, "a/b/c");
    await Promise.all([1, 2, 3].map(() => makeFolders(path)));
    expect(statSync(path).isDirectory()).toBe(true);
  });

  it("goes through links to folders", async () => {
    mkdirSync(join(root, "real"));
    symlinkSync(join(root, "real"), join(root, "link"));
    await makeFolders(join(root, "link/a"));
    expect(statSync(join(root, "real/a")).isDirectory()).toBe(true);
  });

  it("says when a file is in the way", async () => {
    writeFileSync(join(root, "a"), "");
    await expect(makeFolders(join(root, "a"))).rejects.toMatchObject({ code: "EEXIST" });
    await expect(makeFolders(join(root, "a/b"))).rejects.toThrow(/EEXIST|ENOTDIR/);
  });

  it.skipIf(process.platform !== "linux")(
    "ends where the system lets nobody make a folder and calls that ENOENT",
    async () => {
      await expect(makeFolders("/proc/longhaul")).rejects.toMatchObject({ code: "ENOENT" });
      await expect(makeFolders("/proc/longhaul/a")).rejects.toMatchObject({ code: "ENOENT" });
    },
  );
});
