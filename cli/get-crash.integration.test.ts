/** `longhaul get` that is killed: what is under a final name is whole, and the same command ends it. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { beforeEach, expect, it } from "vitest";
import { tarEntry } from "#main/archives/tar-fixtures.ts";
import { canTrace, SLOW, useProcesses, WITHIN } from "./process-rig.ts";

const COUNT = 200;
const FILE_BYTES = 32 * 1024;
const ENTRIES = 3000;

const rig = useProcesses("get-crash");
const { launch, launchUnder, run, requestsFor } = rig;

let folder = "";
beforeEach(() => {
  ({ folder } = rig);
});

async function put(key: string, body: string | Uint8Array): Promise<void> {
  await rig.s3.send(new PutObjectCommand({ Bucket: "lab", Key: key, Body: body }));
}

function gets(key: string): number {
  return requestsFor(key).filter(({ op, status }) => op === "GetObject" && status < 300).length;
}

/** Names in a folder, those of temporary files, too; none where there is no folder. */
function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path).toSorted();
  } catch {
    return [];
  }
}

const contentOf = (name: string) => name.repeat(FILE_BYTES / name.length);

/** Those that have their final names, each of which is whole. */
function finished(path: string, names: readonly string[]): readonly string[] {
  const here = namesIn(path).filter((name) => names.includes(name));
  for (const name of here) expect(readFileSync(join(path, name), "utf8")).toBe(contentOf(name));
  return here;
}

it.each([0.1, 0.6])(
  "kill -9 when %d of a prefix is fetched: nothing half has a name, and nothing whole moves again",
  async (share) => {
    const names = Array.from({ length: COUNT }, (_, n) => `${String(n).padStart(4, "0")}.bin.`);
    const prefix = `tree-${share}/`;
    await Promise.all(names.map(async (name) => await put(prefix + name, contentOf(name))));
    const request = { prefix: `s3://lab/${prefix}`, destination: "tree" };
    writeFileSync(join(folder, "tree.json"), JSON.stringify({ requests: [request] }));
    const tree = join(folder, "tree");
    const slowly = ["--limit-rate", "2MB"];
    const { child, ended } = launch("get", "-f", "tree.json", ...slowly);
    const isThere = (name: string) => names.includes(name);
    await expect
      .poll(() => namesIn(tree).filter(isThere).length, WITHIN)
      .toBeGreaterThan(COUNT * share);
    child.kill("SIGKILL");
    await ended;
    const before = finished(tree, names);
    expect(before.length).toBeLessThan(COUNT);
    const again = await run("get", "-f", "tree.json");
    expect([again.code, again.err]).toEqual([
      0,
      "Going on with the unfinished transfer of the same.\n",
    ]);
    expect(finished(tree, names)).toEqual(names);
    expect(namesIn(tree)).toEqual(names);
    expect(before.map((name) => gets(prefix + name))).toEqual(before.map(() => 1));
    const total = names.reduce((sum, name) => sum + gets(prefix + name), 0);
    // What was under way, which small objects are whole or not at all.
    expect(total - COUNT).toBeLessThanOrEqual(64);
    const third = await run("get", "-q", "-f", "tree.json");
    expect([third.code, third.err]).toEqual([0, ""]);
    expect(names.reduce((sum, name) => sum + gets(prefix + name), 0)).toBe(total);
  },
  SLOW,
);

/** An archive at the store, and a request to unpack it into `un/bert`. */
async function archived(key: string, version: string): Promise<void> {
  const names = Array.from({ length: ENTRIES }, (_, n) => `d${n % 10}/${n}.txt`);
  const entries = names.map((name) => tarEntry(name, `${version} ${name}`));
  await put(key, gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)])));
  const unpack = { destination: "un/bert" };
  const request = { object: `s3://lab/${key}`, destination: "bert.tar.gz", unpack };
  writeFileSync(join(folder, "bert.json"), JSON.stringify({ requests: [request] }));
}

/** Of a folder in `un`: all of one version, or that there is none. */
function unpackedVersion(name = "bert"): string | null {
  const root = join(folder, "un", name);
  const entries = namesIn(root).length === 0 ? [] : readdirSync(root, { recursive: true });
  const files = entries.map(String).filter((path) => path.endsWith(".txt"));
  if (files.length === 0) return null;
  const versions = files.map((path) => {
    const [version = "", told] = readFileSync(join(root, path), "utf8").split(" ");
    expect(told).toBe(path);
    return version;
  });
  expect([files.length, new Set(versions).size]).toEqual([ENTRIES, 1]);
  return versions[0] ?? "";
}

