import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";

import { sweepGarbage } from "../sandbox-store.ts";
import { startTestServer } from "../testing/test-server.ts";
import type { TestServer } from "../testing/test-server.ts";

let server: TestServer;
const Bucket = "bucket";

beforeAll(async () => {
  server = await startTestServer();
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await server.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
});
afterAll(async () => {
  await server.stop();
  expect(server.faults).toEqual([]);
});

async function put(Key: string, text: string): Promise<string> {
  const { VersionId } = await server.s3.send(
    new PutObjectCommand({ Bucket, Key, Body: Buffer.from(text) }),
  );
  return VersionId ?? "";
}

async function read(Key: string, VersionId?: string): Promise<string> {
  const answer = await server.s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return (await answer.Body?.transformToString()) ?? "";
}

it("keeps what is replaced, and reads each version by its id", async () => {
  const ids = [await put("k", "one"), await put("k", "two"), await put("k", "three")];
  expect(await read("k")).toBe("three");
  expect(await Promise.all(ids.map((id) => read("k", id)))).toEqual(["one", "two", "three"]);
  const head = await server.s3.send(new HeadObjectCommand({ Bucket, Key: "k" }));
  expect(head.VersionId).toBe(ids[2]);
  await expect(read("k", "nothing")).rejects.toMatchObject({ name: "NoSuchVersion" });
});

it("lists versions newest first, in pages, and marks what was deleted", async () => {
  await put("l/a", "1");
  await put("l/a", "22");
  await put("l/b", "3");
  await server.s3.send(new DeleteObjectCommand({ Bucket, Key: "l/b" }));
  await expect(read("l/b")).rejects.toMatchObject({ name: "NoSuchKey" });
  const seen: unknown[] = [];
  let marker: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
  for (let page = 0; page < 9; page += 1) {
    const output = await server.s3.send(
      new ListObjectVersionsCommand({ Bucket, Prefix: "l/", MaxKeys: 1, ...marker }),
    );
    for (const { Key, Size, IsLatest } of output.Versions ?? []) seen.push([Key, Size, IsLatest]);
    for (const { Key, IsLatest } of output.DeleteMarkers ?? []) seen.push([Key, IsLatest]);
    if (output.IsTruncated !== true) break;
    marker = { KeyMarker: output.NextKeyMarker, VersionIdMarker: output.NextVersionIdMarker };
  }
  expect(seen).toEqual([
    ["l/a", 2, true],
    ["l/a", 1, false],
    ["l/b", true],
    ["l/b", 1, false],
  ]);
});

it("brings back what was before a version that is deleted for good, and lets its bytes go", async () => {
  await put("d", "old");
  const id = await put("d", "new");
  await server.s3.send(new DeleteObjectCommand({ Bucket, Key: "d", VersionId: id }));
  expect(await read("d")).toBe("old");
  await expect(read("d", id)).rejects.toMatchObject({ name: "NoSuchVersion" });
  const { VersionId } = await server.s3.send(new DeleteObjectCommand({ Bucket, Key: "d" }));
  await expect(read("d", VersionId)).rejects.toMatchObject({ name: "MethodNotAllowed" });
  await server.s3.send(new DeleteObjectCommand({ Bucket, Key: "d", VersionId }));
  expect(await read("d")).toBe("old");
  await sweepGarbage(server.store, 0);
});
