/**
 * The cancel lab: `npm run lab:cancel -- [--cancels=500] [--kills=100]`. Cancels uploads under load,
 * some of them with the engine killed in the middle, and counts what the store is left with.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ListMultipartUploadsCommand, S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import type { SandboxAddress } from "./sandbox-child.ts";
import { startSandbox } from "./sandbox-child.ts";

const ENGINE = fileURLToPath(new URL("cancel-lab-engine.ts", import.meta.url));
const FILE_BYTES = 64 * 1024 * 1024;
/** A kill comes at most this long after a cancel was asked for. */
const KILL_WITHIN_MS = 30;

const Line = z.object({
  type: z.string(),
  prefix: z.string().optional(),
  tookMs: z.number().optional(),
  atMs: z.number(),
});
/** By key, what its engine said of it, and when. */
const steps = new Map<string, string>();

const { values } = parseArgs({
  options: {
    cancels: { type: "string", default: "500" },
    kills: { type: "string", default: "100" },
  },
});
const kills = Number(values.kills);
const cancels = Number(values.cancels);
const folder = await mkdtemp(join(tmpdir(), "longhaul-cancel-lab-"));
const sandbox = await startSandbox("lab");
try {
  const file = join(folder, "large.bin");
  await makeSparse(file);
  const tookMs: number[] = [];
  let killed = 0;
  while (killed < kills) killed += await runKilled(file);
  const calm = await runEngine(file, cancels - killed, () => undefined);
  tookMs.push(...calm.tookMs);
  if (calm.code !== 0) throw new Error(`the engine ended with ${calm.code}`);
  const atOnce = (await uploadKeys(sandbox.address)).length;
  // What the store took up only after its cancel is looked for again: at the next start, or in a minute.
  await runEngine(file, 0, () => undefined);
  const leftKeys = await uploadKeys(sandbox.address);
  const left = leftKeys.length;
  for (const key of leftKeys) process.stdout.write(`LEFT ${key}: ${steps.get(key) ?? "?"}\n`);
  const sorted = tookMs.toSorted((a, b) => a - b);
  const [p50, p99, most] = [0.5, 0.99, 1].map((share) => at(sorted, share));
  process.stdout.write(
    `${cancels} cancels, ${killed} with the engine killed in the middle: ${left} unfinished uploads left (${atOnce} before the next start)\n` +
      `a cancel took ${p50} ms (median), ${p99} ms (p99), ${most} ms (longest)\n`,
  );
  process.exitCode = left === 0 ? 0 : 1;
} finally {
  await sandbox.stop();
  await rm(folder, { recursive: true, force: true });
}

/** @returns 1 when the engine died during a cancel, else 0. */
async function runKilled(file: string): Promise<number> {
  const { code } = await runEngine(file, 20, (type, child) => {
    if (type !== "canceling") return;
    void pause(Math.random() * KILL_WITHIN_MS).then(() => child.kill("SIGKILL"));
  });
  return code === null ? 1 : 0;
}

type Run = { readonly code: number | null; readonly tookMs: readonly number[] };

async function runEngine(
  file: string,
  count: number,
  onLine: (type: string, child: ChildProcess) => void,
): Promise<Run> {
  const { endpoint, accessKeyId, secretAccessKey } = sandbox.address;
  const child = spawn(
    process.execPath,
    [ENGINE, join(folder, "home"), endpoint, file, `${count}`],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        PATH: process.env["PATH"],
        HOME: folder,
        NODE_COMPILE_CACHE: join(tmpdir(), "longhaul-cancel-lab-compiled"),
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      },
    },
  );
  const tookMs: number[] = [];
  const ended = once(child, "exit");
  for await (const text of createInterface({ input: child.stdout })) {
    const line = Line.parse(JSON.parse(text));
    if (line.prefix !== undefined) {
      const key = `${line.prefix}${basename(file)}`;
      steps.set(key, `${steps.get(key) ?? ""} ${line.type} at ${line.atMs},`);
    }
    if (line.tookMs !== undefined) tookMs.push(line.tookMs);
    onLine(line.type, child);
  }
  const [code] = await ended;
  return { code: z.number().nullable().parse(code), tookMs };
}

async function makeSparse(path: string): Promise<void> {
  await mkdir(join(folder, "home"), { mode: 0o700 });
  const file = await open(path, "w");
  await file.truncate(FILE_BYTES);
  await file.close();
}

/** What the store itself says. */
async function uploadKeys(address: SandboxAddress): Promise<readonly string[]> {
  const { endpoint, region, accessKeyId, secretAccessKey } = address;
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  const answer = await client.send(new ListMultipartUploadsCommand({ Bucket: "lab" }));
  client.destroy();
  return (answer.Uploads ?? []).map(({ Key = "" }) => Key);
}

function at(sorted: readonly number[], share: number): number {
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}
