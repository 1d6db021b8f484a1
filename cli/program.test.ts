import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { CallHandlers } from "#shared/contract.ts";
import { LonghaulError } from "#shared/errors.ts";
import { ProfileId } from "#shared/profile.ts";
import { Settings } from "#shared/settings.ts";
import type { TransferView } from "#shared/transfer.ts";
import { FakeClock } from "#main/flow/fake-clock.ts";
import { chooseProfile } from "./choose-profile.ts";
import { FakeEngine } from "./fake-engine.ts";
import { FakeTerminal } from "./fake-terminal.ts";
import { done, makeItem, makeView, running } from "./fake-views.ts";
import { runProgram } from "./program.ts";
import type { SessionOptions } from "./session.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "longhaul-program-"));
  writeFileSync(join(folder, "big.bin"), "x");
  mkdirSync(join(folder, "tree"));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Rig = {
  readonly terminal: FakeTerminal;
  readonly engine: FakeEngine;
  readonly sessions: SessionOptions[];
  readonly interrupt: () => void;
  run(...args: string[]): Promise<number>;
};

/** A command line over an engine whose transfer passes through these views, one an event. */
function open(handlers: Partial<CallHandlers> = {}, views: TransferView[] = []): Rig {
  const terminal = new FakeTerminal();
  const aborter = new AbortController();
  const clock = new FakeClock();
  const sessions: SessionOptions[] = [];
  const start = async () => {
    for (const view of views)
      setImmediate(() => engine.emit({ type: "transfers", changed: [view], removed: [] }));
    return { id: makeView().id, isContinued: false };
  };
  const engine = new FakeEngine({
    "transfer.upload": start,
    "transfer.download": start,
    "transfer.list": async () => [],
    ...handlers,
  });
  const context = (args: readonly string[]) => ({
    terminal,
    args,
    clock,
    interrupts: { signal: aborter.signal, exitCode: () => (aborter.signal.aborted ? 130 : null) },
    workingFolder: folder,
    userFolder: folder,
    home: folder,
    pageFolder: folder,
    openEngine: async (options: SessionOptions) => {
      sessions.push(options);
      return engine;
    },
    chooseProfile: async (flags: Parameters<typeof chooseProfile>[0]) =>
      chooseProfile(flags, [], ["work"], {
        region: null,
        endpointUrl: null,
        addressing: "auto" as const,
      }),
  });
  return {
    terminal,
    engine,
    sessions,
    interrupt: () => aborter.abort(),
    run: (...args) => runProgram(args, async () => context(args), terminal),
  };
}

const finished = makeView({ state: done, doneBytes: 1e9, doneItemCount: 1, rung: "signed-sha256" });

it("copies a file and says what it made, how fast, and how it was checked", async () => {
  const rig = open({}, [makeView(), finished]);
  expect(await rig.run("cp", "big.bin", "s3://lab/m/")).toBe(0);
  expect(rig.terminal.outLines).toEqual([
    "uploaded big.bin to s3://lab/m/big.bin: 1 GB in 10 s (100 MB/s); sent under SHA-256 that the server checked",
  ]);
  expect(rig.engine.inputsOf("transfer.upload")).toMatchObject([
    {
      sources: [{ path: join(folder, "big.bin") }],
      destination: { bucket: "lab", prefix: "m/" },
      rename: null,
      contentsOnly: false,
      onConflict: "fail",
    },
  ]);
  expect(rig.sessions).toMatchObject([{ command: "cp", runs: "own", isTransient: true }]);
  expect(rig.engine.isClosed).toBe(true);
});

it("makes the folder that a download names", async () => {
  const rig = open({}, [makeView({ direction: "download", state: done })]);
  expect(await rig.run("cp", "s3://lab/t/", "new/deep")).toBe(0);
  expect(rig.engine.inputsOf("transfer.download")).toMatchObject([
    { bucket: "lab", keys: ["t/"], folder: { path: join(folder, "new/deep") }, contentsOnly: true },
  ]);
  expect(existsSync(join(folder, "new/deep"))).toBe(true);
});

