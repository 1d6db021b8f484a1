import { describe, expect, it } from "vitest";
import type { CacheEntry } from "#shared/cache.ts";
import type { CallHandlers } from "#shared/contract.ts";
import { makeEndedWork, makeEntry, makeFolder } from "#shared/cache-fixtures.ts";
import { LonghaulError } from "#shared/errors.ts";
import { openProgram } from "../program-rig.ts";

function entry(given: Parameters<typeof makeEntry>[1] = {}): CacheEntry {
  return makeEntry("a.bin", {
    path: "/work/a.bin",
    origin: "https://store.lab/models",
    profileId: "lab",
    profileName: "lab",
    sizeBytes: 2_000_000,
    freesBytes: 2_000_000,
    ...given,
  });
}

const FOLDER = makeFolder({
  path: "/home/cache",
  quotaBytes: 5_000_000_000,
  keepFreeBytes: 1_000_000_000,
  freeBytes: 7_000_000_000,
  totalBytes: 9_000_000_000,
  usedBytes: 2_000_000,
  pinnedBytes: 0,
  entryCount: 1,
});

function open(handlers: Partial<CallHandlers>, entries: readonly CacheEntry[] = [entry()]) {
  return openProgram("/work", {
    "cache.list": async ({ offset, limit }) => ({
      entries: entries.slice(offset, offset + limit),
      total: entries.length,
      sizeBytes: 2_000_000 * entries.length,
    }),
    ...handlers,
  });
}

const id = { path: "/work/a.bin", origin: "https://store.lab/models", key: "a.bin" };

describe("longhaul cache ls", () => {
  it("shows a line for each, and the sums on standard error", async () => {
    const marks = { isPinned: true, trouble: "damaged", frees: "own", freesBytes: 0 } as const;
    const rig = open({}, [entry(), entry({ ...marks, path: "/work/b.bin" })]);
    expect(await rig.run("cache", "ls")).toBe(0);
    expect(rig.terminal.outLines).toEqual([
      expect.stringMatching(/2 MB {2}frees 2 MB .*\/work\/a\.bin {2}s3:\/\/models\/a\.bin/u),
      expect.stringMatching(/your file .*pinned, damaged {2}\/work\/b\.bin/u),
    ]);
    expect(rig.terminal.errLines).toEqual(["2 copies, 4 MB"]);
  });

  it("gives JSON lines, page by page", async () => {
    const all = Array.from({ length: 501 }, (_, n) => entry({ key: `${n}` }));
    const rig = open({}, all);
    expect(await rig.run("cache", "ls", "--json", "--sort", "size", "lla")).toBe(0);
    expect(rig.terminal.outLines).toHaveLength(501);
    expect(rig.engine.inputsOf("cache.list")).toEqual([
      expect.objectContaining({ sort: "size", query: "lla", offset: 0, order: "down" }),
      expect.objectContaining({ offset: 500 }),
    ]);
  });

  it.each([
    [["--sort", "path"], "up"],
    [["--sort", "path", "--reverse"], "down"],
    [[], "down"],
    [["--reverse"], "up"],
  ])("with %j goes %s", async (flags, order) => {
    const rig = open({});
    await rig.run("cache", "ls", ...flags);
    expect(rig.engine.inputsOf("cache.list")).toEqual([expect.objectContaining({ order })]);
  });
});

describe("longhaul cache pin, unpin and forget", () => {
  it.each([
    ["a.bin", [id]],
    ["/work/a.bin", [id]],
    ["s3://models/a.bin", [id]],
  ])("find %s", async (name, ids) => {
    const rig = open({ "cache.pin": async () => null });
    expect(await rig.run("cache", "pin", name)).toBe(0);
    expect(rig.engine.inputsOf("cache.pin")).toEqual([{ ids, isPinned: true }]);
  });

  it("refuse a name that is no copy, before anything is changed", async () => {
    const rig = open({});
    expect(await rig.run("cache", "unpin", "a.bin", "b.bin")).toBe(3);
    expect(rig.terminal.errLines.join()).toContain("b.bin");
  });

  it("forget records only", async () => {
    const rig = open({ "cache.forget": async () => null });
    expect(await rig.run("cache", "forget", "a.bin")).toBe(0);
    expect(rig.engine.inputsOf("cache.forget")).toEqual([{ ids: [id] }]);
  });
});

