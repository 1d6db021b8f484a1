import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { foldsCase } from "./folds-case.ts";
import { findAt } from "./stat-file.ts";

let folder = "";
beforeEach(() => {
  // Of a name in both cases, which the disk below folds to another: a name made up may have but one.
  folder = join(mkdtempSync(join(tmpdir(), "longhaul-folds-")), "Tree");
  mkdirSync(folder);
});
afterEach(() => {
  rmSync(dirname(folder), { recursive: true });
});

function put(...names: readonly string[]): void {
  for (const name of names) writeFileSync(join(folder, name), name);
}

/** Looks as a disk does on which letters are the same in both cases. */
async function findFolded(path: string) {
  const found = await findAt(path);
  return found ?? (await findAt(join(dirname(path), basename(path).toLowerCase())));
}

it("finds that a name in other letters is the same file", async () => {
  put("12", "readme.md");
  expect(await foldsCase(folder, findFolded)).toBe(true);
});

it("takes two files for two", async () => {
  put("a.B", "A.b");
  expect(await foldsCase(folder, findFolded)).toBe(false);
});

it("goes by the name of the folder where nothing in it tells, or it is not there yet", async () => {
  const empty = join(folder, "models");
  expect(await foldsCase(join(empty, "12"), findFolded)).toBe(false);
  mkdirSync(join(empty, "12"), { recursive: true });
  for (const path of [empty, join(empty, "12"), join(empty, "34/new")]) {
    expect(await foldsCase(path, findFolded)).toBe(true);
    expect(await foldsCase(path)).toBe(process.platform !== "linux");
  }
});

it("does not go by the name of the folder that a disk is mounted at", async () => {
  const mounted = join(folder, "stick");
  mkdirSync(mounted);
  const find = async (path: string) => {
    const found = await findFolded(path);
    if (found !== undefined && path === mounted) found.dev += 1n;
    return found;
  };
  expect(await foldsCase(mounted, find)).toBe(false);
});

it.runIf(process.platform === "linux")("says no on an ordinary disk", async () => {
  put("readme.md");
  expect(await foldsCase(folder)).toBe(false);
});
