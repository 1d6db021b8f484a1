import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

type Child = ChildProcessByStdio<Writable, Readable, Readable>;
type Running = { readonly child: Child; readonly endpoint: string; readonly line: string };

let folder = "";
const children: Child[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "longhaul-sandbox-main-"));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function launch(...args: readonly string[]): Child {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  children.push(child);
  return child;
}

async function start(...args: readonly string[]): Promise<Running> {
  const child = launch("--dir", join(folder, "d"), ...args);
  for await (const line of createInterface({ input: child.stdout })) {
    const ready: unknown = JSON.parse(line);
    const { endpoint } = ready as { endpoint: string };
    return { child, endpoint, line };
  }
  throw new Error("It ended before it was ready.");
}

function client(endpoint: string): S3Client {
  const credentials = JSON.parse(readFileSync(join(folder, "d", "keys.json"), "utf8"));
  return new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials });
}

/** Whether the port is closed within two seconds, which is when its processes are gone. */
async function isClosed(endpoint: string): Promise<boolean> {
  const deadline = performance.now() + 2000;
  while (performance.now() < deadline) {
    const answered = await fetch(endpoint).then(
      (answer) => answer.arrayBuffer().then(() => true),
      () => false,
    );
    if (!answered) return true;
  }
  return false;
}

describe("the sandbox process", () => {
  it("says where it listens in one line, with keys of its own", async () => {
    const { line } = await start("--bucket", "one-bucket", "--bucket", "two-bucket");
    expect(line).toMatch(/^\{"endpoint":"http:\/\/127\.0\.0\.1:\d+","region":"us-east-1"\}$/);
    const keys = join(folder, "d", "keys.json");
    expect(statSync(keys).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(keys, "utf8"))).toEqual({
      accessKeyId: expect.stringMatching(/^LHSANDBOX[0-9A-F]{12}$/),
      secretAccessKey: expect.stringMatching(/^[\w-]{40}$/),
    });
  });

  it("keeps keys and objects over a restart, and stops at SIGTERM", async () => {
    const first = await start("--bucket", "kept");
    await client(first.endpoint).send(
      new PutObjectCommand({ Bucket: "kept", Key: "k", Body: "x" }),
    );
    const keys = readFileSync(join(folder, "d", "keys.json"), "utf8");
    first.child.kill("SIGTERM");
    const [code] = await once(first.child, "exit");
    expect([code, await isClosed(first.endpoint)]).toEqual([0, true]);
    const second = await start("--bucket", "kept");
    const got = await client(second.endpoint).send(
      new GetObjectCommand({ Bucket: "kept", Key: "k" }),
    );
    expect(await got.Body?.transformToString()).toBe("x");
    expect(readFileSync(join(folder, "d", "keys.json"), "utf8")).toBe(keys);
  });

  it("ends with its parent's pipe when asked to", async () => {
    const { child, endpoint } = await start("--exit-with-parent");
    child.stdin.end();
    const [code] = await once(child, "exit");
    expect([code, await isClosed(endpoint)]).toEqual([0, true]);
  });
});

describe("the command line", () => {
  it("serves from one process for a parent that cannot start programs", async () => {
    const { child, endpoint } = await start("--bucket", "lab", "--one-process");
    const put = new PutObjectCommand({ Bucket: "lab", Key: "a", Body: "alone" });
    await client(endpoint).send(put);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(await isClosed(endpoint)).toBe(true);
  });

  it("writes a line of log for each request, from all its processes", async () => {
    const log = join(folder, "requests.log");
    const { endpoint } = await start("--bucket", "logged", "--log", log);
    const s3 = client(endpoint);
    const puts = Array.from({ length: 20 }, (_, index) =>
      s3.send(new PutObjectCommand({ Bucket: "logged", Key: `k${index}`, Body: "12345" })),
    );
    await Promise.all(puts);
    const lines = readFileSync(log, "utf8").trimEnd().split("\n");
    expect(lines).toHaveLength(20);
    for (const line of lines) {
      expect(JSON.parse(line)).toMatchObject({
        op: "PutObject",
        method: "PUT",
        bucket: "logged",
        status: 200,
        bodyBytesIn: 5,
        bodyBytesOut: 0,
        etag: createHash("md5").update("12345").digest("hex"),
      });
    }
  });

  it.each([
    [[], "--dir"],
    [["--dir", "x", "--port", "99999"], "--port"],
    [["--dir", "x", "--bucket", "No"], "No cannot be the name"],
    [["--dir", "x", "--what"], "--what"],
  ])("refuses %j with a sentence", async (args, words) => {
    const child = launch(...args);
    const chunks: Buffer[] = [];
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    const [code] = await once(child, "close");
    expect([code, Buffer.concat(chunks).toString()]).toEqual([2, expect.stringContaining(words)]);
    expect(existsSync("x")).toBe(false);
  });
});

describe("kill -9", () => {
  it("leaves every object whole or absent, and nothing half written", async () => {
    const body = randomBytes(1_000_000);
    const digest = createHash("sha256").update(body).digest("hex");
    for (let round = 0; round < 2; round += 1) {
      const { child, endpoint } = await start("--bucket", "crash");
      const s3 = client(endpoint);
      const puts = Array.from({ length: 12 }, (_, index) =>
        s3.send(new PutObjectCommand({ Bucket: "crash", Key: `${round}-${index}`, Body: body })),
      );
      await Promise.race(puts.slice(2));
      child.kill("SIGKILL");
      await once(child, "exit");
      expect(await isClosed(endpoint)).toBe(true);
      await Promise.allSettled(puts);
    }
    const { endpoint } = await start();
    const s3 = client(endpoint);
    const listed = await s3.send(new ListObjectsV2Command({ Bucket: "crash" }));
    expect(listed.KeyCount).toBeGreaterThan(2);
    for (const { Key, Size } of listed.Contents ?? []) {
      const got = await s3.send(new GetObjectCommand({ Bucket: "crash", Key }));
      const bytes = (await got.Body?.transformToByteArray()) ?? new Uint8Array();
      expect([Size, createHash("sha256").update(bytes).digest("hex")]).toEqual([1_000_000, digest]);
    }
    expect(readdirSync(join(folder, "d", "staging"))).toEqual([]);
    // Three starts of three processes each, on a machine that may be busy.
  }, 60_000);
});
