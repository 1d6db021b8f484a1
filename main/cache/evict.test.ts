import { existsSync, linkSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { statFile } from "../disk/stat-file.ts";
import { CacheFilesRig } from "./cache-files-rig.ts";
import type { Entry } from "./entry.ts";
import { evict } from "./evict.ts";
import { sweepIntents } from "./sweep-intents.ts";

let rig: CacheFilesRig;
let folder = "";
beforeEach(async () => {
  rig = new CacheFilesRig();
  folder = await rig.open();
});
afterEach(() => rig.close());

const go = (...entries: readonly Entry[]) => evict(entries, rig, rig.signal);
const failOn = (_: string, error: unknown): void => expect.fail(String(error));
const sweep = (onTrouble = failOn) =>
  sweepIntents({ journal: rig.journal, folders: rig.folders, onTrouble });

describe("a list that was made a while ago", () => {
  it("leaves a copy that was pinned since it was listed", async () => {
    const copy = rig.copy("a");
    rig.journal.put({ ...copy, isPinned: true });
    expect((await go(copy)).kept).toEqual([copy]);
    expect(existsSync(copy.path)).toBe(true);
    expect(rig.journal.find(copy)).toMatchObject({ trouble: null });
  });

  it("says nothing of a copy that was repaired since", async () => {
    const copy = rig.copy("a");
    writeFileSync(copy.path, "repaired");
    const { stamp } = await statFile(copy.path);
    rig.journal.put({ ...copy, stamp });
    expect((await go(copy)).kept).toEqual([copy]);
    expect(rig.journal.find(copy)).toMatchObject({ trouble: null });
  });
});

describe("evicting", () => {
  it("deletes file and record, and leaves no note", async () => {
    const copies = [rig.copy("a"), rig.copy("b")];
    expect(await go(...copies)).toEqual({ gone: copies, kept: [] });
    expect(copies.some(({ path }) => existsSync(path))).toBe(false);
    expect([rig.journal.entries.size, rig.journal.intents.size]).toEqual([0, 0]);
  });

  it("takes many in several commits", async () => {
    const copies = Array.from({ length: 250 }, (_, n) => rig.copy(`c${n}`));
    expect((await go(...copies)).gone).toHaveLength(250);
    expect(rig.journal.commits).toHaveLength(6);
  });

  it("leaves a file that was written to, and says so", async () => {
    const copy = rig.copy("a");
    writeFileSync(copy.path, "somebody's own words");
    expect((await go(copy)).kept).toEqual([copy]);
    expect(readFileSync(copy.path, "utf8")).toBe("somebody's own words");
    expect(rig.journal.find(copy)).toMatchObject({ trouble: "changed" });
  });

  it("E5 entry evicted while read: a file that somebody reads now stays", async () => {
    const copy = rig.copy("a");
    const letGo = rig.held.hold(copy.path);
    expect((await go(copy)).kept).toEqual([copy]);
    expect(existsSync(copy.path)).toBe(true);
    letGo();
    expect((await go(copy)).gone).toEqual([copy]);
  });

  it("E7 cache deletes user data: neither a user's own file nor one outside of a cache folder", async () => {
    const own = rig.file(join(folder, "own.bin"), "own", { key: "own" });
    const outside = rig.file(join(rig.home, "x.bin"), "x", { kind: "managed", key: "x" });
    expect((await go(own, outside)).gone).toEqual([]);
    expect([own, outside].every(({ path }) => existsSync(path))).toBe(true);
  });

  it("E7 cache deletes user data: a link in place of a copy is not followed", async () => {
    const copy = rig.copy("a");
    const target = join(rig.home, "target");
    linkSync(copy.path, target);
    rmSync(copy.path);
    symlinkSync(target, copy.path);
    expect((await go(copy)).gone).toEqual([]);
    expect(existsSync(target)).toBe(true);
  });

  it("touches nothing in a folder that has lost its marker", async () => {
    const copy = rig.copy("a");
    rmSync(join(folder, ".longhaul-cache"));
    expect((await go(copy)).gone).toEqual([]);
    expect(rig.journal.find(copy)?.trouble).toBeNull();
  });

  it("marks what is gone already", async () => {
    const copy = rig.copy("a");
    rmSync(copy.path);
    expect((await go(copy)).kept).toEqual([copy]);
    expect(rig.journal.find(copy)).toMatchObject({ trouble: "missing" });
  });
});

describe("a crash", () => {
  it("before the first commit changes nothing", async () => {
    const copy = rig.copy("a");
    rig.journal.before = () => Promise.reject(new Error("killed"));
    await expect(go(copy)).rejects.toThrow("killed");
    expect(existsSync(copy.path)).toBe(true);
    expect(rig.journal.find(copy)).toBeDefined();
  });

  it("after it leaves a note by which the next start deletes the file", async () => {
    const copy = rig.copy("a");
    // The process ends after the record is gone and before the file is.
    const { path, stamp } = copy;
    await rig.journal.commit([
      { type: "intent-put", path, intent: { kind: "evicting", stamp } },
      { type: "entry-removed", id: copy },
    ]);
    await sweep();
    expect(existsSync(path)).toBe(false);
    expect(rig.journal.intents.size).toBe(0);
  });

  it("after which somebody else's file has the name: it stays", async () => {
    const copy = rig.copy("a");
    const { path, stamp } = copy;
    await rig.journal.commit([
      { type: "intent-put", path, intent: { kind: "evicting", stamp } },
      { type: "entry-removed", id: copy },
    ]);
    rmSync(path);
    writeFileSync(path, "another one");
    await sweep();
    expect(readFileSync(path, "utf8")).toBe("another one");
  });
});

describe("what a crash left", () => {
  it("of a copy that was being made: what has no record goes, what has one stays", async () => {
    const made = rig.copy("made");
    const half = join(folder, "half.blob");
    writeFileSync(half, "half");
    for (const path of [made.path, half]) {
      await rig.journal.commit([{ type: "intent-put", path, intent: { kind: "making" } }]);
    }
    await sweep();
    expect([existsSync(made.path), existsSync(half)]).toEqual([true, false]);
  });

  it("is not finished while the folder's disk is away", async () => {
    const path = join(folder, "half.blob");
    writeFileSync(path, "half");
    await rig.journal.commit([{ type: "intent-put", path, intent: { kind: "making" } }]);
    const marker = join(folder, ".longhaul-cache");
    const text = readFileSync(marker);
    rmSync(marker);
    await sweep();
    expect(existsSync(path)).toBe(true);
    expect(rig.journal.intents.size).toBe(1);
    writeFileSync(marker, text);
    await sweep();
    expect(existsSync(path)).toBe(false);
  });

  it("during a repair: what lay beside the file goes, and the repair is named", async () => {
    const own = rig.file(join(rig.home, "own.bin"), "own");
    const path = join(rig.home, ".longhaul-0123456789abcdef.part");
    writeFileSync(path, "");
    const id = { path: own.path, origin: own.origin, key: own.key };
    const part = { path, dev: "", ino: "", sizeBytes: 3 };
    const intent = { kind: "repairing", id, part } as const;
    await rig.journal.commit([{ type: "intent-put", path, intent }]);
    expect(await sweep()).toEqual([id]);
    expect([existsSync(path), existsSync(own.path)]).toEqual([false, true]);
  });

  it("that cannot be mended now is told and stays noted", async () => {
    await rig.journal.commit([
      { type: "intent-put", path: join(folder, "x.blob"), intent: { kind: "making" } },
    ]);
    const told: string[] = [];
    rig.journal.before = () => Promise.reject(new Error("full"));
    await sweep((path) => void told.push(path));
    expect(told).toEqual([join(folder, "x.blob")]);
    expect(rig.journal.intents.size).toBe(1);
  });
});
