import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { startSandbox } from "../sandbox-child.ts";
import type { SandboxAddress } from "../sandbox-child.ts";
import { presign } from "../s3-signer.ts";
import { Material, movedBytesOf, proveDownload, taskOf } from "./cases.ts";
import type { CaseName, Sizes } from "./cases.ts";
import { awsConfig, findClients } from "./clients.ts";
import type { Client, Setting, Task } from "./clients.ts";
import { figuresOf, tableOf } from "./figures.ts";
import type { Figures } from "./figures.ts";
import { measure } from "./measure.ts";
import type { Taken } from "./measure.ts";
import { hasNginx, startNginx } from "./nginx.ts";
import { makeBucket, makeKeys, removeKeys } from "./place.ts";
import type { Place } from "./place.ts";

export type PeersOptions = {
  /** Null: a sandbox of the bench's own. */
  readonly server: SandboxAddress | null;
  readonly bucket: string;
  readonly cases: readonly CaseName[];
  readonly runs: number;
  /** One value, or those of a sweep. */
  readonly connections: readonly number[];
  readonly partMib: number;
  readonly sizes: Sizes;
  /** Of clients; empty is all that are there. */
  readonly only: readonly string[];
  /** Where the figures go as JSON; null prints them alone. */
  readonly jsonPath: string | null;
};

type Result = {
  readonly name: CaseName;
  readonly connections: number;
  readonly rows: readonly Figures[];
};

/** Everything that a run needs and that outlives it. */
type Bench = {
  readonly place: Place;
  readonly material: Material;
  readonly folder: string;
  readonly partMib: number;
};

