import { mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isSameStamp } from "./file-stamp.ts";
import { findAt, statFile } from "./stat-file.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "longhaul-stat-"));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

describe("statFile", () => {
  it("tells size, time and stamp, links followed", async () => {
    writeFileSync(join(root, "a"), "1234");
    utimesSync(join(root, "a"), 1000, 2000.5);
    symlinkSync("a", join(root, "link"));
    const facts = await statFile(join(root, "a"));
    expect(facts).toMatchObject({ sizeBytes: 4, modifiedAtMs: 2_000_500 });
    expect(await statFile(join(root, "link"))).toEqual(facts);
  });

  it.each([
    ["append", (path: string) => writeFileSync(path, "1", { flag: "a" })],
    [
      "an edit whose time is put back",
      (path: string) => {
        writeFileSync(path, "4321");
        utimesSync(path, 1000, 2000.5);
      },
    ],
    [
      "replacement by an equal file",
      (path: string) => {
        rmSync(path);
        writeFileSync(`${path}2`, "");
        writeFileSync(path, "1234");
      },
    ],
  ])("gives another stamp after %s", async (_, change) => {
    const path = join(root, "a");
    writeFileSync(path, "1234");
    utimesSync(path, 1000, 2000.5);
    const before = await statFile(path);
    change(path);
    expect(isSameStamp((await statFile(path)).stamp, before.stamp)).toBe(false);
  });

  it("refuses what is no file, and says what is missing", async () => {
    await expect(statFile(root)).rejects.toMatchObject({ code: "path-unsafe" });
    await expect(statFile("/dev/null")).rejects.toMatchObject({ code: "path-unsafe" });
    await expect(statFile(join(root, "none"))).rejects.toMatchObject({ code: "path-missing" });
  });
});

describe("findAt", () => {
  it("sees a link itself, and nothing where nothing is", async () => {
    symlinkSync("nowhere", join(root, "link"));
    expect((await findAt(join(root, "link")))?.isSymbolicLink()).toBe(true);
    expect(await findAt(join(root, "none"))).toBeUndefined();
    await expect(findAt("/etc/passwd/x")).rejects.toMatchObject({ code: "folder-missing" });
  });
});
