import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Client } from "#shared/client.ts";
import { ProfileId } from "#shared/profile.ts";
import type { TransferView } from "#shared/transfer.ts";
import { EngineRig, isAtRest, untilView } from "./engine-rig.ts";

const COUNT = 1000;
const profileId = ProfileId.parse("lab");

let rig: EngineRig;
let client: Client;
let s3: S3Client;
beforeAll(async () => {
  rig = await EngineRig.open({ buckets: ["lab", "versioned"] });
  client = await rig.start();
  const { endpoint, region, credentials } = rig.sandbox;
  const { accessKeyId, secretAccessKey } = credentials;
  const keys = { accessKeyId, secretAccessKey };
  s3 = new S3Client({ endpoint, region, credentials: keys, forcePathStyle: true });
}, 60_000);
afterAll(async () => {
  s3.destroy();
  await rig.close();
  rmSync(outside, { recursive: true });
}, 30_000);

/** Not in the home, where a sync deletes nothing. */
const outside = mkdtempSync(join(tmpdir(), "longhaul-sync-"));
let tree = "";
let back = "";
let number = 0;
function useTree(n: number): void {
  number = n;
  tree = join(outside, `tree-${number}`);
  back = join(outside, `back-${number}`);
  for (const folder of [tree, back]) mkdirSync(folder, { recursive: true });
}
beforeEach(() => useTree(number + 1));

const nameOf = (n: number) => `d${n % 7}/file-${String(n).padStart(4, "0")}.bin`;

function fill(folder: string, count: number, isKept = (_path: string) => false): void {
  for (let n = 0; n < count; n += 1)
    if (!isKept(join(folder, nameOf(n)))) put(folder, nameOf(n), `bytes of ${n}`);
}

function put(folder: string, name: string, content: string): void {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), content);
}

/** Files of a folder, without folders. */
function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

async function keysIn(bucket: string, prefix: string): Promise<string[]> {
  const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix });
  const { Contents = [] } = await s3.send(command);
  return Contents.map(({ Key = "" }) => Key.slice(prefix.length));
}

/** Behind the engine's back. */
async function putAtStore(name: string, text: string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: "lab", Key: `t${number}/${name}`, Body: text }));
}

/** What the store was asked since the log was emptied: `PutObject` → 12. */
function askedNow(): Record<string, number> {
  const lines = readFileSync(logFile(), "utf8")
    .split("\n")
    .filter((line) => line !== "");
  const ops = lines.map((line) => (JSON.parse(line) as { op: string }).op);
  const grouped = [...Map.groupBy(ops, (op) => op)];
  return Object.fromEntries(grouped.map(([op, all]) => [op, all.length]));
}

const logFile = () => join(rig.folder, "requests.jsonl");

/** Ends a sync, and says what came of it. */
async function counted(start: () => Promise<{ id: TransferView["id"] }>) {
  writeFileSync(logFile(), "");
  const { id } = await start();
  const view = await untilView(client, id, isAtRest);
  expect(view.state).toMatchObject({ phase: "done" });
  const { moves, moveBytes, deletes, same } = view.sync ?? {};
  return { asked: askedNow(), counts: [moves, deletes, same], moveBytes, view };
}

async function up(wish: object = {}, bucket = "lab") {
  const destination = { profileId, bucket, prefix: `t${number}/` };
  const request = { sources: [{ path: tree }], destination, contentsOnly: true, sync: wish };
  return await counted(async () => await client.call("transfer.upload", request));
}

async function down(wish: object = {}) {
  const request = {
    profileId,
    bucket: "lab",
    keys: [`t${number}/`],
    folder: { path: back },
    contentsOnly: true,
    sync: wish,
  };
  return await counted(async () => await client.call("transfer.download", request));
}

it("1,000 unchanged files cost one page of a listing, up and down, and what differs its own requests", async () => {
  fill(tree, COUNT);
  const first = await up();
  expect(first).toMatchObject({
    asked: { ListObjectsV2: 1, PutObject: COUNT },
    counts: [COUNT, 0, 0],
  });
  const one = { ListObjectsV2: 1 };
  expect(await up()).toMatchObject({ asked: one, counts: [0, 0, COUNT] });
  expect(await up({ deletes: true })).toMatchObject({ asked: one, counts: [0, 0, COUNT] });

  // The files that were sent are copies of the objects, and here: nothing is fetched.
  expect(await down()).toMatchObject({ asked: one, counts: [COUNT, 0, 0] });
  expect(await down()).toMatchObject({ asked: one, counts: [0, 0, COUNT] });
  expect(await down({ deletes: true })).toMatchObject({ asked: one, counts: [0, 0, COUNT] });
  expect(filesIn(back)).toEqual(filesIn(tree));

  put(tree, nameOf(5), "other bytes");
  const changed = await up();
  expect(changed).toMatchObject({ counts: [1, 0, COUNT - 1], moveBytes: 11 });
  expect(changed.asked).toEqual({ ListObjectsV2: 1, PutObject: 1 });
  await putAtStore(nameOf(6), "bytes of others");
  const followed = await down();
  expect(followed).toMatchObject({ counts: [2, 0, COUNT - 2], moveBytes: 26 });
  expect(followed.asked).toEqual({ ListObjectsV2: 1, GetObject: 1 });
  expect(readFileSync(join(back, nameOf(5)), "utf8")).toBe("other bytes");
  expect(readFileSync(join(back, nameOf(6)), "utf8")).toBe("bytes of others");
}, 400_000);

