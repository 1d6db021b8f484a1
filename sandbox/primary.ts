import cluster from "node:cluster";
import { once } from "node:events";
import { mkdirSync } from "node:fs";

import { ensureKeys } from "./keys-file.ts";
import { REGION } from "./protocol/region.ts";
import { parseOptions } from "./options.ts";
import type { Options } from "./options.ts";
import { openStore, prepareFolder, sweepGarbage } from "./sandbox-store.ts";
import type { SandboxStore } from "./sandbox-store.ts";
import { runServer } from "./serve.ts";

const SERVERS = 2;
const SWEEP_EVERY_MS = 5_000;
/** Bytes let go stay readable for so long, for responses under way. */
const GARBAGE_AGE_MS = 30_000;
/**
 * Bodies arrive in buffers outside the heap, and V8 marks the whole heap for every 14 MB of them:
 * a fifth of the servers' time. A small young generation frees them by cheap scavenges instead, and
 * an old one that may grow is not marked for their sake. MiB.
 */
const BODY_HEAP = ["--max-semi-space-size=1", "--initial-old-space-size=128"];

/** Prepares the folder, starts the serving processes and says where they listen. */
export async function runPrimary(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  if (options === undefined) return;
  const store = await prepare(options);
  stopOnRequest(options);
  const port = options.isOneProcess ? await runServer(args) : await startServers(args);
  sweepRegularly(store);
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  const ready = { endpoint: `http://${host}:${port}`, region: REGION };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

function sweepRegularly(store: SandboxStore): void {
  const timer = setInterval(() => {
    // What could not be unlinked now stays listed and is tried again.
    sweepGarbage(store, GARBAGE_AGE_MS).catch(() => undefined);
  }, SWEEP_EVERY_MS);
  timer.unref();
}

function readOptions(args: readonly string[]): Options | undefined {
  try {
    return parseOptions(args);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
    return undefined;
  }
}

async function prepare(options: Options): Promise<SandboxStore> {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  prepareFolder(options.dir);
  ensureKeys(options.keysFile);
  const store = openStore(options.dir, Date.now);
  for (const bucket of options.buckets) store.buckets.create(bucket, Date.now());
  await sweepGarbage(store, 0);
  return store;
}

/** Connections go to the servers in turn, so that eight of them load both alike. */
async function startServers(args: readonly string[]): Promise<number> {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  cluster.setupPrimary({ args: [...args], execArgv: [...process.execArgv, ...BODY_HEAP] });
  const listening = Array.from({ length: SERVERS }, async () => {
    const [address] = await once(cluster.fork(), "listening");
    return portOf(address);
  });
  // A server that dies takes the sandbox with it: half a store would look like a slow one.
  cluster.on("exit", () => process.exit(1));
  const [port] = await Promise.all(listening);
  return port ?? 0;
}

function portOf(address: unknown): number {
  if (typeof address !== "object" || address === null || !("port" in address)) return 0;
  return Number(address.port);
}

/** Servers go with the channel to this process, also when it is killed. */
function stopOnRequest(options: Options): void {
  const stop = (): void => process.exit(0);
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  if (!options.exitWithParent) return;
  process.stdin.on("end", stop).on("error", stop).resume();
}
