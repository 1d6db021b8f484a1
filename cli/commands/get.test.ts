import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import type { CallHandlers } from "#shared/contract.ts";
import type { ItemView, TransferView } from "#shared/transfer.ts";
import { done, makeItem, makeView } from "../fake-views.ts";
import { openProgram } from "../program-rig.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "longhaul-get-"));
  mkdirSync(join(folder, "there"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const open = (handlers: Partial<CallHandlers> = {}, views: readonly TransferView[] = [arrived]) =>
  openProgram(folder, handlers, views);

const arrived = makeView({
  direction: "download",
  name: "k.bin",
  to: { kind: "local", path: "/d" },
  state: done,
  doneBytes: 1e9,
  doneItemCount: 1,
  rung: "part-sha256",
});

const listing = (...items: readonly ItemView[]): Partial<CallHandlers> => ({
  "transfer.items": async ({ offset, phases }) => {
    const wanted = items.filter(({ phase }) => phases.length === 0 || phases.includes(phase));
    return { items: wanted.slice(offset), total: wanted.length };
  },
});

const parsed = (lines: readonly string[]) => lines.map((line) => JSON.parse(line) as unknown);

describe("get of one thing", () => {
  it.each([
    [["s3://lab/m/k.bin", "d/"], { keys: ["m/k.bin"], folder: "d", rename: null }],
    [["s3://lab/m/k.bin", "there"], { keys: ["m/k.bin"], folder: "there", rename: null }],
    [["s3://lab/m/k.bin", "d/new.bin"], { keys: ["m/k.bin"], folder: "d", rename: "new.bin" }],
    [["s3://lab/m/", "d"], { keys: ["m/"], folder: "d", rename: null, contentsOnly: true }],
    [
      ["s3://lab/m/", "d", "--include", "*.bin", "--exclude", "tmp/"],
      { keys: ["m/"], folder: "d", include: ["*.bin"], exclude: ["tmp/"] },
    ],
    [["s3://lab/k.zip", "d/", "--cache"], { folder: "d", cache: true, unpack: null }],
    [["s3://lab/k.zip", "d/", "--verify"], { folder: "d", readBack: true }],
    [["s3://lab/k.zip", "d/", "--on-conflict", "skip"], { folder: "d", onConflict: "skip" }],
  ])("%j asks the engine for %j", async (words, expected) => {
    const rig = open(listing(makeItem({ name: "k.bin", phase: "done" })));
    expect(await rig.run("get", ...words)).toBe(0);
    const path = join(folder, expected.folder);
    expect(rig.engine.inputsOf("transfer.download")).toMatchObject([
      { bucket: "lab", ...expected, folder: { path } },
    ]);
    expect(existsSync(path)).toBe(true);
    expect(rig.sessions).toMatchObject([{ command: "get", runs: "own", isTransient: true }]);
  });

  it.each([
    [["--unpack"], "d/k", "auto"],
    [["--unpack=u/x"], "u/x", "auto"],
    [["--unpack", "--method", "tar.zst"], "d/k", "tar.zst"],
  ])("with %j unpacks into %s", async (flags, target, method) => {
    const rig = open(listing(makeItem({ phase: "done" })));
    await rig.run("get", ...flags, "s3://lab/k.tar.gz", "d/");
    expect(rig.engine.inputsOf("transfer.download")).toMatchObject([
      { unpack: { destination: { path: join(folder, target) }, method } },
    ]);
  });

  it("says what came, how fast, and how it was proven", async () => {
    const rig = open();
    expect(await rig.run("get", "s3://lab/m/k.bin", "d/")).toBe(0);
    expect(rig.terminal.outLines).toEqual([
      `downloaded k.bin to ${join(folder, "d/k.bin")}: 1 GB in 10 s (100 MB/s); SHA-256 of every part compared with the origin's`,
    ]);
  });

  it("ends with 11 where other content was left, though nothing failed", async () => {
    const left = { ...arrived, doneItemCount: 0, skippedItemCount: 1 };
    const item = makeItem({ name: "k.bin", phase: "skipped", note: "other content is there" });
    const rig = open(listing(item), [left]);
    expect(await rig.run("get", "--on-conflict", "skip", "s3://lab/m/k.bin", "d/")).toBe(11);
    const there = makeItem({ name: "k.bin", phase: "skipped", note: "already here" });
    const again = open(listing(there), [left]);
    expect(await again.run("get", "s3://lab/m/k.bin", "d/")).toBe(0);
  });
});

describe("get of an archive that is unpacked", () => {
  it.each([
    ["done", "unpacked 3 files into /d/k", 0],
    ["done", "not unpacked: /d/k holds other files", 11],
    ["skipped", "already here; in place in /d/k", 0],
    ["skipped", "already here; not unpacked: /d/k holds other files", 11],
  ] as const)("%s with the note %j ends with what that comes to", async (phase, note, code) => {
    const rig = open(listing(makeItem({ name: "k.zip", phase, note })));
    expect(await rig.run("get", "s3://lab/k.zip", "d/", "--unpack")).toBe(code);
    expect(rig.terminal.outLines.at(-1)).toBe(note.replace("already here; ", ""));
  });
});

describe("a get that is written wrong", () => {
  it.each([
    [[], "either -f FILE, or s3://bucket/key and where it goes"],
    [["s3://lab/k"], "either -f FILE, or s3://bucket/key and where it goes"],
    [["a.bin", "d/"], "what is fetched is named s3://…; cp copies either way"],
    [["s3://lab/k", "s3://lab/l"], "the destination is on this machine"],
    [["s3://lab/k", "d/", "--include", "x"], "--include and --exclude are for a prefix"],
    [["s3://lab/k/", "d", "--unpack=x"], "--unpack is for one object, and this is a prefix"],
    [["s3://lab/k.zip", "d/", "--method", "zip"], "--method goes with --unpack"],
    [["s3://lab/k.bin", "d/", "--unpack"], "where does it unpack to? Say --unpack=DIR"],
    [["s3://lab/a/..", "d/"], "the key gives the file no name; write the whole path"],
    [["d/", "-f", "a.yaml"], "d/ besides -f is not heard: what is fetched is in the file"],
    [["-f", "a.yaml", "--cache"], "--cache is not heard: what is fetched is in the file"],
    [["-f", "a.yaml", "--unpack"], "--unpack is not heard: what is fetched is in the file"],
  ])("as %j moves nothing and says so", async (words, expected) => {
    const rig = open();
    expect(await rig.run("get", ...words)).toBe(2);
    expect(rig.terminal.errLines.join("\n").toLowerCase()).toContain(expected.toLowerCase());
    expect(rig.sessions).toEqual([]);
  });

  it("ends with 3 where the file is not there", async () => {
    const rig = open();
    expect(await rig.run("get", "-f", "nothing.yaml")).toBe(3);
    expect(rig.terminal.errLines[0]).toMatch(/^PATH_MISSING:/);
  });

  it("tells problems as JSON lines, too", async () => {
    writeFileSync(join(folder, "wrong.yaml"), "requests:\n  - object: s3://lab/k\n");
    const rig = open();
    expect(await rig.run("get", "--json", "-f", "wrong.yaml")).toBe(2);
    expect(parsed(rig.terminal.outLines)).toEqual([
      {
        type: "problem",
        code: "invalid",
        file: "wrong.yaml",
        line: 2,
        path: "requests[0].destination",
        message: "is missing",
      },
    ]);
  });
});

const TWO = `requests:
  - { object: s3://lab/m/b, destination: d/ }
  - { object: s3://lab/m/a, destination: d/ }
`;

describe("get of what a file asks for", () => {
  it("reads standard input, and makes one transfer where one will do", async () => {
    const rig = open(listing(makeItem({ name: "a", phase: "done" })));
    rig.terminal.input = TWO;
    await rig.run("get", "-f", "-");
    expect(rig.engine.inputsOf("transfer.download")).toMatchObject([
      { keys: ["m/a", "m/b"], folder: { path: join(folder, "d") }, contentsOnly: false },
    ]);
  });

  it("reports each request, and all of them, as JSON lines", async () => {
    const items = [
      makeItem({ index: 0, name: "a", sizeBytes: 5, phase: "skipped", note: "already here" }),
      makeItem({
        index: 1,
        name: "b",
        sizeBytes: 7,
        phase: "failed",
        error: { code: "corrupt", message: "", details: {} },
      }),
    ];
    const error = { code: "items-failed", message: "", details: { count: 1 } };
    const counts = { itemCount: 2, failedItemCount: 1, skippedItemCount: 1, doneItemCount: 0 };
    const state = { phase: "failed", atMs: 0, error };
    const view = makeView({ ...counts, direction: "download", state, totalBytes: 12 });
    const rig = open(listing(...items), [view]);
    rig.terminal.input = TWO;
    expect(await rig.run("get", "--json", "-f", "-")).toBe(7);
    expect(parsed(rig.terminal.outLines)).toMatchObject([
      {
        type: "result",
        uri: "s3://lab/m/a",
        destination: join(folder, "d", "a"),
        phase: "skipped",
        totalBytes: 5,
        keptBytes: 5,
        counts: { items: 1, done: 0, failed: 0, skipped: 1 },
        error: null,
        exitCode: 0,
      },
      { uri: "s3://lab/m/b", phase: "failed", error: { code: "corrupt" }, exitCode: 7 },
      { type: "summary", requests: 2, inPlace: 1, exitCode: 7, transfers: 1, totalBytes: 12 },
    ]);
  });
});

describe("a dry run of get", () => {
  it("says what would come, and starts nothing", async () => {
    const page = {
      prefixes: [],
      objects: [{ key: "m/k", sizeBytes: 3, modifiedAtMs: 0, etag: '"e"' }],
      cursor: null,
    };
    const here = { hereCount: 0, hereBytes: 0 };
    const measured = { objectCount: 4, sizeBytes: 4_000_000, ...here, isCut: false };
    const rig = open({
      "library.list": async () => page,
      "library.measure": async () => measured,
    });
    rig.terminal.input = `requests:
  - { object: s3://lab/m/k, destination: d/ }
  - { prefix: s3://lab/p/, destination: p, exclude: [x] }
`;
    expect(await rig.run("get", "-n", "-f", "-")).toBe(0);
    expect(rig.terminal.outLines).toEqual([
      `would download s3://lab/m/k to ${join(folder, "d")}: 1 file, 3 B`,
      `would download s3://lab/p/ to ${join(folder, "p")}: at most 4 files, 4 MB`,
    ]);
    expect(rig.engine.inputsOf("transfer.download")).toEqual([]);
  });

  it("finds many objects of one folder for that by one listing", async () => {
    const keys = Array.from({ length: 1000 }, (_, n) => `m/${n}`);
    const objects = keys.map((key) => ({ key, sizeBytes: 1, modifiedAtMs: 0, etag: '"e"' }));
    const rig = open({ "library.list": async () => ({ prefixes: [], objects, cursor: null }) });
    const requests = keys.map((key) => ({ object: `s3://lab/${key}`, destination: "d/" }));
    rig.terminal.input = JSON.stringify({ requests });
    expect(await rig.run("get", "--dry-run", "-f", "-")).toBe(0);
    expect(rig.terminal.outLines).toEqual([
      `would download s3://lab/m/0 and 999 more to ${join(folder, "d")}: 1000 files, 1 kB`,
    ]);
    expect(rig.engine.inputsOf("library.list")).toHaveLength(1);
  });
});

describe("get, when it does not come to its end,", () => {
  it("keeps what was moved when it is interrupted, and says how to go on", async () => {
    const rig = open({}, []);
    rig.terminal.input = TWO;
    const running = rig.run("get", "-f", "-");
    setImmediate(() => rig.interrupt());
    expect(await running).toBe(130);
    expect(rig.terminal.errLines).toEqual([
      "Stopped. What was moved is kept; to go on: longhaul get -f -",
    ]);
  });

  it("pauses what it has started where the rest cannot start, if another process runs it", async () => {
    const start = async ({ keys }: { keys: readonly string[] }) => {
      if (keys.includes("q/")) throw new LonghaulError("path-denied", "not there");
      return { id: arrived.id, isContinued: false };
    };
    const rig = open({ "transfer.download": start, "transfer.pause": async () => null }, []);
    Object.assign(rig.engine, { isAttached: true });
    rig.terminal.input = `requests:
  - { prefix: s3://lab/p/, destination: p }
  - { prefix: s3://lab/q/, destination: q }
`;
    expect(await rig.run("get", "-f", "-")).toBe(3);
    expect(rig.engine.inputsOf("transfer.pause")).toEqual([{ id: arrived.id }]);
  });
});