it("deletes 1,000 objects in one request, and 1,000 files without any", async () => {
  // Those of the test before, as it left them; made again where this one is tried once more.
  useTree(1);
  fill(tree, COUNT, existsSync);
  put(tree, "keep", "kept");
  await up();
  await down();
  for (const name of readdirSync(tree))
    if (name !== "keep") rmSync(join(tree, name), { recursive: true });
  const dry = await up({ deletes: true, isDryRun: true });
  expect(dry.counts).toEqual([0, COUNT, 1]);
  expect(dry.asked).toEqual({ ListObjectsV2: 4 });
  const real = await up({ deletes: true });
  expect(real.counts).toEqual(dry.counts);
  expect(real.asked).toEqual({ ListObjectsV2: 4, DeleteObjects: 1 });
  expect(await keysIn("lab", `t${number}/`)).toEqual(["keep"]);
  const here = await down({ deletes: true });
  expect(here).toMatchObject({ asked: { ListObjectsV2: 1 }, counts: [0, COUNT, 1] });
  expect(readdirSync(back)).toEqual(["keep"]);
}, 400_000);

it("a dry run says what the real run then does, also of what must be compared", async () => {
  useTree(3);
  for (const name of ["same", "other", "new"]) put(tree, name, `${name} here`);
  for (const [key, Body] of [
    ["same", "same here"],
    ["other", "other far"],
    ["gone", "x"],
  ] as const) {
    await s3.send(new PutObjectCommand({ Bucket: "lab", Key: `t${number}/${key}`, Body }));
  }
  const dry = await up({ deletes: true, isDryRun: true });
  expect(dry).toMatchObject({ counts: [2, 1, 1], moveBytes: 18 });
  expect(dry.asked["PutObject"]).toBeUndefined();
  const real = await up({ deletes: true });
  expect(real).toMatchObject({ counts: [2, 1, 1], moveBytes: 18 });
  expect(real.asked).toMatchObject({ PutObject: 2, DeleteObjects: 1 });
  expect(await keysIn("lab", `t${number}/`)).toEqual(["new", "other", "same"]);
  expect((await up({ byDigest: true })).counts).toEqual([0, 0, 3]);
});

it("says of a bucket with versions that they stay", async () => {
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: "versioned", VersioningConfiguration }));
  put(tree, "kept", "1");
  await s3.send(new PutObjectCommand({ Bucket: "versioned", Key: `t${number}/old`, Body: "x" }));
  const { view, counts } = await up({ deletes: true }, "versioned");
  expect(counts).toEqual([1, 1, 0]);
  expect(view.sync).toMatchObject({ keepsVersions: true });
});

it("a followed prefix picks up one changed object and only that, also after a restart", async () => {
  for (const name of ["a", "b/c", "d"]) put(tree, name, `${name} 1`);
  await up();
  const place = { profileId, bucket: "lab", key: `t${number}/` };
  const request = { ...place, folder: { path: back }, everyMs: 60_000 };
  const follow = async () => {
    writeFileSync(logFile(), "");
    const beginMs = Date.now();
    // It runs at once.
    const { id } = await client.call("follow.set", request);
    const ran = async () => {
      const one = (await client.call("follow.list", null)).find((each) => each.id === id);
      return one?.last != null && one.last.atMs >= beginMs ? one.last : null;
    };
    await expect.poll(ran, { timeout: 20_000 }).not.toBeNull();
    return { last: await ran(), asked: askedNow() };
  };
  expect(await follow()).toMatchObject({ last: { error: null, counts: { moves: 3 } } });
  await rig.stop();
  client = await rig.start();
  expect(await client.call("follow.list", null)).toMatchObject([{ ...place, folder: back }]);
  await putAtStore("b/c", "b/c 2, longer");
  const again = await follow();
  expect(again.last).toMatchObject({ error: null, counts: { moves: 1, same: 2 } });
  expect(again.asked).toEqual({ ListObjectsV2: 1, GetObject: 1 });
  expect(readFileSync(join(back, "b/c"), "utf8")).toBe("b/c 2, longer");
});
