import { appendFile, readdir, rename, stat, utimes, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { TransferView } from "#shared/transfer.ts";
import { MiB } from "../bytes/sizes.ts";
import { FaultRig, sha256Of } from "./fault-rig.ts";
import type { Fetched } from "./fault-rig.ts";

/** Where the bucket keeps versions. */
const KEPT = "kept";
const SIZE = 24 * MiB;
/** Bytes per second: under it a range is small, and there are many. */
const SLOW = 8 * MiB;

let rig: FaultRig;
/** Beside the engine. */
let other: S3Client;

beforeAll(async () => {
  rig = await FaultRig.open({ pace: 10 });
  const { endpoint, keys: credentials } = rig;
  other = new S3Client({ endpoint, region: "us-east-1", credentials, forcePathStyle: true });
  await other.send(new CreateBucketCommand({ Bucket: KEPT }));
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await other.send(new PutBucketVersioningCommand({ Bucket: KEPT, VersioningConfiguration }));
}, 60_000);

afterAll(async () => {
  other.destroy();
  await rig.close();
});

/** A download of which some ranges are here and others are not. */
async function half(key: string, more: object = {}): Promise<Fetched> {
  const fetched = await rig.download(key, more);
  await rig.until(fetched.id, ({ doneBytes }) => doneBytes > 0);
  return fetched;
}

async function limit(bytesPerSecond: number | null): Promise<void> {
  const both = { upBytesPerSecond: bytesPerSecond, downBytesPerSecond: bytesPerSecond };
  await rig.client.call("limit.set", both);
}

/** It waits for a person, nothing has the final name, and the part file is still there. */
async function saysSo({ id, path }: Fetched): Promise<TransferView> {
  const view = await rig.rest(id);
  const error = { code: "object-changed" };
  expect(view.state).toMatchObject({ phase: "paused", cause: "object-changed", error });
  await expect(stat(path)).rejects.toThrow("ENOENT");
  expect(await readdir(dirname(path))).toEqual([expect.stringContaining(".part")]);
  return view;
}

/** "Get what is there now": the file is the new object whole. */
async function getsWhatIsThere({ id, path }: Fetched, sha256: string): Promise<void> {
  await rig.client.call("transfer.resume", { id });
  const done = await rig.until(id, ({ state }) => state.phase === "done");
  expect(done.doneBytes).toBe(done.totalBytes);
  expect(await rig.fileSha256(path)).toBe(sha256);
  expect(await readdir(dirname(path))).toHaveLength(1);
}

it("S16 object changed between ranges: nothing is mixed, it waits and says so, and gets the new one if asked", async () => {
  const { key } = await rig.seed(SIZE);
  await rig.script({});
  await limit(SLOW);
  const fetched = await half(key);
  const newer = rig.bytes(SIZE);
  await rig.put(key, newer);
  await limit(null);
  await saysSo(fetched);
  // A change is no failure that is tried again.
  expect(rig.errors()).toEqual([]);
  expect(rig.count({ op: "GetObject", status: 412 })).toBeLessThanOrEqual(8);
  await getsWhatIsThere(fetched, sha256Of(newer));
});

it("S17 If-Match is ignored: the ETag and the total of every answer tell", async () => {
  for (const sizeBytes of [SIZE, SIZE + MiB]) {
    const { key } = await rig.seed(SIZE);
    await rig.script({
      on: { op: "GetObject" },
      times: null,
      fault: { kind: "ignore", headers: ["if-match"] },
    });
    await limit(SLOW);
    const fetched = await half(key);
    const newer = rig.bytes(sizeBytes);
    await rig.put(key, newer);
    await limit(null);
    await saysSo(fetched);
    expect(rig.count({ op: "GetObject", status: 412 })).toBe(0);
    expect(rig.errors()).toEqual([]);
    await getsWhatIsThere(fetched, sha256Of(newer));
  }
});

it("S18 object deleted mid-way: waits and says so, and then that there is none", async () => {
  const { key } = await rig.seed(SIZE);
  await rig.script({});
  await limit(SLOW);
  const fetched = await half(key);
  await other.send(new DeleteObjectCommand({ Bucket: "lab", Key: key }));
  await limit(null);
  await saysSo(fetched);
  expect(rig.errors()).toEqual([]);
  expect(rig.count({ op: "GetObject", status: 404 })).toBeLessThanOrEqual(8);
  await rig.client.call("transfer.resume", { id: fetched.id });
  const view = await rig.until(fetched.id, ({ state }) => state.phase === "failed");
  expect(view.state).toMatchObject({ error: { code: "object-missing" } });
  await expect(stat(fetched.path)).rejects.toThrow("ENOENT");
});

async function versioned(sizeBytes: number) {
  const bytes = rig.bytes(sizeBytes);
  const Key = `kept-${sha256Of(bytes).slice(0, 8)}`;
  await other.send(new PutObjectCommand({ Bucket: KEPT, Key, Body: bytes }));
  const drop = () => other.send(new DeleteObjectCommand({ Bucket: KEPT, Key }));
  const put = (Body: Buffer) => other.send(new PutObjectCommand({ Bucket: KEPT, Key, Body }));
  return { key: Key, sha256: sha256Of(bytes), drop, put };
}

it("S18 object deleted, or replaced, mid-way where versions are kept: the version that was begun arrives whole", async () => {
  for (const change of ["drop", "put"] as const) {
    const { key, sha256, ...changes } = await versioned(SIZE);
    await rig.script({});
    await limit(SLOW);
    const fetched = await half(key, { bucket: KEPT });
    await changes[change](rig.bytes(MiB));
    await limit(null);
    expect(await rig.rest(fetched.id)).toMatchObject({ state: { phase: "done" } });
    expect(await rig.fileSha256(fetched.path)).toBe(sha256);
    expect(rig.errors()).toEqual([]);
  }
});

it("S18 object replaced between two runs where versions are kept: the version that was begun arrives whole", async () => {
  const { key, sha256, put } = await versioned(SIZE);
  await rig.script({});
  await limit(SLOW);
  const fetched = await half(key, { bucket: KEPT });
  await rig.stop();
  await put(rig.bytes(MiB));
  await rig.start();
  await limit(null);
  expect(await rig.rest(fetched.id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.fileSha256(fetched.path)).toBe(sha256);
});

it("S38 source file changes while it is sent, in whatever way: nothing of it becomes an object", async () => {
  const ways: readonly ((path: string) => Promise<void>)[] = [
    async (path) => await appendFile(path, "more"),
    async (path) => {
      const { atime, mtime } = await stat(path);
      await writeFile(path, rig.bytes(MiB), { flag: "r+" });
      await utimes(path, atime, mtime);
    },
    async (path) => {
      await writeFile(`${path}.new`, rig.bytes(SIZE));
      await rename(`${path}.new`, path);
    },
  ];
  for (const change of ways) {
    await rig.script({});
    await limit(2 * SLOW);
    const { id, key, path } = await rig.upload(SIZE);
    await rig.until(id, ({ doneBytes }) => doneBytes > 0);
    await change(path);
    await limit(null);
    expect((await rig.rest(id)).state).toMatchObject({ error: { code: "source-changed" } });
    expect(rig.count({ op: "CompleteMultipartUpload" })).toBe(0);
    expect(rig.count({ op: "AbortMultipartUpload", status: 204 })).toBe(1);
    await expect(rig.storedSha256(key)).rejects.toThrow();
  }
});
