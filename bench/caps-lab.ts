/**
 * The lab of caps: `npm run lab:caps -- [--seconds=30]`, four phases of so many seconds. Four uploads and
 * four downloads at once, the cap changed twice, then a pause by the schedule; judged by what passes a
 * relay between engine and store.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, open, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";
import { startSandbox } from "./sandbox-child.ts";

const ENGINE = fileURLToPath(new URL("caps-lab-engine.ts", import.meta.url));
const CLI = fileURLToPath(new URL("../out/app/cli.js", import.meta.url));
const FILE_BYTES = 4 * 1024 ** 3;
const SAMPLE_MS = 100;
/** A change holds from then on. */
const CHANGE_MS = 1000;
/** By how long a time a cap is judged. */
const WINDOW_MS = 10_000;
const TOLERANCE = 0.05;
/** Of heads and answers, in a second in which nothing moves. */
const IDLE_BYTES_PER_SECOND = 4096;

const Line = z.object({ capBytesPerSecond: z.number().nullable() });
type Way = "up" | "down";
type Sample = { readonly atMs: number; readonly up: number; readonly down: number };
/** A cap of null is the end. */
type Phase = { readonly atMs: number; readonly capBytesPerSecond: number | null };

const { values } = parseArgs({ options: { seconds: { type: "string", default: "30" } } });
const folder = await mkdtemp(join(tmpdir(), "longhaul-caps-lab-"));
const sandbox = await startSandbox("lab");
const passed = { up: 0, down: 0 };
const samples: Sample[] = [];
const relay = await openRelay(Number(new URL(sandbox.address.endpoint).port));
const sampling = setInterval(() => samples.push({ atMs: performance.now(), ...passed }), SAMPLE_MS);
try {
  const file = join(folder, "large.bin");
  await mkdir(join(folder, "home"), { mode: 0o700 });
  await makeSparse(file);
  await run([CLI, "cp", file, "s3://lab/large.bin", "--quiet"]);
  const phases = await runEngine(file);
  process.exitCode = judge(phases) ? 0 : 1;
} finally {
  clearInterval(sampling);
  relay.close();
  await sandbox.stop();
  await rm(folder, { recursive: true, force: true });
}

/** Prints each phase; true when every cap held in every window, and was used. */
function judge(phases: readonly Phase[]): boolean {
  let isKept = true;
  for (const [index, { atMs, capBytesPerSecond: cap }] of phases.entries()) {
    if (cap === null) continue;
    const untilMs = phases[index + 1]?.atMs ?? Number.POSITIVE_INFINITY;
    const within = samples.filter((one) => one.atMs >= atMs + CHANGE_MS && one.atMs <= untilMs);
    for (const way of ["up", "down"] as const) {
      const rates = windowRates(within, way);
      const [least, most] = [Math.min(...rates), Math.max(...rates)];
      const isFine =
        cap === 0
          ? most <= IDLE_BYTES_PER_SECOND
          : least >= cap * (1 - TOLERANCE) && most <= cap * (1 + TOLERANCE);
      isKept &&= isFine && rates.length > 0;
      process.stdout.write(
        `${way} at ${mbit(cap)} Mbit/s: ${rates.length} windows of 10 s, ` +
          `${mbit(least)} to ${mbit(most)}${isFine ? "" : " MISSED"}\n`,
      );
    }
  }
  process.stdout.write(`caps: 8 transfers, ${isKept ? "every window kept" : "MISSED"}\n`);
  return isKept;
}

/** Bytes per second over every ten seconds that lie within the samples. */
function windowRates(within: readonly Sample[], way: Way): number[] {
  return within.flatMap((first) => {
    const last = within.find(({ atMs }) => atMs >= first.atMs + WINDOW_MS);
    if (last === undefined) return [];
    return [((last[way] - first[way]) * 1000) / (last.atMs - first.atMs)];
  });
}

function mbit(bytesPerSecond: number): string {
  return ((bytesPerSecond * 8) / 1e6).toFixed(1);
}

/** @returns When each cap was set. */
async function runEngine(file: string): Promise<readonly Phase[]> {
  const endpoint = `http://127.0.0.1:${relay.port}`;
  const args = [ENGINE, join(folder, "home"), endpoint, file, "large.bin", folder, values.seconds];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
    env: environment(),
  });
  const told: Phase[] = [];
  const ended = once(child, "exit");
  for await (const text of createInterface({ input: child.stdout })) {
    const { capBytesPerSecond } = Line.parse(JSON.parse(text));
    told.push({ atMs: performance.now(), capBytesPerSecond });
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`the engine ended with ${code}`);
  return told;
}

async function run(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...environment(), LONGHAUL_HOME: join(folder, "home-before") },
  });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}`);
}

function environment(): NodeJS.ProcessEnv {
  const { endpoint, region, accessKeyId, secretAccessKey } = sandbox.address;
  return {
    PATH: process.env["PATH"],
    HOME: folder,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
  };
}

/** Passes everything on, and counts it. */
async function openRelay(to: number): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((client) => {
    const store = connect(to, "127.0.0.1");
    client.on("data", (chunk: Buffer) => (passed.up += chunk.length));
    store.on("data", (chunk: Buffer) => (passed.down += chunk.length));
    client.pipe(store).pipe(client);
    client.on("error", () => store.destroy());
    store.on("error", () => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { port: address.port, close: () => void server.close() };
}

async function makeSparse(path: string): Promise<void> {
  const file = await open(path, "w");
  await file.truncate(FILE_BYTES);
  await file.close();
}
