import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkPath } from "./roots.ts";

let base = "";
beforeAll(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "longhaul-roots-")));
  mkdirSync(join(base, "data/tree"), { recursive: true });
  mkdirSync(join(base, "data/home"));
  mkdirSync(join(base, "database"));
  writeFileSync(join(base, "data/tree/a.bin"), "a");
  writeFileSync(join(base, "secret"), "s");
  writeFileSync(join(base, "data/home/secrets.json"), "s");
  symlinkSync(join(base, "secret"), join(base, "data/out"));
  symlinkSync(base, join(base, "data/up"));
  symlinkSync(join(base, "data/tree"), join(base, "data/inner"));
  symlinkSync(join(base, "nowhere"), join(base, "data/dangling"));
});
afterAll(() => rmSync(base, { recursive: true }));

const check = (path: string, mustExist = false) =>
  checkPath(
    { folders: [join(base, "data")], home: join(base, "data/home") },
    join(base, path),
    mustExist,
  );

it.each([
  ["data", "data"],
  ["data/tree/a.bin", "data/tree/a.bin"],
  ["data/inner/a.bin", "data/tree/a.bin"],
  ["data/tree/../tree/a.bin", "data/tree/a.bin"],
  ["data/new/folder/x", "data/new/folder/x"],
])("lets %s through", async (path, real) => {
  expect(await check(path)).toBe(join(base, real));
});

it.each([
  "secret",
  "database",
  "data/out",
  "data/up",
  "data/up/secret",
  "data/../secret",
  "data/up/new/x",
])("refuses %s, which is outside", async (path) => {
  await expect(check(path)).rejects.toMatchObject({ code: "path-denied" });
});

it("refuses the home of Longhaul, though it is below a root", async () => {
  await expect(check("data/home/secrets.json")).rejects.toMatchObject({ code: "path-denied" });
  await expect(check("data/home")).rejects.toMatchObject({ code: "path-denied" });
});

it("says when a path to read is not there", async () => {
  await expect(check("data/gone", true)).rejects.toMatchObject({ code: "path-missing" });
  await expect(check("data/dangling", true)).rejects.toMatchObject({ code: "path-missing" });
});

it("writes through no link that leads nowhere", async () => {
  await expect(check("data/dangling")).rejects.toMatchObject({ code: "path-missing" });
});

it("refuses what is no absolute path", async () => {
  const roots = { folders: ["/"], home: "/nowhere" };
  await expect(checkPath(roots, "tree", false)).rejects.toMatchObject({ code: "invalid" });
  await expect(checkPath(roots, "/a\0b", false)).rejects.toMatchObject({ code: "invalid" });
});

it("leaves a path as it is where the whole machine is open", async () => {
  const roots = { folders: null, home: join(base, "data/home") };
  expect(await checkPath(roots, join(base, "data/out"), true)).toBe(join(base, "data/out"));
});
