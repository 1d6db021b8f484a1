import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { statFile } from "../disk/stat-file.ts";
import { removeEmptied, removeExtraFile } from "./remove-extra-files.ts";

let base: string;
let root: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "longhaul-extra-"));
  root = join(base, "root");
  mkdirSync(root);
});
afterEach(() => rmSync(base, { recursive: true }));

async function put(name: string) {
  const path = join(base, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, name);
  return { path, stamp: (await statFile(path)).stamp };
}

it("removes a file that is what it was, and is content where it is gone already", async () => {
  const file = await put("root/a/b");
  expect(await removeExtraFile(root, file)).toBe(true);
  expect(existsSync(file.path)).toBe(false);
  expect(await removeExtraFile(root, file)).toBe(true);
});

it("leaves what took its name: other bytes, a folder, a link", async () => {
  const file = await put("root/a");
  writeFileSync(file.path, "other");
  expect(await removeExtraFile(root, file)).toBe(false);
  rmSync(file.path);
  mkdirSync(file.path);
  expect(await removeExtraFile(root, file)).toBe(false);
  rmSync(file.path, { recursive: true });
  const kept = await put("outside");
  symlinkSync(kept.path, file.path);
  expect(await removeExtraFile(root, file)).toBe(false);
  expect(readdirSync(base).toSorted()).toEqual(["outside", "root"]);
});

it("follows no link that was put in the way since, though the file behind it is the very same", async () => {
  const file = await put("root/a/b");
  renameSync(join(root, "a"), join(base, "moved"));
  symlinkSync(join(base, "moved"), join(root, "a"));
  await expect(removeExtraFile(root, file)).rejects.toMatchObject({ code: "path-unsafe" });
  expect(existsSync(join(base, "moved/b"))).toBe(true);
});

it("removes the folders that are empty now, up to the one that is synced", async () => {
  for (const name of ["a/b/c", "k/l", "k/kept"]) mkdirSync(join(root, name), { recursive: true });
  await put("root/k/kept/file");
  const gone = ["a/b/c/1", "a/b/2", "k/l/3", "k/kept/4", "never/was/5", "6"];
  await removeEmptied(
    root,
    gone.map((name) => join(root, name)),
  );
  expect(readdirSync(root)).toEqual(["k"]);
  expect(readdirSync(join(root, "k"))).toEqual(["kept"]);
  rmSync(join(root, "k"), { recursive: true });
  await removeEmptied(root, [join(root, "x")]);
  expect(existsSync(root)).toBe(true);
});