it("passes the flags on", async () => {
  const rig = open({ "limit.set": async () => null }, [finished]);
  const flags = ["--part-size", "64MiB", "--connections", "50", "--limit-rate", "40Mbit"];
  const more = [
    "--include",
    "*.bin",
    "--include",
    "*.json",
    "--exclude",
    "tmp/*",
    "--follow-symlinks",
  ];
  expect(
    await rig.run("cp", ...flags, ...more, "--on-conflict", "rename", "tree", "s3://lab/m"),
  ).toBe(0);
  expect(rig.engine.inputsOf("transfer.upload")).toMatchObject([
    {
      partSizeBytes: 64 * 1024 * 1024,
      include: ["*.bin", "*.json"],
      exclude: ["tmp/*"],
      followSymlinks: true,
      onConflict: "keep-both",
      contentsOnly: true,
    },
  ]);
  const rate = 5_000_000;
  expect(rig.engine.inputsOf("limit.set")).toEqual([
    { downBytesPerSecond: rate, upBytesPerSecond: rate },
  ]);
  expect(rig.sessions).toMatchObject([{ connections: 50 }]);
});

it("prints only what it made when quiet, and JSON lines when asked", async () => {
  const quiet = open({}, [finished]);
  await quiet.run("cp", "-q", "big.bin", "s3://lab/m/");
  expect([quiet.terminal.outLines, quiet.terminal.errLines]).toEqual([["s3://lab/m/big.bin"], []]);
  const json = open({}, [finished]);
  await json.run("cp", "--json", "big.bin", "s3://lab/m/");
  expect(json.terminal.outLines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { type: "result", phase: "done", to: "s3://lab/m/big.bin", exitCode: 0, error: null },
  ]);
});

it("says that identical content is there already, and succeeds", async () => {
  const view = makeView({ state: done, doneBytes: 1e9, keptBytes: 1e9, rung: "part-sha256" });
  const rig = open({}, [view]);
  expect(await rig.run("cp", "big.bin", "s3://lab/m/")).toBe(0);
  expect(rig.terminal.outLines[0]).toContain("already there");
});

it("keeps the parts at Ctrl-C and says how to go on", async () => {
  const rig = open({}, [makeView()]);
  const stopping = rig.run("cp", "big.bin", "s3://lab/two words/");
  setTimeout(rig.interrupt, 5);
  expect(await stopping).toBe(130);
  expect(rig.terminal.errLines).toEqual([
    "Stopped. What was moved is kept; to go on: longhaul cp big.bin 's3://lab/two words/'",
  ]);
  expect([rig.engine.isClosed, rig.engine.inputsOf("transfer.cancel")]).toEqual([true, []]);
});

const failed = (code: string, given = {}) =>
  makeView({
    state: { phase: "failed", atMs: 0, error: { code, message: "", details: {} } },
    ...given,
  });

it.each([
  ["unknown-host", 5],
  ["unreachable", 5],
  ["untrusted-certificate", 5],
  ["access-denied", 6],
  ["bucket-missing", 4],
  ["corrupt", 7],
  ["disk-full", 8],
  ["conflict", 11],
  ["source-changed", 1],
])("ends with the exit code of %s: %i", async (code, exitCode) => {
  const rig = open({}, [failed(code)]);
  expect(await rig.run("cp", "big.bin", "s3://lab/m/")).toBe(exitCode);
  expect(rig.terminal.outLines).toEqual([]);
  expect(rig.terminal.errLines.at(-1)).toBe("Nothing was moved.");
});

it("ends when the transfer waits for a person, with what it waits for", async () => {
  const error = { code: "credentials-expired", message: "", details: {} };
  const paused = { phase: "paused", cause: "credentials", sinceMs: 0, error };
  const rig = open({}, [makeView({ state: paused, doneBytes: 5e8 })]);
  expect(await rig.run("cp", "big.bin", "s3://lab/m/")).toBe(6);
  expect(rig.terminal.errLines.at(-1)).toBe(
    "500 MB of 1 GB is kept; the same command goes on from there.",
  );
});

it("names failed items and takes the exit code that they have in common", async () => {
  const error = { code: "access-denied", message: "", details: {} } as const;
  const items = [1, 2].map((index) =>
    makeItem({ index, name: `f${index}`, phase: "failed", error }),
  );
  const view = failed("items-failed", { failedItemCount: 2 });
  const rig = open({ "transfer.items": async () => ({ items, total: 2 }) }, [view]);
  expect(await rig.run("cp", "tree", "s3://lab/m/")).toBe(6);
  expect(rig.terminal.errLines.slice(0, 2)).toMatchObject([
    /^f1: AUTH_DENIED: /,
    /^f2: AUTH_DENIED: /,
  ]);
});