describe("longhaul cache verify and repair", () => {
  const ended = (given: object) => ({
    "cache.verify": async () => null,
    "cache.repair": async () => null,
    "cache.work": async () => ({ now: null, last: makeEndedWork(given) }),
  });

  it("of all says what was found", async () => {
    const rig = open(ended({ changedCount: 1 }));
    expect(await rig.run("cache", "verify")).toBe(0);
    expect(rig.terminal.outLines).toEqual(["3 copies read: 2 right, 1 changed by hand"]);
    expect(rig.engine.inputsOf("cache.verify")).toEqual([{ ids: null }]);
  });

  it.each([
    [{ damagedCount: 1 }, 7],
    [{ failedCount: 1 }, 1],
    [{}, 0],
  ])("with %j ends with %i", async (given, code) => {
    const rig = open(ended(given));
    expect(await rig.run("cache", "verify", "a.bin")).toBe(code);
    expect(rig.engine.inputsOf("cache.verify")).toEqual([{ ids: [id] }]);
  });

  it("says what was fetched, and why a whole object was", async () => {
    const rig = open(
      ended({ kind: "repair", repairedCount: 1, fetchedBytes: 5, notes: ["whole"] }),
    );
    expect(await rig.run("cache", "repair", "a.bin")).toBe(0);
    expect(rig.terminal.outLines).toEqual(["1 copy repaired; 5 B fetched"]);
    expect(rig.terminal.errLines).toEqual(["whole"]);
  });

  it("is stopped by an interrupt", async () => {
    const rig = open({
      ...ended({ isStopped: true }),
      "cache.stopWork": async () => null,
      "cache.verify": async () => {
        rig.interrupt();
        return null;
      },
    });
    expect(await rig.run("cache", "verify")).toBe(130);
    expect(rig.engine.inputsOf("cache.stopWork")).toHaveLength(1);
  });
});

describe("longhaul cache prune", () => {
  const page = { entries: [entry()], total: 1, freedBytes: 2_000_000, isEnough: true, plan: "p" };
  const freed = { freedBytes: 2_000_000, count: 1, keptCount: 0 };

  it("frees what the preview said, and nothing in a dry run", async () => {
    const rig = open({ "cache.preview": async () => page, "cache.free": async () => freed });
    expect(await rig.run("cache", "prune", "--free", "1MB", "--dry-run")).toBe(0);
    expect(rig.engine.inputsOf("cache.free")).toEqual([]);
    expect(await rig.run("cache", "prune", "--free", "1MB", "--folder", "disk")).toBe(0);
    expect(rig.engine.inputsOf("cache.free")).toEqual([
      { freeBytes: 1_000_000, folder: "/work/disk", expectedBytes: 2_000_000, plan: "p" },
    ]);
    expect(rig.terminal.errLines).toEqual(["1 copy would go: 2 MB", "1 copy gone: 2 MB"]);
  });

  it("ends with 11 when the list is another one by now", async () => {
    const rig = open({
      "cache.preview": async () => page,
      "cache.free": async () => {
        throw new LonghaulError("conflict", "changed", { details: { cause: "cache-plan" } });
      },
    });
    expect(await rig.run("cache", "prune")).toBe(11);
    expect(rig.terminal.errLines.join()).toContain("nothing was deleted");
  });

  it("says when it is not enough", async () => {
    const short = { ...page, isEnough: false };
    const rig = open({ "cache.preview": async () => short });
    await rig.run("cache", "prune", "--free", "1TB", "-n", "--json");
    expect(rig.terminal.outLines).toHaveLength(2);
    expect(rig.terminal.errLines).toEqual(["Pins, transfers and your own files keep the rest."]);
  });
});

describe("longhaul cache folders", () => {
  const handlers = {
    "cache.folders": async () => [FOLDER, { ...FOLDER, path: "/disk", isThere: false }],
    "cache.addFolder": async () => FOLDER,
    "cache.setFolder": async () => FOLDER,
    "cache.removeFolder": async () => null,
  };

  it("shows them, also one that is not there", async () => {
    const rig = open(handlers);
    expect(await rig.run("cache", "folders")).toBe(0);
    expect(rig.terminal.outLines).toEqual([
      "/home/cache  2 MB of 5 GB, 1 copy  7 GB free, keeps 1 GB",
      "/disk  2 MB of 5 GB, 1 copy  not there now",
    ]);
  });

  it("adds, changes and removes them", async () => {
    const rig = open(handlers);
    await rig.run("cache", "add-folder", "disk", "--quota", "50GB");
    await rig.run("cache", "set-folder", "/home/cache", "--keep-free", "20GB");
    await rig.run("cache", "set-folder", "/home/cache", "--quota", "off");
    await rig.run("cache", "remove-folder", "disk", "--json");
    expect(rig.engine.inputsOf("cache.addFolder")).toEqual([
      { folder: { path: "/work/disk" }, quotaBytes: 50_000_000_000 },
    ]);
    expect(rig.engine.inputsOf("cache.setFolder")).toEqual([
      { path: "/home/cache", quotaBytes: 5_000_000_000, keepFreeBytes: 20_000_000_000 },
      { path: "/home/cache", quotaBytes: null, keepFreeBytes: undefined },
    ]);
    expect(rig.engine.inputsOf("cache.removeFolder")).toEqual([{ path: "/work/disk" }]);
  });

  it("takes no quota without a unit", async () => {
    expect(await open(handlers).run("cache", "add-folder", "disk", "--quota", "50")).toBe(2);
  });
});
