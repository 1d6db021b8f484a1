/** What a process that dies leaves of the cache, and what the command line does about it. */
import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { toFileStamp } from "#main/disk/file-stamp.ts";
import { canTrace, MiB, SLOW, useProcesses } from "./process-rig.ts";

const rig = useProcesses("cache");
const { launchUnder, run, requestsFor } = rig;

let folder = "";
beforeEach(() => {
  ({ folder } = rig);
});

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

const journalPath = () => join(folder, "home", "journal.db");

/** Sends a file in parts and fetches it again. */
async function fetched(name: string, sizeBytes: number) {
  const bytes = randomBytes(sizeBytes);
  const source = join(folder, name);
  writeFileSync(source, bytes);
  const uri = `s3://lab/${name}`;
  expect((await run("cp", "--part-size", "5MiB", source, uri)).code).toBe(0);
  expect((await run("cp", uri, `${join(folder, "out")}/`)).code).toBe(0);
  // The file that was sent is known as a copy, too.
  rmSync(source);
  return { path: join(folder, "out", name), sha256: sha256Of(bytes), uri };
}

function flip(path: string, ...places: readonly number[]): void {
  const bytes = readFileSync(path);
  for (const place of places) bytes[place] = (bytes[place] ?? 0) ^ 0xff;
  writeFileSync(path, bytes);
}

function fetchedBytes(key: string): number {
  const gets = requestsFor(key).filter(({ op, status }) => op === "GetObject" && status === 206);
  return gets.reduce((sum, { range = "0-0" }) => sum + lengthOf(range), 0);
}

function lengthOf(range: string): number {
  const [start = 0, end = 0] = range.split("-").map(Number);
  return end - start;
}