/** Longhaul and the clients found here, in turn, A B A B, on one server; prints medians and ratios. */
export async function benchPeers(options: PeersOptions): Promise<readonly Result[]> {
  const folder = await mkdtemp(join(tmpdir(), "longhaul-bench-"));
  const sandbox = options.server === null ? await startSandbox(options.bucket) : null;
  try {
    const address = options.server ?? sandbox?.address;
    if (address === undefined) throw new Error("there is no server");
    const place = { ...address, bucket: options.bucket };
    const material = new Material(join(folder, "material"), options.sizes);
    const bench = { place, material, folder, partMib: options.partMib };
    await prepare(bench, options);
    const results: Result[] = [];
    const cases = options.cases.filter((name) => name !== "plain-down" || hasNginx());
    for (const connections of options.connections) {
      for (const name of cases) {
        const rows = await inPlaceOf(name, bench, (at) =>
          runCase(name, at, { ...options, connections }),
        );
        results.push({ name, connections, rows });
        say(`\n${tableOf(`${name}, ${connections} connections (${loadNow()})`, rows)}`);
      }
    }
    if (options.jsonPath !== null) await writeJson(options, results);
    return results;
  } finally {
    await sandbox?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Makes the files, and at the server what downloads and listings need; all of it outside the clock. */
async function prepare(bench: Bench, { cases, sizes }: PeersOptions): Promise<void> {
  const { material, place } = bench;
  await mkdir(material.folder, { recursive: true });
  await material.make();
  await makeBucket(place);
  const setting = await newSetting(bench, 16, "prepare");
  const send = async (task: Task) => {
    const [longhaul] = findClients();
    const command = longhaul?.command(task, setting);
    if (command) await measure(command, setting.scratch);
  };
  // What an earlier bench left is other bytes, which nobody may write over.
  const tree = material.smallNames().map((name) => `tree/${name}`);
  const same = material.sameNames().map((name) => `same/${name}`);
  await removeKeys(place, ["large.bin", ...tree, ...same]);
  if (cases.includes("large-down")) {
    await send({ kind: "up-file", path: material.largePath, key: "large.bin" });
  }
  if (cases.includes("small-down")) {
    await send({ kind: "up-tree", folder: material.treeFolder, prefix: "tree/" });
  }
  if (cases.includes("no-change")) {
    await send({ kind: "up-tree", folder: material.sameFolder, prefix: "same/" });
  }
  if (cases.includes("list")) {
    await makeKeys(
      place,
      Array.from({ length: sizes.keyCount }, (_, n) => `list/${n % 100}/${n}`),
    );
  }
}

/** Each case is for the S3 server, or for plain files. */
async function inPlaceOf<T>(
  name: CaseName,
  bench: Bench,
  run: (bench: Bench) => Promise<T>,
): Promise<T> {
  if (name !== "plain-down") return await run(bench);
  const { folder, material, place } = bench;
  const nginx = await startNginx(join(folder, "nginx"), place.bucket, material.folder);
  try {
    return await run({ ...bench, place: { ...place, endpoint: nginx.endpoint } });
  } finally {
    await nginx.stop();
  }
}

async function runCase(
  name: CaseName,
  bench: Bench,
  options: Omit<PeersOptions, "connections"> & { readonly connections: number },
): Promise<readonly Figures[]> {
  const isWanted = ({ name: client }: Client) =>
    options.only.length === 0 || options.only.includes(client);
  const clients = findClients().filter(isWanted);
  const taken = new Map<string, Taken[]>();
  for (let run = 0; run < options.runs; run += 1) {
    for (const client of clients) {
      const once = { name, connections: options.connections, run };
      const one = await runOnce(once, client, bench);
      if (one !== null) taken.set(client.name, [...(taken.get(client.name) ?? []), one]);
    }
  }
  const movedBytes = movedBytesOf(name, options.sizes);
  return [...taken].map(([client, runs]) => figuresOf(client, runs, movedBytes));
}

type Once = { readonly name: CaseName; readonly connections: number; readonly run: number };

/** Null where the client cannot do it. */
async function runOnce(
  { name, connections, run }: Once,
  client: Client,
  bench: Bench,
): Promise<Taken | null> {
  const plainName = client.name.replaceAll(/[^a-z0-9]/g, "-");
  const label = `${plainName}-${name}-${connections}-${run}`;
  const target = join(bench.folder, "target");
  await mkdir(target, { recursive: true });
  const task = taskOf(name, bench.material, target, label);
  const setting = await newSetting(bench, connections, label, task);
  const command = client.command(task, setting);
  if (command === null) return null;
  try {
    // What is there already came by the same client: only it knows what it knows of it.
    if (task.kind === "same-tree") await measure(command, setting.scratch);
    const taken = await measure(command, setting.scratch);
    await proveDownload(task, bench.material);
    return taken;
  } finally {
    await rm(target, { recursive: true, force: true });
    await rm(setting.scratch, { recursive: true, force: true });
    await removeSent(task, bench);
  }
}

/** A server that keeps objects in memory must not fill up. */
async function removeSent(task: Task, { place, material }: Bench): Promise<void> {
  if (task.kind === "up-file") await removeKeys(place, [task.key]);
  if (task.kind !== "up-tree") return;
  await removeKeys(
    place,
    material.smallNames().map((name) => `${task.prefix}${name}`),
  );
}

async function newSetting(
  { place, folder, partMib }: Bench,
  connections: number,
  label: string,
  task?: Task,
): Promise<Setting> {
  const scratch = join(folder, `scratch-${label}`);
  await mkdir(scratch, { recursive: true });
  const isFile = task?.kind === "up-file" || task?.kind === "down-file";
  const method = task?.kind === "up-file" ? "PUT" : "GET";
  const signedUrl = isFile ? await presign(place, method, `/${place.bucket}/${task.key}`) : "";
  const setting = { place, connections, partMib, scratch, signedUrl };
  await writeFile(join(scratch, "aws-config"), awsConfig(setting));
  await writeFile(join(scratch, "rclone.conf"), "");
  return setting;
}

async function writeJson(options: PeersOptions, results: readonly Result[]): Promise<void> {
  const { jsonPath, sizes, partMib, runs, server } = options;
  if (jsonPath === null) return;
  const machine = { cpu: cpus()[0]?.model ?? "", cores: cpus().length, node: process.version };
  const endpoint = server?.endpoint ?? "sandbox";
  const facts = { atMs: Date.now(), machine, endpoint, sizes, partMib, runs, results };
  await writeFile(jsonPath, `${JSON.stringify(facts, null, 2)}\n`);
}

function loadNow(): string {
  return `load ${loadavg()[0]?.toFixed(1) ?? "unknown"}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
