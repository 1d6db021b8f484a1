import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { foldsCase } from "./folds-case.ts";
import { findAt } from "./stat-file.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "longhaul-folds-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
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

it("takes two files for two, and does not know of what has no letters", async () => {
  expect(await foldsCase(folder, findFolded)).toBe(false);
  put("12");
  expect(await foldsCase(folder, findFolded)).toBe(false);
  put("a.B", "A.b");
  expect(await foldsCase(folder, findFolded)).toBe(false);
});

it.runIf(process.platform === "linux")("says no on an ordinary disk", async () => {
  put("readme.md");
  expect(await foldsCase(folder)).toBe(false);
});
