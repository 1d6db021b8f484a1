import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFolderBelow } from "./make-folder.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "longhaul-folder-"));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe("makeFolderBelow", () => {
  it("makes every folder on the way, and minds none that is there", async () => {
    await makeFolderBelow(root, join(root, "a/b/c"));
    await makeFolderBelow(root, join(root, "a/b/c"));
    await makeFolderBelow(root, root);
    expect(existsSync(join(root, "a/b/c"))).toBe(true);
  });

  it("makes the same folder for two at once", async () => {
    const path = join(root, "a/b");
    await Promise.all([1, 2, 3].map(() => makeFolderBelow(root, path)));
    expect(existsSync(path)).toBe(true);
  });

  it("never makes the root: its disk may be unplugged", async () => {
    rmSync(root, { recursive: true });
    await expect(makeFolderBelow(root, join(root, "a"))).rejects.toMatchObject({
      code: "folder-missing",
    });
    expect(existsSync(root)).toBe(false);
  });

  it("says which name a file has taken", async () => {
    writeFileSync(join(root, "a"), "");
    await expect(makeFolderBelow(root, join(root, "a/b/c"))).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(makeFolderBelow(root, join(root, "a"))).rejects.toMatchObject({
      code: "conflict",
    });
  });

  it("makes nothing behind a link that leads out", async () => {
    const outside = join(root, "outside");
    mkdirSync(outside);
    mkdirSync(join(root, "in"));
    symlinkSync(outside, join(root, "in/link"));
    await expect(makeFolderBelow(join(root, "in"), join(root, "in/link/a"))).rejects.toMatchObject({
      code: "path-unsafe",
    });
    expect(readdirSync(outside)).toEqual([]);
  });
});
