import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { link, rename, unlink } from "node:fs/promises";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../flow/fake-clock.ts";
import type { NameCalls } from "./commit-file.ts";
import { commitFile, NOTE_NOT_ATOMIC, NOTE_NOT_FLUSHED } from "./commit-file.ts";
import type { FileStamp } from "./file-stamp.ts";
import type { PartFile } from "./part-file.ts";
import { createPartFile, intendPartFile } from "./part-file.ts";
import { statFile } from "./stat-file.ts";

let root: string;
let part: PartFile;
let path: string;
let clock: FakeClock;
const never = new AbortController().signal;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "longhaul-commit-"));
  path = join(root, "model.gguf");
  part = await createPartFile(intendPartFile(path, 4));
  writeFileSync(part.path, "good");
  clock = new FakeClock();
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const systemError = (code: string): Error => Object.assign(new Error(code), { code });

/** The real calls, some of them replaced. */
function callsWith(changes: Partial<NameCalls> = {}): NameCalls {
  return { link, rename, unlink, syncFolder: async () => true, platform: "linux", ...changes };
}

const commit = (replaces: FileStamp | null = null, calls?: NameCalls) =>
  commitFile({ part, path, replaces }, clock, never, calls);
const isCommitted = (): boolean =>
  readdirSync(root).join() === "model.gguf" && readFileSync(path, "utf8") === "good";

describe("committing a file to a free name", () => {
  it("gives it the name and takes the partial one away", async () => {
    expect(await commit()).toEqual([]);
    expect(isCommitted()).toBe(true);
  });

  it("refuses a name that is taken, also when it was taken just now", async () => {
    writeFileSync(path, "mine");
    await expect(commit()).rejects.toMatchObject({ code: "conflict", details: { path } });
    rmSync(path);
    const calls = callsWith({
      link: async (from, to) => {
        writeFileSync(path, "mine");
        await link(from, to);
      },
    });
    await expect(commit(null, calls)).rejects.toMatchObject({ code: "conflict" });
    expect(readFileSync(path, "utf8")).toBe("mine");
    expect(existsSync(part.path)).toBe(true);
  });

  it("refuses the name of a folder", async () => {
    mkdirSync(path);
    await expect(commit()).rejects.toMatchObject({ code: "conflict" });
  });

  it.each(["EPERM", "ENOTSUP", "EMLINK"])(
    "renames where the file system answers a link with %s, and says what that means",
    async (code) => {
      const calls = callsWith({ link: () => Promise.reject(systemError(code)) });
      expect(await commit(null, calls)).toEqual([NOTE_NOT_ATOMIC]);
      expect(isCommitted()).toBe(true);
    },
  );

  it("fails when the partial file is not the one that was filled", async () => {
    writeFileSync(part.path, "other");
    await expect(commit()).rejects.toMatchObject({ code: "path-missing" });
    rmSync(part.path);
    await expect(commit()).rejects.toMatchObject({ code: "path-missing" });
    expect(existsSync(path)).toBe(false);
  });

  it.each([
    ["ENOSPC", "disk-full"],
    ["EROFS", "path-denied"],
    ["EXDEV", "disk-failed"],
    ["ENOENT", "folder-missing"],
  ])("calls %s %s", async (cause, code) => {
    const calls = callsWith({ link: () => Promise.reject(systemError(cause)) });
    await expect(commit(null, calls)).rejects.toMatchObject({ code, details: { cause } });
  });
});

describe("committing a file in place of another", () => {
  it("replaces the one that was agreed in one step", async () => {
    writeFileSync(path, "old");
    const { stamp } = await statFile(path);
    expect(await commit(stamp)).toEqual([]);
    expect(isCommitted()).toBe(true);
  });

  it("refuses when that one was changed since", async () => {
    writeFileSync(path, "old");
    const { stamp } = await statFile(path);
    writeFileSync(path, "newer");
    await expect(commit(stamp)).rejects.toMatchObject({ code: "conflict" });
    expect(readFileSync(path, "utf8")).toBe("newer");
  });

  it("needs nothing to replace when that one is gone", async () => {
    writeFileSync(path, "old");
    const { stamp } = await statFile(path);
    rmSync(path);
    await commit(stamp);
    expect(isCommitted()).toBe(true);
  });
});

describe("a commit that a crash cut short", () => {
  it("is finished when both names are there", async () => {
    linkSync(part.path, path);
    expect(await commit()).toEqual([]);
    expect(isCommitted()).toBe(true);
  });

  it("is finished when only the journal did not hear of it", async () => {
    await commit();
    expect(await commit()).toEqual([]);
    part = { ...part, path };
    expect(await commit()).toEqual([]);
    expect(isCommitted()).toBe(true);
  });
});

describe("a commit on systems with other manners", () => {
  it("D5 a scanner holds the file on Windows: waits 100 ms to 2 s, for a minute at most, and keeps it", async () => {
    let tries = 0;
    const held = (until: number) => async (from: string, to: string) => {
      tries += 1;
      if (tries < until) throw systemError("EBUSY");
      await rename(from, to);
    };
    const windows = {
      platform: "win32",
      link: () => Promise.reject(systemError("EPERM")),
    } as const;
    expect(await commit(null, callsWith({ ...windows, rename: held(5) }))).toEqual([
      NOTE_NOT_ATOMIC,
    ]);
    expect(clock.sleptMs).toEqual([100, 200, 400, 800]);
    part = await createPartFile(intendPartFile(path, 4));
    rmSync(path);
    await expect(
      commit(null, callsWith({ ...windows, rename: held(Infinity) })),
    ).rejects.toMatchObject({ code: "path-denied", details: { cause: "held" } });
    expect(clock.nowMs()).toBeGreaterThan(60_000);
    expect(existsSync(part.path)).toBe(true);
  });
});

describe("a commit of a file that another program holds", () => {
  it.each(["EBUSY", "EPERM", "EACCES"])(
    "D5 the target is there and agreed to: %s on Windows is waited for, too",
    async (code) => {
      writeFileSync(path, "old");
      const { stamp } = await statFile(path);
      let tries = 0;
      const heldTwice = async (from: string, to: string) => {
        if ((tries += 1) <= 2) throw systemError(code);
        await rename(from, to);
      };
      const calls = callsWith({ platform: "win32", rename: heldTwice });
      expect(await commit(stamp, calls)).toEqual([]);
      expect(clock.sleptMs).toEqual([100, 200]);
      expect(isCommitted()).toBe(true);
    },
  );

  it("D5 elsewhere only EBUSY is waited for", async () => {
    let tries = 0;
    const busyOnce = async (from: string, to: string) => {
      if ((tries += 1) === 1) throw systemError("EBUSY");
      linkSync(from, to);
    };
    expect(await commit(null, callsWith({ link: busyOnce }))).toEqual([]);
    expect(clock.sleptMs).toEqual([100]);
  });
});

describe("a commit that nothing can be done about", () => {
  it("does not wait elsewhere for what is a matter of permissions", async () => {
    const rejects = () => Promise.reject(systemError("EACCES"));
    await expect(commit(null, callsWith({ link: rejects, rename: rejects }))).rejects.toMatchObject(
      {
        code: "path-denied",
      },
    );
    expect(clock.sleptMs).toEqual([]);
  });

  it("says when the folder cannot be flushed", async () => {
    expect(await commit(null, callsWith({ syncFolder: async () => false }))).toEqual([
      NOTE_NOT_FLUSHED,
    ]);
  });
});
