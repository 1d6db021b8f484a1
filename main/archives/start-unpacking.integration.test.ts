import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import {
  appendFileSync,
  closeSync,
  openSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toFileStamp } from "../disk/file-stamp.ts";
import { sweepExtract } from "./extract-folder.ts";
import { startUnpacking } from "./start-unpacking.ts";
import { tar, tarEntry, tarFolder } from "./tar-fixtures.ts";
import type { UnpackedEntry } from "./unpack-order.ts";
import { orderOf, treeOf } from "./unpack-rig.ts";
import { zip } from "./zip-fixtures.ts";

const SIGNAL = new AbortController().signal;
const SMALL = tar(tarFolder("d/"), tarEntry("d/a", "a"), tarEntry("b", "b"));
const UNPACKED = { b: "644 b", d: "folder", "d/a": "644 a" };

let root = "";
let archive = "";
let out = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "longhaul-unpack-"));
  archive = join(root, "archive");
  mkdirSync(join(root, "place"));
  out = join(root, "place", "out");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Many files of noise, so that it takes a while. */
function many(count: number): Buffer {
  return tar(
    ...Array.from({ length: count }, (_, at) =>
      tarEntry(`f/${at}`, randomBytes(400).toString("hex")),
    ),
  );
}

describe("unpacking in a thread", () => {
  it("puts all in place, and tells of each entry and of the whole", async () => {
    writeFileSync(archive, SMALL);
    const entries: UnpackedEntry[] = [];
    const unpacking = startUnpacking(orderOf(archive, out), SIGNAL, {
      onEntries: (batch) => void entries.push(...batch),
    });
    expect(await unpacking.done).toEqual({
      format: "tar",
      fileCount: 2,
      folderCount: 1,
      linkCount: 0,
      totalBytes: 2,
      skipped: {},
      warnings: [],
    });
    expect(treeOf(out)).toEqual(UNPACKED);
    expect(entries.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
      "file d/a",
      "file b",
      "folder d",
    ]);
    expect(unpacking.progress).toEqual({ readBytes: SMALL.length, entryCount: 3, writtenBytes: 2 });
    expect(readdirSync(join(root, "place"))).toEqual(["out"]);
  });

  it("X12 a canceled one leaves nothing", async () => {
    writeFileSync(archive, many(3000));
    const canceling = new AbortController();
    const unpacking = startUnpacking(orderOf(archive, out), canceling.signal);
    while (unpacking.progress.writtenBytes === 0) await sleep(1);
    canceling.abort();
    await expect(unpacking.done).rejects.toMatchObject({ name: "AbortError" });
    expect(readdirSync(join(root, "place"))).toEqual([]);
    const late = startUnpacking(orderOf(archive, out), canceling.signal);
    await expect(late.done).rejects.toMatchObject({ name: "AbortError" });
    expect(readdirSync(join(root, "place"))).toEqual([]);
  });
});

describe("the destination of an archive", () => {
  it("takes the place of an empty folder, and makes those above a missing one", async () => {
    writeFileSync(archive, SMALL);
    mkdirSync(out);
    await startUnpacking(orderOf(archive, out), SIGNAL).done;
    await startUnpacking(orderOf(archive, join(root, "new/deep/out")), SIGNAL).done;
    expect([treeOf(out), treeOf(join(root, "new/deep/out"))]).toEqual([UNPACKED, UNPACKED]);
  });

  it("removes the folders that it made above, where it fails", async () => {
    writeFileSync(archive, "no archive");
    const { done } = startUnpacking(orderOf(archive, join(root, "new/deep/out")), SIGNAL);
    await expect(done).rejects.toMatchObject({ code: "unsupported" });
    expect(existsSync(join(root, "new"))).toBe(false);
  });

  it.each(["a file", "a full folder"])("leaves %s at the destination alone", async (what) => {
    writeFileSync(archive, SMALL);
    if (what === "a file") writeFileSync(out, "mine");
    else mkdirSync(join(out, "mine"), { recursive: true });
    const before = treeOf(join(root, "place"));
    const { done } = startUnpacking(orderOf(archive, out), SIGNAL);
    await expect(done).rejects.toMatchObject({ code: "conflict", details: { path: out } });
    expect(treeOf(join(root, "place"))).toEqual(before);
  });

  it("does not merge with what came to the destination meanwhile", async () => {
    writeFileSync(archive, SMALL);
    const order = { ...orderOf(archive, out), availableBytes: 1024 };
    const unpacking = startUnpacking(order, SIGNAL);
    while (unpacking.progress.entryCount === 0) await sleep(5);
    mkdirSync(join(out, "theirs"), { recursive: true });
    unpacking.end();
    await expect(unpacking.done).rejects.toMatchObject({ code: "conflict" });
    expect(treeOf(join(root, "place"))).toEqual({ out: "folder", "out/theirs": "folder" });
  });
});

