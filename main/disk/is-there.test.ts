import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isThere } from "./is-there.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "longhaul-there-"));
  mkdirSync(join(root, "a/b"), { recursive: true });
  writeFileSync(join(root, "a/b/c"), "");
  symlinkSync("nowhere", join(root, "link"));
});
afterAll(() => rmSync(root, { recursive: true }));

it.each([
  ["a/b/c", true],
  ["a/b/", true],
  ["a/b", true],
  ["a/x", false],
  ["a/b/c/d", false],
  ["a//b", false],
  ["a/../a/b", false],
  ["a/\0", false],
  [`a/${"x".repeat(2000)}`, false],
  // Nobody looks behind it.
  ["link", true],
  ["link/deep/er", true],
])("of %j the answer is %s", async (name, answer) => {
  expect(await isThere(root, name)).toBe(answer);
});
