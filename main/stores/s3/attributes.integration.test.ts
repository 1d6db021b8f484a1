import {
  CreateBucketCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BucketAccess } from "#shared/object-options.ts";
import { MiB } from "../../bytes/sizes.ts";
import { fixedCredentials } from "../../profiles/credentials.ts";
import type { SandboxProcess } from "../../profiles/sandbox-process.ts";
import { startSandbox } from "../../profiles/sandbox-process.ts";
import { nextBytes, putOf, sha256Of, StoreMover } from "../store-mover.ts";
import type { ObjectAttributes } from "../store.ts";
import { errorAnswer, openScriptedServer, storeOn } from "./scripted-server.ts";

const never = new AbortController().signal;
const any = { kind: "any" } as const;
const ATTRIBUTES: ObjectAttributes = {
  contentType: "application/zstd",
  cacheControl: "max-age=60",
  metadata: { mtime: "1700000000.25", run: "7 of  9" },
  tags: { "Größe & Art": "groß=ja", team: "vision" },
  storageClass: "STANDARD_IA",
  encryption: { kind: "kms", keyId: "arn:aws:kms:eu-central-1:000000000000:key/ab" },
};

let folder = "";
let sandbox: SandboxProcess;
let client: S3Client;
const mover = new StoreMover();

function open(access: BucketAccess = {}) {
  const { endpoint, credentials } = sandbox;
  return storeOn(
    { endpoint: new URL(endpoint) },
    {
      access,
      credentials: fixedCredentials(credentials),
      clock: { wallMs: Date.now, nowMs: () => performance.now(), sleep: async () => undefined },
    },
  );
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "longhaul-attributes-"));
  const keysFile = join(folder, "keys.json");
  const options = { dir: join(folder, "store"), keysFile, buckets: [], isOneProcess: true };
  sandbox = await startSandbox(options, never);
  const { endpoint, region, credentials } = sandbox;
  const { accessKeyId, secretAccessKey } = credentials;
  const keys = { accessKeyId, secretAccessKey };
  client = new S3Client({ endpoint, region, forcePathStyle: true, credentials: keys });
  await client.send(new CreateBucketCommand({ Bucket: "models" }));
  await mover.open(open());
});

afterAll(async () => {
  await mover.close();
  client.destroy();
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

async function expectKept(key: string): Promise<void> {
  const head = await client.send(new HeadObjectCommand({ Bucket: "models", Key: key }));
  expect(head).toMatchObject({
    ContentType: "application/zstd",
    CacheControl: "max-age=60",
    Metadata: { mtime: "1700000000.25", run: "7 of  9" },
    StorageClass: "STANDARD_IA",
    ServerSideEncryption: "aws:kms",
    SSEKMSKeyId: "arn:aws:kms:eu-central-1:000000000000:key/ab",
  });
  const { TagSet } = await client.send(new GetObjectTaggingCommand({ Bucket: "models", Key: key }));
  expect(TagSet).toEqual([
    { Key: "Größe & Art", Value: "groß=ja" },
    { Key: "team", Value: "vision" },
  ]);
}

describe("S34 what is said of an object", () => {
  it("travels with one PUT, signed", async () => {
    const bytes = nextBytes(100);
    const operation = { ...putOf("one", bytes, any), attributes: ATTRIBUTES };
    await mover.put("one", bytes, any, operation);
    await expectKept("one");
  });

  it("travels with the start of an upload in parts, beside our own part size", async () => {
    const options = { partSizeBytes: 5 * MiB, attributes: ATTRIBUTES };
    const upload = await mover.store.openUpload("parts", options, never);
    const parts = [await mover.putPart(upload, 1, nextBytes(10))];
    await mover.complete({ upload, parts }, any);
    await expectKept("parts");
    const head = await client.send(new HeadObjectCommand({ Bucket: "models", Key: "parts" }));
    expect(head.Metadata).toMatchObject({ "longhaul-part-size": String(5 * MiB) });
  });
});

describe("an expected owner of the bucket", () => {
  it("is sent with every request, and another's bucket is refused", async () => {
    const bytes = nextBytes(10);
    const operation = putOf("owned", bytes, any);
    const ours = open({ expectedBucketOwner: "000000000000" });
    expect((await ours.sign(operation, never)).request.headers).toMatchObject({
      "x-amz-expected-bucket-owner": "000000000000",
    });
    expect(await ours.findUploads("owned", never)).toEqual([]);
    const others = open({ expectedBucketOwner: "123456789012" });
    await expect(others.findUploads("owned", never)).rejects.toMatchObject({
      code: "access-denied",
    });
    await expect(others.stat("owned", never)).rejects.toMatchObject({ code: "access-denied" });
  });
});

describe("S33 a bucket whose requesters pay", () => {
  it("is answered once the profile agrees to pay", async () => {
    const server = await openScriptedServer(({ headers }) =>
      headers["x-amz-request-payer"] === "requester"
        ? { status: 200, headers: { etag: '"a"', "content-length": "1" }, body: "" }
        : errorAnswer(403, "AccessDenied"),
    );
    try {
      await expect(storeOn(server).stat("k", never)).rejects.toMatchObject({
        code: "access-denied",
      });
      const paying = storeOn(server, { access: { requesterPays: true } });
      expect(await paying.stat("k", never)).toMatchObject({ etag: '"a"' });
      const get = { kind: "get", object: await paying.stat("k", never), range: null } as const;
      expect((await paying.sign(get, never)).request.headers).toMatchObject({
        "x-amz-request-payer": "requester",
      });
    } finally {
      await server.close();
    }
  });
});

describe("S35 a bucket that locks objects", () => {
  it("gets a checksum with every PUT, which such a bucket asks for", async () => {
    const bytes = nextBytes(10);
    const { request } = await open().sign(putOf("locked", bytes, any), never);
    expect(request.headers).toMatchObject({
      "x-amz-checksum-sha256": Buffer.from(sha256Of(bytes), "hex").toString("base64"),
    });
  });
});
