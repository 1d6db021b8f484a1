import { mkdtempSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from "node:fs";
import { chmodSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GiB } from "../bytes/sizes.ts";
import { createPartFile, intendPartFile, isPartFileAt, removePartFile } from "./part-file.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "longhaul-part-"));
});
afterEach(() => {
  chmodSync(root, 0o700);
  rmSync(root, { recursive: true });
});

const makePart = (finalPath: string, sizeBytes: number) =>
  createPartFile(intendPartFile(finalPath, sizeBytes));

describe("a partial file", () => {
  it("is in the folder of the final one, as long as it will be, and takes no room yet", async () => {
    const part = await makePart(join(root, "model.gguf"), 5 * GiB);
    const [name] = readdirSync(root);
    expect(name).toMatch(/^\.longhaul-[0-9a-f]{16}\.part$/u);
    const stats = statSync(part.path);
    expect(part).toEqual({
      path: join(root, name ?? ""),
      dev: `${stats.dev}`,
      ino: `${stats.ino}`,
      sizeBytes: 5 * GiB,
    });
    expect([stats.size, stats.blocks]).toEqual([5 * GiB, 0]);
  });

  it("has a short name however long the final one is", async () => {
    const part = await makePart(join(root, "x".repeat(255)), 1);
    expect(part.path.length).toBeLessThan(root.length + 40);
  });

  it("is known by more than its path", async () => {
    const part = await makePart(join(root, "a"), 10);
    expect(await isPartFileAt(part, part.path)).toBe(true);
    truncateSync(part.path, 9);
    expect(await isPartFileAt(part, part.path)).toBe(false);
    truncateSync(part.path, 10);
    expect(await isPartFileAt(part, part.path)).toBe(true);
    renameSync(part.path, join(root, "moved"));
    expect(await isPartFileAt(part, part.path)).toBe(false);
    expect(await isPartFileAt(part, join(root, "moved"))).toBe(true);
    symlinkSync(join(root, "moved"), part.path);
    expect(await isPartFileAt(part, part.path)).toBe(false);
  });

  it("is removed, and never another file in its place", async () => {
    const part = await makePart(join(root, "a"), 3);
    await removePartFile(part);
    expect(readdirSync(root)).toEqual([]);
    await removePartFile(part);
    writeFileSync(part.path, "abc");
    renameSync(part.path, join(root, "keep"));
    writeFileSync(part.path, "abcd");
    await removePartFile(part);
    expect(readdirSync(root)).toHaveLength(2);
  });

  it("is removed also where its disk has another number since", async () => {
    const part = await makePart(join(root, "a"), 3);
    await removePartFile({ ...part, dev: "4242" });
    expect(readdirSync(root)).toEqual([]);
  });

  it("is none any more under its final name, where it stays", async () => {
    const part = await makePart(join(root, "a"), 3);
    renameSync(part.path, join(root, "a"));
    await removePartFile({ ...part, path: join(root, "a") });
    expect(readdirSync(root)).toEqual(["a"]);
  });
});

describe("a partial file that is only intended", () => {
  it("is no file yet, and is removed if it was made after all", async () => {
    const intended = intendPartFile(join(root, "a"), 3);
    expect(readdirSync(root)).toEqual([]);
    await removePartFile(intended);
    await createPartFile(intended);
    expect(await isPartFileAt(intended, intended.path)).toBe(false);
    await removePartFile(intended);
    expect(readdirSync(root)).toEqual([]);
    writeFileSync(intended.path, "of another length");
    await removePartFile(intended);
    expect(readdirSync(root)).toHaveLength(1);
  });

  it("never takes the place of another file", async () => {
    const intended = intendPartFile(join(root, "a"), 3);
    writeFileSync(intended.path, "theirs");
    await expect(createPartFile(intended)).rejects.toThrow("EEXIST");
    expect(readdirSync(root)).toHaveLength(1);
  });
});

describe("the making of a partial file", () => {
  it("needs its folder, and one that can be written", async () => {
    await expect(makePart(join(root, "none/a"), 1)).rejects.toMatchObject({
      code: "folder-missing",
    });
    await expect(makePart("/proc/self/a", 1)).rejects.toMatchObject({
      code: expect.stringMatching(/path-denied|folder-missing/u) as string,
    });
  });
});

describe("a partial file that cannot be", () => {
  it("leaves nothing behind where the file system keeps no file of its size", async () => {
    // On a disk: one in memory takes every size.
    const folder = mkdtempSync("/var/tmp/longhaul-part-");
    try {
      const path = join(folder, "a");
      await expect(makePart(path, Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({
        code: "disk-failed",
        details: { cause: "EFBIG" },
      });
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