/** A file in the cache folder, known as a copy that may be evicted: this machine may share no bytes. */
function addCopy(like: string, usedAtMs: number): string {
  const path = join(folder, "home", "cache", `${randomBytes(12).toString("hex")}.blob`);
  writeFileSync(path, readFileSync(like));
  const stamp = JSON.stringify(toFileStamp(statSync(path, { bigint: true })));
  const database = new DatabaseSync(journalPath());
  const own = z
    .record(z.string(), z.union([z.string(), z.number(), z.null()]))
    .parse(database.prepare("SELECT * FROM entries WHERE path = ?").get(like));
  const row = { ...own, path, stamp, kind: "managed", usedAtMs };
  const names = Object.keys(row);
  database
    .prepare(
      `INSERT INTO entries (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
    )
    .run(...Object.values(row));
  database.close();
  return path;
}

/** The default folder, made and marked as a first copy makes it. */
function makeCacheFolder(): void {
  const path = join(folder, "home", "cache");
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, ".longhaul-cache"), "lab-marker\n");
  const file = join(folder, "home", "settings.json");
  const settings = z.record(z.string(), z.unknown()).parse(JSON.parse(readFileSync(file, "utf8")));
  const own = { path, quotaBytes: null, keepFreeBytes: null, marker: "lab-marker" };
  writeFileSync(file, JSON.stringify({ ...settings, cache: { folders: [own] } }));
}

/** @param touched Null for any: of two names strace looks at the first, which is made up here. */
async function killAt(call: string, touched: string | null, command: readonly string[]) {
  const inject = ["-e", `trace=${call}`, "-e", `inject=${call}:signal=KILL:when=1`];
  const only = touched === null ? [] : ["-P", touched];
  const strace = ["strace", "-qq", "-f", "-o", "/dev/null", ...only, ...inject, "--"];
  const { code } = await launchUnder(strace, ...command).ended;
  expect([call, code]).toEqual([call, null]);
}

it.skipIf(!canTrace())(
  "a kill -9 in the middle of an eviction: the next start finishes it, and touches nothing else",
  async () => {
    const { path, sha256 } = await fetched("evict.bin", MiB);
    expect(
      (await run("cache", "set-folder", join(folder, "home/cache"), "--quota", "1GB")).code,
    ).toBe(0);
    makeCacheFolder();
    const [first, second] = [addCopy(path, 1000), addCopy(path, 2000)];
    const stranger = join(dirname(first), "mine.txt");
    writeFileSync(stranger, "mine");
    writeFileSync(path, "changed, so that the copies are all there is");
    await killAt("unlink", first, ["cache", "prune", "--free", "1kB"]);
    expect(existsSync(first)).toBe(true);
    const { out } = await run("cache", "ls", "--filter", "managed", "--json");
    expect(existsSync(first)).toBe(false);
    expect(out.trim().split("\n")).toEqual([expect.stringContaining(second)]);
    expect(sha256Of(readFileSync(second))).toBe(sha256);
    expect(existsSync(stranger)).toBe(true);
  },
  SLOW,
);

it.skipIf(!canTrace())(
  "a kill -9 between two evictions: what is gone is not known any more, and the rest is whole",
  async () => {
    const { path, sha256 } = await fetched("evicts.bin", MiB);
    expect(
      (await run("cache", "set-folder", join(folder, "home/cache"), "--quota", "1GB")).code,
    ).toBe(0);
    makeCacheFolder();
    const copies = [1000, 2000, 3000].map((usedAtMs) => addCopy(path, usedAtMs));
    writeFileSync(path, "changed, so that the copies are all there is");
    const [first = "", second = "", third = ""] = copies;
    const there = () => copies.map((copy) => existsSync(copy));
    await killAt("unlink", second, ["cache", "prune", "--free", "2MB"]);
    expect(there()).toEqual([false, true, true]);
    for (const copy of [second, third]) expect(sha256Of(readFileSync(copy))).toBe(sha256);
    const { out } = await run("cache", "ls", "--filter", "managed", "--json");
    const known = copies.filter((copy) => out.includes(copy));
    expect(known).toEqual(copies.filter((copy) => existsSync(copy)));
    expect(known).toContain(third);
    expect(known).not.toContain(first);
    expect((await run("cache", "prune", "--free", "2MB")).code).toBe(0);
    expect(existsSync(second)).toBe(false);
  },
  SLOW,
);

it.skipIf(!canTrace()).each([
  ["fdatasync", "before its mended data is on the disk"],
  ["rename", "as a repaired file gets its name"],
] as const)(
  "a kill -9 at %s, %s: the old one is there, and the same command mends it",
  async (call, _when) => {
    const { path, sha256 } = await fetched(`${call}.bin`, 12 * MiB);
    flip(path, 6 * MiB);
    const damaged = sha256Of(readFileSync(path));
    await killAt(call, null, ["cache", "repair", path]);
    expect(sha256Of(readFileSync(path))).toBe(damaged);
    expect((await run("cache", "repair", path)).code).toBe(0);
    expect(sha256Of(readFileSync(path))).toBe(sha256);
    expect(readdirSync(dirname(path))).toEqual([`${call}.bin`]);
  },
  SLOW,
);

it(
  "verifies and repairs over the command line: exactly the damaged pieces move",
  async () => {
    const { path, sha256, uri } = await fetched("pieces.bin", 17 * MiB);
    expect(await run("cache", "verify", path)).toMatchObject({ code: 0 });
    flip(path, 1, 6 * MiB);
    const before = fetchedBytes("pieces.bin");
    expect(await run("cache", "verify")).toMatchObject({
      out: expect.stringContaining("1 changed by hand"),
    });
    expect((await run("cache", "forget", join(folder, "pieces.bin"))).code).toBe(0);
    const { code, out } = await run("cache", "repair", uri, "--json");
    expect([code, JSON.parse(out)]).toEqual([
      0,
      expect.objectContaining({ repairedCount: 1, fetchedBytes: 10 * MiB }),
    ]);
    expect(fetchedBytes("pieces.bin") - before).toBe(10 * MiB);
    expect(sha256Of(readFileSync(path))).toBe(sha256);
  },
  SLOW,
);

it(
  "deletes exactly what a dry run says, and neither what is pinned nor a user's own file",
  async () => {
    const { path } = await fetched("prune.bin", MiB);
    expect(
      (await run("cache", "set-folder", join(folder, "home/cache"), "--quota", "1GB")).code,
    ).toBe(0);
    makeCacheFolder();
    const copies = [1000, 2000, 3000].map((usedAtMs) => addCopy(path, usedAtMs));
    writeFileSync(`${path}.moved`, readFileSync(path));
    writeFileSync(path, "another one");
    const [oldest = "", middle = "", newest = ""] = copies;
    expect((await run("cache", "pin", oldest)).code).toBe(0);
    const dry = await run("cache", "prune", "--free", "1kB", "--dry-run", "--json");
    const wet = await run("cache", "prune", "--free", "1kB", "--json");
    const named = (text: string) => text.split("\n").filter((line) => line.includes('"entry"'));
    expect(named(dry.out)).toEqual(named(wet.out));
    expect(named(wet.out)).toEqual([expect.stringContaining(middle)]);
    expect([oldest, middle, newest].map((one) => existsSync(one))).toEqual([true, false, true]);
    expect(readFileSync(path, "utf8")).toBe("another one");
  },
  SLOW,
);