describe("an archive that somebody writes to after it was proven", () => {
  const stampAt = (path: string) => toFileStamp(statSync(path, { bigint: true }));

  it("is not unpacked, neither as a whole nor as it came", async () => {
    writeFileSync(archive, SMALL);
    const archiveStamp = stampAt(archive);
    utimesSync(archive, 1, 1);
    const whole = startUnpacking({ ...orderOf(archive, out), archiveStamp }, SIGNAL);
    await expect(whole.done).rejects.toMatchObject({ code: "source-changed" });
    const order = { ...orderOf(archive, out), availableBytes: SMALL.length };
    const ahead = startUnpacking(order, SIGNAL);
    ahead.end(archiveStamp);
    await expect(ahead.done).rejects.toMatchObject({ code: "source-changed" });
    expect(treeOf(join(root, "place"))).toEqual({});
  });

  it("is unpacked if nobody did", async () => {
    writeFileSync(archive, SMALL);
    const order = { ...orderOf(archive, out), archiveStamp: stampAt(archive) };
    expect(await startUnpacking(order, SIGNAL).done).toMatchObject({ format: "tar" });
  });
});

/** Without making the file shorter meanwhile. */
function overwrite(bytes: Buffer, at: number): void {
  const fd = openSync(archive, "r+");
  writeSync(fd, bytes, at, bytes.length - at, at);
  closeSync(fd);
}

const GROWING = [
  ["tar", (bytes: Buffer) => bytes],
  ["tar.gz", (bytes: Buffer) => gzipSync(bytes)],
  ["tar.zst", (bytes: Buffer) => zstdCompressSync(bytes)],
] as const;

describe("unpacking a file that is still being written", () => {
  it.each(GROWING)("goes on with a %s as it comes, and ends after it", async (_, pack) => {
    const bytes = pack(many(600));
    // As a part file: it has its full length from the start.
    writeFileSync(archive, "");
    truncateSync(archive, bytes.length);
    const order = { ...orderOf(archive, out), availableBytes: 0 };
    const unpacking = startUnpacking(order, SIGNAL);
    const half = bytes.length >> 1;
    overwrite(bytes.subarray(0, half), 0);
    unpacking.grow(half);
    while (unpacking.progress.readBytes === 0) await sleep(2);
    overwrite(bytes, half);
    renameSync(archive, `${archive}.done`);
    unpacking.moveTo(`${archive}.done`);
    unpacking.grow(bytes.length);
    await sleep(50);
    expect(existsSync(out)).toBe(false);
    unpacking.end();
    expect(await unpacking.done).toMatchObject({ fileCount: 600 });
  });

  it("waits for the end of a zip, whose list is there", async () => {
    const bytes = zip([{ name: "a", content: "1" }]);
    writeFileSync(archive, bytes.subarray(0, 30));
    const order = { ...orderOf(archive, out), availableBytes: 30 };
    const unpacking = startUnpacking(order, SIGNAL);
    appendFileSync(archive, bytes.subarray(30));
    unpacking.grow(bytes.length);
    unpacking.end();
    expect(await unpacking.done).toMatchObject({ format: "zip", fileCount: 1 });
  });

  it("is canceled while it waits", async () => {
    writeFileSync(archive, SMALL);
    const canceling = new AbortController();
    const order = { ...orderOf(archive, out), availableBytes: 700 };
    const { done } = startUnpacking(order, canceling.signal);
    await sleep(50);
    canceling.abort();
    await expect(done).rejects.toMatchObject({ name: "AbortError" });
    expect(readdirSync(join(root, "place"))).toEqual([]);
  });
});

const CHILD = fileURLToPath(new URL("./unpack-child.ts", import.meta.url));
const KILLS = 12;

describe("a process that is killed while it unpacks", () => {
  it(`X12 leaves nothing under the final name but the whole, and no more than one sweep removes (${KILLS} kills)`, async () => {
    const bytes = many(1500);
    writeFileSync(archive, bytes);
    const fates = new Set<string>();
    for (let kill = 0; kill < KILLS; kill += 1) {
      await killAfter(kill);
      const isWhole = existsSync(out);
      if (isWhole) expect(readdirSync(join(out, "f"))).toHaveLength(1500);
      const leftover = await sweepExtract(out, "child-1");
      expect(leftover).toMatch(isWhole ? /none|in-place/u : /none|removed/u);
      expect(readdirSync(join(root, "place"))).toEqual(isWhole ? ["out"] : []);
      fates.add(leftover);
      rmSync(out, { recursive: true, force: true });
    }
    expect([...fates]).toContain("removed");
  });
});

async function killAfter(turn: number): Promise<void> {
  const child = spawn(process.execPath, [CHILD, archive, out], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const exited = new Promise((resolve) => void child.once("exit", resolve));
  const place = join(root, "place");
  // From when it has begun on the disk to its end, however fast the machine is today.
  while (readdirSync(place).length === 0 && child.exitCode === null) await sleep(1);
  await Promise.race([sleep(turn ** 2), exited]);
  child.kill("SIGKILL");
  await exited;
}
