import { DEFAULT_NETWORK } from "#shared/network.ts";
import { expect, it } from "vitest";
import type { CallHandlers } from "#shared/contract.ts";
import { ProfileId } from "#shared/profile.ts";
import { Settings } from "#shared/settings.ts";
import { chooseProfile } from "../choose-profile.ts";
import { openProgram } from "../program-rig.ts";

const open = (handlers: Partial<CallHandlers>) => openProgram("/work", handlers);

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

it("asks for one level, or for everything under it", async () => {
  const page = { prefixes: [], objects: [], cursor: null };
  const rig = open({ "library.list": async () => page });
  await rig.run("ls", "s3://lab");
  await rig.run("ls", "-r", "s3://lab");
  expect(rig.engine.inputsOf("library.list")).toMatchObject([{ isDeep: false }, { isDeep: true }]);
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
  week: null,
  paceOverride: null,
  network: DEFAULT_NETWORK,
  recentDestinations: [],
  recentFolders: [],
  detailWidth: 400,
  libraryView: "files",
};

const NOW = { mode: "limited", untilMs: null, next: null, isOverride: false } as const;

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
    "limit.now": async () => ({ ...NOW, limits }),
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

it("refuses a file of certificates that is not there, before it asks for a secret", async () => {
  const rig = open({ "profile.list": async () => [] });
  const flags = ["--access-key-id", "AK", "--secret-stdin", "--ca-file", "/nowhere/ca.pem"];
  expect(await rig.run("profiles", "add", "Lab", ...flags)).toBe(3);
  expect(rig.engine.inputsOf("profile.save")).toEqual([]);
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
