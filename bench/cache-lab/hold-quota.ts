/** A cache with a quota, through which more is fetched than it holds. */
import { createHash, randomFillSync } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { MiB } from "#main/bytes/sizes.ts";
import { cloneFile } from "#main/disk/clone-file.ts";
import type { CloneFile } from "#main/disk/clone-file.ts";
import { isAtRest, untilView } from "#main/engine-rig.ts";
import type { CacheEntry } from "#shared/cache.ts";
import type { Client } from "#shared/client.ts";
import { LAB_BUCKET, labProfileId, openLabEngine } from "../lab-engine.ts";
import type { SandboxAddress } from "../sandbox-child.ts";
import { startSandbox } from "../sandbox-child.ts";
import type { Check } from "./check.ts";
import { UsageWatch } from "./usage-watch.ts";

/** One after the other, again and again: 64 MiB on average. */
const SIZES_MIB = [16, 64, 128, 48];
/** Asked for at once. */
const LANES = 4;
const PINNED = 3;

type Lab = {
  readonly objects: number;
  readonly quotaMib: number;
  readonly say: (line: string) => void;
};
type Made = { readonly key: string; readonly sizeBytes: number; readonly sha256: string };

export async function holdQuota({ objects, quotaMib, say }: Lab, check: Check): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "longhaul-cache-lab-"));
  const sandbox = await startSandbox(LAB_BUCKET);
  try {
    const made = await seed(sandbox.address, objects);
    const clone = await cloneOf(folder, say);
    // The profile's keys are those of the environment.
    process.env["AWS_ACCESS_KEY_ID"] = sandbox.address.accessKeyId;
    process.env["AWS_SECRET_ACCESS_KEY"] = sandbox.address.secretAccessKey;
    const home = join(folder, "home");
    await mkdir(home, { mode: 0o700 });
    const options = { home, endpoint: sandbox.address.endpoint, connections: 8 };
    const engine = await openLabEngine({ ...options, partSizeBytes: 16 * MiB, cloneFile: clone });
    try {
      const place = { folder, quotaBytes: quotaMib * MiB, client: engine.client };
      await run(made, place, { check, say });
    } finally {
      await engine.close();
    }
  } finally {
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Objects of noise, so that no two are alike and none is sparse. */
async function seed(address: SandboxAddress, count: number): Promise<readonly Made[]> {
  const { endpoint, region, accessKeyId, secretAccessKey } = address;
  const credentials = { accessKeyId, secretAccessKey };
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const noise = randomFillSync(Buffer.alloc(Math.max(...SIZES_MIB) * MiB));
  const made: Made[] = [];
  for (let number = 0; number < count; number += 1) {
    const sizeBytes = (SIZES_MIB[number % SIZES_MIB.length] ?? 0) * MiB;
    for (let at = 0; at < sizeBytes; at += 4096) noise.writeUInt32LE(number, at);
    const body = noise.subarray(0, sizeBytes);
    const key = `object-${String(number).padStart(4, "0")}.bin`;
    const put = { Bucket: LAB_BUCKET, Key: key, Body: body, ChecksumAlgorithm: "SHA256" } as const;
    await s3.send(new PutObjectCommand(put));
    made.push({ key, sizeBytes, sha256: createHash("sha256").update(body).digest("hex") });
  }
  s3.destroy();
  return made;
}

/**
 * The disk's own way to share bytes, where it has one. Elsewhere a destination is all there is of an
 * object and no quota is ever met: copies are made byte by byte then, so that they are really there.
 */
async function cloneOf(folder: string, say: Lab["say"]): Promise<CloneFile> {
  const [from, to] = [join(folder, "from"), join(folder, "to")];
  await writeFile(from, "x");
  if (await cloneFile(from, to)) {
    say("this disk shares bytes between files: copies are made by reflink");
    return cloneFile;
  }
  say("this disk shares no bytes between files: copies are made byte by byte, in place of reflink");
  return async (source, target) => {
    await copyFile(source, target, constants.COPYFILE_EXCL);
    return true;
  };
}

type Place = { readonly folder: string; readonly quotaBytes: number; readonly client: Client };
type Fetched = Made & { readonly path: string };

async function run(
  made: readonly Made[],
  place: Place,
  { check, say }: { readonly check: Check; readonly say: Lab["say"] },
): Promise<void> {
  const { client, folder, quotaBytes } = place;
  const cache = join(folder, "cache");
  await client.call("cache.addFolder", { folder: { path: cache }, quotaBytes });
  // Nothing fits into the other one.
  const other = join(folder, "home", "cache");
  await client.call("cache.setFolder", { path: other, quotaBytes: 1 });
  const own = await registerOwn(place);
  const watch = new UsageWatch(cache, quotaBytes);
  const beganMs = performance.now();
  const first = await fetchAll(made.slice(0, PINNED), place, watch);
  const pinned = await pinAll(client);
  const rest = await fetchAll(made.slice(PINNED), place, watch);
  const tookMs = performance.now() - beganMs;
  const seen = await watch.end();
  const fetched = [...first, ...rest];
  const bytes = fetched.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  say(
    `${fetched.length} objects, ${mib(bytes)} MiB, through a cache of ${mib(quotaBytes)} MiB, ` +
      `${LANES} at once, in ${(tookMs / 1000).toFixed(0)} s`,
  );
  check(
    `most on the disk at once ${mib(seen.mostBytes)} MiB, ${mib(seen.overBytes)} MiB over the quota, ` +
      `while ${mib(seen.underWayBytes)} MiB were being fetched; looked ${seen.looks} times`,
    seen.excessBytes <= 0 && seen.looks > 0,
  );
  check("more was fetched than the cache holds", bytes > quotaBytes);
  await judge({ fetched, own, pinned }, place, check);
}

type Left = {
  readonly fetched: readonly Fetched[];
  readonly own: Fetched;
  readonly pinned: readonly CacheEntry[];
};

async function judge({ fetched, own, pinned }: Left, place: Place, check: Check): Promise<void> {
  const { client, folder, quotaBytes } = place;
  const managed = await entriesOf(client, "managed");
  const inside = managed.filter(({ path }) => path.startsWith(join(folder, "cache")));
  const heldBytes = inside.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const largest = Math.max(...SIZES_MIB) * MiB;
  check(
    `${inside.length} managed copies are left, ${mib(heldBytes)} MiB: the cache is full, and no more`,
    heldBytes <= quotaBytes && heldBytes > quotaBytes - largest && inside.length === managed.length,
  );
  const kept = new Set(managed.map(({ path }) => path));
  check(
    `${pinned.length} pinned copies are still there`,
    pinned.length > 0 && pinned.every(({ path }) => kept.has(path)),
  );
  const owned = new Map((await entriesOf(client, "own")).map((entry) => [entry.path, entry]));
  const inPlace = [own, ...fetched].filter(({ path }) => owned.get(path)?.trouble === null);
  check(
    `${inPlace.length} files in place are still entries`,
    inPlace.length === fetched.length + 1,
  );
  const right = await countRight([own, ...fetched]);
  check(`${right} files have their bytes`, right === fetched.length + 1);
  const copies = managed.map(({ path, key }) => ({ path, sha256: shaOf(key, fetched) }));
  const rightCopies = await countRight(copies);
  check(`${rightCopies} managed copies have theirs`, rightCopies === managed.length);
}

/** A person's own file, known in place because it was sent. */
async function registerOwn({ client, folder }: Place): Promise<Fetched> {
  const path = join(folder, "own.bin");
  const bytes = randomFillSync(Buffer.alloc(32 * MiB));
  await writeFile(path, bytes);
  const destination = { profileId: labProfileId, bucket: LAB_BUCKET, prefix: "" };
  const { id } = await client.call("transfer.upload", { sources: [{ path }], destination });
  await untilDone(client, id);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { key: basename(path), sizeBytes: bytes.length, sha256, path };
}

async function fetchAll(
  made: readonly Made[],
  { client, folder }: Place,
  watch: UsageWatch,
): Promise<readonly Fetched[]> {
  const into = join(folder, "down");
  await mkdir(into, { recursive: true });
  const left = made.values();
  const lane = async (): Promise<void> => {
    for (const { key, sizeBytes } of left) {
      watch.fetching(sizeBytes);
      const { id } = await client.call("transfer.download", {
        profileId: labProfileId,
        bucket: LAB_BUCKET,
        keys: [key],
        folder: { path: into },
        cache: true,
      });
      await untilDone(client, id);
      watch.fetching(-sizeBytes);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return made.map((one) => ({ ...one, path: join(into, one.key) }));
}

type Id = Parameters<typeof untilView>[1];

async function untilDone(client: Client, id: Id): Promise<void> {
  const { state } = await untilView(client, id, isAtRest);
  if (state.phase !== "done") throw new Error(JSON.stringify(state));
  await client.call("transfer.clear", { ids: [id] });
}

async function pinAll(client: Client): Promise<readonly CacheEntry[]> {
  const entries = await entriesOf(client, "managed");
  const ids = entries.map(({ path, origin, key }) => ({ path, origin, key }));
  await client.call("cache.pin", { ids, isPinned: true });
  return entries;
}

async function entriesOf(
  client: Client,
  filter: "managed" | "own",
): Promise<readonly CacheEntry[]> {
  return (await client.call("cache.list", { filter, limit: 500 })).entries;
}

function shaOf(key: string, made: readonly Made[]): string {
  return made.find((one) => one.key === key)?.sha256 ?? "";
}

async function countRight(
  files: readonly { readonly path: string; readonly sha256: string }[],
): Promise<number> {
  let count = 0;
  for (const { path, sha256 } of files) {
    const digest = createHash("sha256");
    for await (const chunk of createReadStream(path, { highWaterMark: MiB })) digest.update(chunk);
    if (digest.digest("hex") === sha256) count += 1;
  }
  return count;
}

function mib(bytes: number): string {
  return (bytes / MiB).toFixed(0);
}