it("asks about other content on a terminal, until it understands the answer", async () => {
  const asking = makeView({ askingItemCount: 1 });
  const handlers: Partial<CallHandlers> = {
    "transfer.items": async () => ({
      items: [makeItem({ name: "a\x1b[2J", phase: "asking" })],
      total: 1,
    }),
    "transfer.answer": async () => {
      rig.engine.emit({ type: "transfers", changed: [finished], removed: [] });
      return null;
    },
  };
  const rig = open(handlers, [asking]);
  rig.terminal.canAsk = true;
  rig.terminal.answers = ["what?", "R"];
  expect(await rig.run("cp", "big.bin", "s3://lab/m/")).toBe(0);
  expect(rig.terminal.errLines).toEqual(["Other content is already there: $'a\\x1b[2J'"]);
  expect(rig.engine.inputsOf("transfer.answer")).toMatchObject([
    { answer: "replace", forAll: true },
  ]);
  expect(rig.engine.inputsOf("transfer.upload")).toMatchObject([{ onConflict: "ask" }]);
});

it("names the transfers that it leaves as they are", async () => {
  const other = makeView({
    id: "00000000-0000-4000-8000-000000000000",
    name: "other",
    state: running,
  });
  const rig = open({ "transfer.list": async () => [other] }, [finished]);
  await rig.run("cp", "big.bin", "s3://lab/m/");
  expect(rig.terminal.errLines).toEqual(["Left as it is: other to s3://lab/m/"]);
});

it("measures and moves nothing in a dry run", async () => {
  const rig = open({
    "folder.measure": async () => ({ files: 12, folders: 2, sizeBytes: 3e9, isCut: false }),
  });
  expect(await rig.run("cp", "-n", "tree", "s3://lab/t")).toBe(0);
  expect(rig.terminal.outLines).toEqual([
    `would upload ${join(folder, "tree")} to s3://lab/t/: 12 files, 3 GB`,
  ]);
  expect(rig.engine.inputsOf("transfer.upload")).toEqual([]);
});

it.each([
  [["cp"], 2],
  [["cp", "big.bin"], 2],
  [["cp", "a", "b", "s3://lab/x"], 2],
  [["cp", "gone.bin", "s3://lab/x"], 3],
  [["cp", "--limit-rate", "10", "big.bin", "s3://lab/"], 2],
  [["cp", "--limit-rate", "10M", "big.bin", "s3://lab/"], 2],
  [["cp", "--part-size", "1MiB", "big.bin", "s3://lab/"], 2],
  [["cp", "--connections", "0", "big.bin", "s3://lab/"], 2],
  [["cp", "--json", "--quiet", "big.bin", "s3://lab/"], 2],
  [["cp", "--profile", "nobody", "big.bin", "s3://lab/"], 3],
  [["cp", "big.bin", "oci://registry/x"], 2],
  [["copy", "big.bin", "s3://lab/"], 2],
  [["ls", "some/path"], 2],
  [["limit", "set"], 2],
  [["profiles", "add", "x"], 2],
  [["profiles", "add", "x", "--access-key-id", "AK", "--secret", "canary"], 2],
  [["serve", "--port", "70000"], 2],
  [["serve", "--host", "0.0.0.0"], 2],
])("refuses %j with exit code %i and a reason, and repeats no secret", async (args, exitCode) => {
  const rig = open({ "profile.list": async () => [] });
  expect(await rig.run(...args)).toBe(exitCode);
  expect(rig.terminal.errLines.length).toBeGreaterThan(0);
  expect(rig.terminal.errLines.join("\n")).not.toContain("canary");
  expect(rig.engine.inputsOf("transfer.upload")).toEqual([]);
});

it("says who has the home", async () => {
  const rig = open({
    "settings.get": async () => {
      throw new LonghaulError("locked", "taken", {
        details: { holder: "longhaul serve, process 7" },
      });
    },
  });
  expect(await rig.run("limit", "show")).toBe(12);
  expect(rig.terminal.errLines.join("\n")).toContain("longhaul serve, process 7");
});

it("lists a bucket page by page, with names that cannot harm a terminal", async () => {
  const object = (key: string) => ({ key, sizeBytes: 7, modifiedAtMs: 0, etag: "e" });
  const rig = open({
    "library.list": async ({ cursor }) =>
      cursor === null
        ? { prefixes: ["t/sub/"], objects: [object("t/a\x1b[2J")], cursor: "next" }
        : { prefixes: [], objects: [object("t/b")], cursor: null },
  });
  expect(await rig.run("ls", "s3://lab/t/")).toBe(0);
  expect(rig.terminal.outLines.map((line) => line.trim())).toEqual([
    "t/sub/",
    "7  1970-01-01 00:00:00  $'t/a\\x1b[2J'",
    "7  1970-01-01 00:00:00  t/b",
  ]);
});

