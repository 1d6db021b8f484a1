import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { checkSocketFolder, socketPathOf, socketSurroundings } from "./socket-path.ts";

const linux = { platform: "linux", userId: 1000, sharedFolder: "/tmp" } as const;
const here = socketSurroundings();

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "longhaul-path-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("keeps the socket in a folder of the home", () => {
  expect(socketPathOf("/home/mira/.local/share/longhaul", linux)).toBe(
    "/home/mira/.local/share/longhaul/socket/engine.sock",
  );
});

it("falls back to a hashed name where the kernel would cut the path", () => {
  const long = `/data/${"x".repeat(90)}`;
  const path = socketPathOf(long, linux);
  expect(path).toMatch(/^\/tmp\/longhaul-1000\/[0-9a-f]{32}\.sock$/);
  expect(socketPathOf(long, linux)).toBe(path);
  expect(socketPathOf(`${long}y`, linux)).not.toBe(path);
});

it("counts bytes, not characters", () => {
  expect(socketPathOf(`/data/${"ü".repeat(45)}`, linux)).toMatch(/^\/tmp\//);
  expect(socketPathOf(`/data/${"u".repeat(45)}`, linux)).toMatch(/^\/data\//);
});

it("is a named pipe on Windows", () => {
  expect(socketPathOf(String.raw`C:\Users\mira`, { ...linux, platform: "win32" })).toMatch(
    /^\\\\\.\\pipe\\longhaul-[0-9a-f]{32}$/,
  );
});

it("makes the folder for its user alone", async () => {
  const path = join(folder, "new", "engine.sock");
  await checkSocketFolder(path, here);
  await checkSocketFolder(path, here);
  expect(statSync(join(folder, "new")).mode & 0o777).toBe(0o700);
});

it("refuses a folder that others may enter", async () => {
  mkdirSync(join(folder, "open"));
  chmodSync(join(folder, "open"), 0o711);
  await expect(checkSocketFolder(join(folder, "open/s"), here)).rejects.toMatchObject({
    code: "path-denied",
  });
});

it("refuses a link, and another user's folder, as others can make them in a shared one", async () => {
  mkdirSync(join(folder, "mine"), { mode: 0o700 });
  symlinkSync(join(folder, "mine"), join(folder, "link"));
  await expect(checkSocketFolder(join(folder, "link/s"), here)).rejects.toMatchObject({
    code: "path-denied",
  });
  const another = { ...here, userId: here.userId + 1 };
  await expect(checkSocketFolder(join(folder, "mine/s"), another)).rejects.toMatchObject({
    code: "path-denied",
  });
});
