import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { EngineBench, Figure } from "./bench-engine.ts";

const CLI = fileURLToPath(new URL("../../out/app/cli.js", import.meta.url));
const CONNECTIONS = 32;
const SAMPLE_MS = 250;
/** Until buffers and code are warm. */
const WARM_SHARE = 0.25;

/** The memory of one command that moves a large sparse file up and down, over its time. */
export async function measureMemory(bench: EngineBench): Promise<readonly Figure[]> {
  const home = join(bench.folder, "home-memory");
  const up = join(bench.folder, "sparse.bin");
  const down = join(bench.folder, "sparse-back.bin");
  await mkdir(home, { mode: 0o700 });
  const file = await open(up, "w");
  await file.truncate(bench.sizes.sparseBytes);
  await file.close();
  const sent = await sample(["cp", up, "s3://lab/sparse.bin"], bench, home);
  // What was sent is a copy of the object, and would be taken instead of the network.
  await rm(up);
  const fetched = await sample(["cp", "s3://lab/sparse.bin", down], bench, home);
  await rm(down, { force: true });
  return [...figuresOf("up", sent), ...figuresOf("down", fetched)];
}

function figuresOf(way: string, mib: readonly number[]): readonly Figure[] {
  const warm = mib.slice(Math.floor(mib.length * WARM_SHARE));
  const half = warm.length >> 1;
  const growth = mean(warm.slice(half)) / mean(warm.slice(0, half)) - 1;
  return [
    {
      what: `peak at ${CONNECTIONS} connections, ${way}`,
      value: Math.max(...mib),
      unit: "MiB",
      atMost: 350,
    },
    {
      what: `growth from the first half to the second, ${way}`,
      value: growth * 100,
      unit: "%",
      atMost: 5,
    },
  ];
}

/** @returns Resident memory in MiB, four times a second. */
async function sample(
  args: readonly string[],
  bench: EngineBench,
  home: string,
): Promise<number[]> {
  const { address } = bench.sandbox;
  const child = spawn(
    process.execPath,
    [CLI, ...args, "--quiet", "--connections", `${CONNECTIONS}`],
    {
      stdio: ["ignore", "ignore", "inherit"],
      env: {
        PATH: process.env["PATH"],
        HOME: bench.folder,
        LONGHAUL_HOME: home,
        AWS_ACCESS_KEY_ID: address.accessKeyId,
        AWS_SECRET_ACCESS_KEY: address.secretAccessKey,
        AWS_ENDPOINT_URL: address.endpoint,
        AWS_REGION: address.region,
      },
    },
  );
  const mib: number[] = [];
  const ended = once(child, "exit");
  while (child.exitCode === null && child.signalCode === null) {
    const status = await readFile(`/proc/${child.pid}/status`, "utf8").catch(() => "");
    const kib = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN);
    if (!Number.isNaN(kib)) mib.push(kib / 1024);
    await pause(SAMPLE_MS);
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}`);
  return mib;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