it("fails with 4 when nothing is under a prefix", async () => {
  const rig = open({ "library.list": async () => ({ prefixes: [], objects: [], cursor: null }) });
  expect(await rig.run("ls", "s3://lab/typo/")).toBe(4);
  expect(await rig.run("ls", "s3://lab")).toBe(0);
});

const SETTINGS = {
  theme: "system",
  density: "comfortable",
  textSizePercent: 100,
  sizeUnits: "decimal",
  rateUnits: "bytes",
  reduceMotion: false,
  downloadFolder: "/d",
  maxUploads: 3,
  maxDownloads: 3,
  recentDestinations: [],
  recentFolders: [],
  detailWidth: 400,
};

it("shows, sets and lifts the kept limits", async () => {
  let limits = {
    downBytesPerSecond: null as number | null,
    upBytesPerSecond: null as number | null,
  };
  const rig = open({
    "settings.get": async () => Settings.parse({ ...SETTINGS, limits }),
    "limit.set": async (given) => {
      limits = given;
      return null;
    },
  });
  await rig.run("limit", "set", "--down", "40Mbit");
  await rig.run("limit", "show", "--json");
  await rig.run("limit", "off");
  expect(rig.terminal.outLines).toEqual([
    "down 5 MB/s (40 Mbit/s), up unlimited",
    '{"type":"limits","downBytesPerSecond":5000000,"upBytesPerSecond":null}',
    "down unlimited, up unlimited",
  ]);
});

it("adds a profile with a secret from standard input, which stands nowhere else", async () => {
  const rig = open({ "profile.list": async () => [], "profile.save": async () => null });
  rig.terminal.input = "canary-secret\ncanary-token";
  const flags = [
    "--endpoint-url",
    "http://minio.lab:9000",
    "--access-key-id",
    "AK",
    "--secret-stdin",
  ];
  expect(await rig.run("profiles", "add", "Lab", ...flags)).toBe(0);
  expect(rig.engine.inputsOf("profile.save")).toMatchObject([
    {
      profile: { name: "Lab", credentials: { kind: "stored", accessKeyId: "AK" } },
      secret: { secretAccessKey: "canary-secret", sessionToken: "canary-token" },
    },
  ]);
  expect([...rig.terminal.outLines, ...rig.terminal.errLines].join()).not.toContain("canary");
});

it("asks a person for the secret without showing it", async () => {
  const rig = open({ "profile.list": async () => [], "profile.save": async () => null });
  rig.terminal.canAsk = true;
  rig.terminal.answers = ["canary-secret"];
  await rig.run("profiles", "add", "Lab", "--access-key-id", "AK", "--secret-stdin");
  expect(rig.terminal.questions).toEqual(["Secret access key (not shown): "]);
  expect(rig.engine.inputsOf("profile.save")).toMatchObject([
    { secret: { secretAccessKey: "canary-secret" } },
  ]);
});

it("tests a profile step by step and ends with the failed step's exit code", async () => {
  const error = { code: "clock-skewed", message: "", details: { clockAheadSeconds: 540 } } as const;
  const { profile } = chooseProfile({ profile: null, endpointUrl: null, region: null }, [], [], {
    region: null,
    endpointUrl: null,
    addressing: "auto",
  });
  const rig = open({
    "profile.list": async () => [
      { profile: { ...profile, id: ProfileId.parse("p"), name: "Lab" }, problem: null },
    ],
    "profile.test": async () => [
      { step: "reach", outcome: "passed", found: "answered in 12 ms", error: null, tookMs: 12 },
      { step: "clock", outcome: "failed", found: "", error, tookMs: 1 },
      { step: "list", outcome: "skipped", found: "", error: null, tookMs: 0 },
    ],
  });
  expect(await rig.run("profiles", "test", "Lab")).toBe(6);
  expect(rig.terminal.outLines).toMatchObject([
    "ok     reach      answered in 12 ms",
    /^FAILED clock +CLOCK_SKEW: .*9 min ahead/,
    "-      list",
  ]);
});

it("answers help and version on standard output, with success", async () => {
  const rig = open();
  expect([await rig.run("--version"), await rig.run("cp", "--help")]).toEqual([0, 0]);
  expect(rig.terminal.outLines[0]).toMatch(/^\d+\.\d+\.\d+$/);
  expect(rig.sessions).toEqual([]);
});
