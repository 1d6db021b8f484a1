/** Rows of the fault catalogue that need a process that dies: the command line over its home. */
import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import {
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
} from "@aws-sdk/client-s3";
import { beforeEach, expect, it } from "vitest";
import { canTrace, MiB, SLOW, useProcesses, WITHIN } from "./process-rig.ts";

const CONNECTIONS = 2;
/** What a quit may take. */
const STOP_WITHIN_MS = 5000;

const rig = useProcesses("crash");
const { launch, launchUnder, run, requestsFor } = rig;

let folder = "";
beforeEach(() => {
  ({ folder } = rig);
});

/** Finished exchanges of one operation about a key. */
function count(op: string, key: string): number {
  return requestsFor(key).filter((one) => one.op === op && [200, 206].includes(one.status)).length;
}

function sourceOf(sizeBytes: number): { path: string; sha256: string } {
  const bytes = randomBytes(sizeBytes);
  const path = join(folder, "source.bin");
  writeFileSync(path, bytes);
  return { path, sha256: sha256Of(bytes) };
}

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Read without the engine; null while there is none. */
async function storedSha256(key: string): Promise<string | null> {
  const listed = await rig.s3.send(new ListObjectsV2Command({ Bucket: "lab", Prefix: key }));
  if ((listed.Contents ?? []).length === 0) return null;
  const { Body } = await rig.s3.send(new GetObjectCommand({ Bucket: "lab", Key: key }));
  return sha256Of((await Body?.transformToByteArray()) ?? Buffer.alloc(0));
}

async function uploadsLeft(key: string): Promise<number> {
  const command = new ListMultipartUploadsCommand({ Bucket: "lab", Prefix: key });
  const { Uploads } = await rig.s3.send(command);
  return (Uploads ?? []).length;
}

const slowly = ["--part-size", "5MiB", "--connections", `${CONNECTIONS}`, "--limit-rate", "15MB"];

/** Kills an upload of four parts when two of them are at the store. */
async function killUpload(key: string, signal: NodeJS.Signals = "SIGKILL") {
  const source = sourceOf(20 * MiB);
  const command = ["cp", source.path, `s3://lab/${key}`, ...slowly];
  const { child, ended } = launch(...command);
  await expect.poll(() => count("UploadPart", key), WITHIN).toBeGreaterThanOrEqual(2);
  const atMs = performance.now();
  child.kill(signal);
  const { code } = await ended;
  return { ...source, command, code, tookMs: performance.now() - atMs };
}

it(
  "J1 kill -9 in the middle of an upload: nothing under the key, then the same command finishes it",
  async () => {
    const { command, sha256 } = await killUpload("j1.bin");
    expect(await storedSha256("j1.bin")).toBeNull();
    expect((await run(...command)).code).toBe(0);
    expect(await storedSha256("j1.bin")).toBe(sha256);
    // At most one part of each connection went twice.
    expect(count("UploadPart", "j1.bin")).toBeLessThanOrEqual(4 + CONNECTIONS);
    expect(await uploadsLeft("j1.bin")).toBe(0);
  },
  SLOW,
);

it(
  "J11 quit during a transfer: ends within 5 s, what was moved is kept, and the next start goes on",
  async () => {
    const { command, sha256, code, tookMs } = await killUpload("j11.bin", "SIGTERM");
    expect(code).toBe(143);
    expect(tookMs).toBeLessThan(STOP_WITHIN_MS);
    expect(existsSync(join(folder, "home", "journal.db-wal"))).toBe(false);
    const before = count("UploadPart", "j11.bin");
    expect((await run(...command)).code).toBe(0);
    expect(await storedSha256("j11.bin")).toBe(sha256);
    // What the store took while the program let go of it may go again, and nothing else.
    expect(count("UploadPart", "j11.bin") - before).toBeLessThanOrEqual(4 - before + CONNECTIONS);
    expect(count("UploadPart", "j11.bin") - before).toBeLessThan(4);
    expect(count("CreateMultipartUpload", "j11.bin")).toBe(1);
  },
  SLOW,
);

it.skipIf(!existsSync("/etc/machine-id"))(
  "J12 home copied to another machine: the same command is the word to go on",
  async () => {
    const { command, sha256 } = await killUpload("j12.bin");
    writeFileSync(join(folder, "home", "machine"), "another one");
    expect((await run(...command)).code).toBe(0);
    expect(await storedSha256("j12.bin")).toBe(sha256);
    expect(count("CreateMultipartUpload", "j12.bin")).toBe(1);
  },
  SLOW,
);

/** Flips a bit every 512 bytes from a place in the file on. */
function flip(path: string, from: number): void {
  const bytes = readFileSync(path);
  for (let at = from; at < bytes.length; at += 512) bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  writeFileSync(path, bytes);
}

it(
  "J4 bits flipped in the journal's log after a kill: goes on from what is whole, with right bytes",
  async () => {
    const { command, sha256 } = await killUpload("j4-wal.bin");
    flip(join(folder, "home", "journal.db-wal"), 20_000);
    expect((await run(...command)).code).toBe(0);
    expect(await storedSha256("j4-wal.bin")).toBe(sha256);
  },
  SLOW,
);

it(
  "J4 journal damaged after a kill: is set aside, and the same command moves everything anew",
  async () => {
    const { command, sha256 } = await killUpload("j4-db.bin");
    for (const ending of ["", "-wal"]) flip(join(folder, "home", `journal.db${ending}`), 0);
    expect((await run(...command)).code).toBe(0);
    expect(await storedSha256("j4-db.bin")).toBe(sha256);
    expect(readdirSync(join(folder, "home")).some((name) => name.includes(".damaged-"))).toBe(true);
  },
  SLOW,
);