/** Kills a run as it enters a system call, the `nth` time. */
async function killAt(call: string, touched: string | null, nth = 1): Promise<void> {
  const only = touched === null ? [] : ["-P", touched];
  const inject = ["-e", `trace=${call}`, "-e", `inject=${call}:signal=KILL:when=${nth}`];
  const strace = ["strace", "-qq", "-f", "-o", "/dev/null", ...only, ...inject, "--"];
  const { code } = await launchUnder(strace, "get", "-f", "bert.json").ended;
  expect([call, code]).toEqual([call, null]);
}

/** The same command to its end: all is in place, nothing else is left, and again it does nothing. */
async function endsWith(key: string, version: string): Promise<void> {
  expect((await run("get", "-q", "-f", "bert.json")).code).toBe(0);
  const fetched = gets(key);
  expect(unpackedVersion()).toBe(version);
  expect(namesIn(join(folder, "un"))).toEqual(["bert"]);
  expect(namesIn(folder).filter((name) => name.startsWith(".longhaul"))).toEqual([]);
  const { ino } = statSync(join(folder, "un", "bert"));
  const third = await run("get", "-q", "-f", "bert.json");
  expect([third.code, third.err]).toEqual([0, ""]);
  expect(statSync(join(folder, "un", "bert")).ino).toBe(ino);
  expect(gets(key)).toBe(fetched);
}

const temporary = (what: string) =>
  namesIn(join(folder, "un")).filter((name) => name.startsWith(`.longhaul-${what}-`));
const extracts = () => temporary("extract");

it(
  "kill -9 while an archive is unpacked: nothing of it is there, and the same command unpacks it",
  async () => {
    await archived("while.tar.gz", "one");
    const { child, ended } = launch("get", "-f", "bert.json");
    const unpacked = () => {
      const [extract = ""] = extracts();
      return namesIn(join(folder, "un", extract, "tree")).length;
    };
    await expect.poll(unpacked, { ...WITHIN, interval: 1 }).toBeGreaterThan(1);
    child.kill("SIGKILL");
    await ended;
    expect([unpackedVersion(), extracts().length]).toEqual([null, 1]);
    await endsWith("while.tar.gz", "one");
  },
  SLOW,
);

it.skipIf(!canTrace()).each([
  // The first is of a document in the home.
  ["rename", 2, "before the folder gets its name", null],
  ["fsync", 1, "after it has its name, before the journal knows of it", "one"],
  ["rmdir", 1, "after the journal knows of it, before the mark beside it is gone", "one"],
] as const)(
  "kill -9 at %s %i, %s: whole or not at all, and the same command ends it",
  async (call, nth, _when, version) => {
    const key = `${call}.tar.gz`;
    await archived(key, "one");
    mkdirSync(join(folder, "un"));
    await killAt(call, call === "fsync" ? join(folder, "un") : null, nth);
    expect([unpackedVersion(), extracts().length]).toEqual([version, 1]);
    const ino = version && statSync(join(folder, "un", "bert")).ino;
    await endsWith(key, "one");
    // What was in place is kept as what it is, and not unpacked again.
    if (version !== null) expect(statSync(join(folder, "un", "bert")).ino).toBe(ino);
    expect(gets(key)).toBe(1);
  },
  SLOW,
);

it.skipIf(!canTrace()).each([
  [2, "before the new archive takes the place of the old one", "one", 0],
  [3, "before what came out of the old one makes room", "one", 0],
  [4, "before what came out of the new one gets its name", null, 1],
] as const)(
  "kill -9 at rename %i, %s: the old one is whole, and the same command brings the new one",
  async (nth, _when, version, asideCount) => {
    const key = `versions-${nth}.tar.gz`;
    await archived(key, "one");
    expect((await run("get", "-q", "-f", "bert.json")).code).toBe(0);
    expect(unpackedVersion()).toBe("one");
    await archived(key, "two");
    await killAt("rename", null, nth);
    expect([unpackedVersion(), temporary("before").length]).toEqual([version, asideCount]);
    for (const name of temporary("before")) expect(unpackedVersion(name)).toBe("one");
    await endsWith(key, "two");
  },
  SLOW,
);