it.skipIf(!canTrace())(
  "J4 disk full for the journal: ends with 8, what was moved is kept, and the same command finishes it",
  async () => {
    const { path, sha256 } = sourceOf(20 * MiB);
    const command = ["cp", path, "s3://lab/j4-full.bin", ...slowly];
    const wal = join(folder, "home", "journal.db-wal");
    const inject = ["-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC:when=60..62"];
    const strace = ["strace", "-qq", "-f", "-o", "/dev/null", "-P", wal, ...inject, "--"];
    const { code, err } = await launchUnder(strace, ...command).ended;
    expect([code, err]).toEqual([8, expect.stringMatching(/full|space/u)]);
    expect(await storedSha256("j4-full.bin")).toBeNull();
    expect((await run(...command)).code).toBe(0);
    expect(await storedSha256("j4-full.bin")).toBe(sha256);
    expect(await uploadsLeft("j4-full.bin")).toBe(0);
  },
  SLOW,
);

/**
 * Kills a run as it enters a system call.
 *
 * @param touched The path that the call is about; null for any, where the program itself makes no
 *   other: the journal flushes its log in a thread of its own.
 */
async function killAt(call: string, touched: string | null, command: readonly string[]) {
  const only = touched === null ? [] : ["-P", touched];
  const inject = ["-e", `trace=${call}`, "-e", `inject=${call}:signal=KILL:when=1`];
  const strace = ["strace", "-qq", "-f", "-o", "/dev/null", ...only, ...inject, "--"];
  const { code } = await launchUnder(strace, ...command).ended;
  expect([call, code]).toEqual([call, null]);
}

it.skipIf(!canTrace()).each([
  ["fdatasync", "before the data is flushed", false],
  ["link", "between the data and the final name", false],
  ["unlink", "between the final name and the loss of the other", true],
  ["fsync", "before the folder is flushed", true],
] as const)(
  "D7 kill at %s, %s: never partial under the final name, and the same command finishes it",
  async (call, _when, isNamed) => {
    const { path, sha256 } = sourceOf(2 * MiB);
    const key = `${call}/d7.bin`;
    expect((await run("cp", path, `s3://lab/${key}`)).code).toBe(0);
    // It would be known as a copy, and nothing would be fetched.
    rmSync(path);
    const out = join(folder, "out");
    const command = ["cp", `s3://lab/${key}`, `${out}/`];
    // The partial file has a name of its own, which a run that ends before it shows.
    if (call === "unlink") await killAt("link", join(out, "d7.bin"), command);
    const partial = existsSync(out) ? readdirSync(out).map((name) => join(out, name)) : [];
    const touched = { fdatasync: null, link: join(out, "d7.bin"), unlink: partial[0], fsync: out };
    await killAt(call, touched[call] ?? null, command);
    const names = existsSync(out) ? readdirSync(out) : [];
    expect(names.includes("d7.bin")).toBe(isNamed);
    if (isNamed) expect(sha256Of(readFileSync(join(out, "d7.bin")))).toBe(sha256);
    const before = count("GetObject", key);
    expect((await run(...command)).code).toBe(0);
    expect(sha256Of(readFileSync(join(out, "d7.bin")))).toBe(sha256);
    expect(readdirSync(out)).toEqual(["d7.bin"]);
    if (isNamed) expect(count("GetObject", key)).toBe(before);
  },
  SLOW,
);

it.skipIf(!canTrace())(
  "D7 kill while a file is made of a copy that is here: the same command makes it, and nothing is left",
  async () => {
    const { path, sha256 } = sourceOf(2 * MiB);
    expect((await run("cp", path, "s3://lab/copy/d7.bin")).code).toBe(0);
    const out = join(folder, "out");
    const command = ["cp", "s3://lab/copy/d7.bin", `${out}/`];
    await killAt("fdatasync", null, command);
    expect(readdirSync(out)).toEqual([expect.stringMatching(/^\.longhaul-.*\.part$/u)]);
    expect((await run(...command)).code).toBe(0);
    expect(readdirSync(out)).toEqual(["d7.bin"]);
    expect(sha256Of(readFileSync(join(out, "d7.bin")))).toBe(sha256);
    expect(count("GetObject", "copy/d7.bin")).toBe(0);
  },
  SLOW,
);

it(
  "J9 memory with 64 streams: a large sparse file is sent within a bound that does not grow with them",
  async () => {
    const path = join(folder, "sparse.bin");
    writeFileSync(path, "");
    truncateSync(path, 768 * MiB);
    const { child, ended } = launch("cp", path, "s3://lab/j9.bin", "--connections", "64");
    let peakBytes = 0;
    const look = setInterval(() => {
      peakBytes = Math.max(peakBytes, peakOf(child.pid));
    }, 50);
    const { code } = await ended.finally(() => clearInterval(look));
    expect(code).toBe(0);
    // 48 parts of 16 MiB at once would be 768 MiB; the pool of buffers is 128 MiB.
    expect(peakBytes).toBeGreaterThan(50 * MiB);
    expect(peakBytes).toBeLessThan(448 * MiB);
  },
  SLOW,
);

/** Most memory that it ever held, bytes; 0 where the system does not say. */
function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
