import { createHash, randomBytes } from "node:crypto";

import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { ChecksumAlgorithm, ChecksumType, CompletedPart } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createDigester } from "../bodies/checksums.ts";
import { startTestServer } from "../testing/test-server.ts";
import type { TestServer } from "../testing/test-server.ts";

const MIB = 1024 ** 2;
const FIRST = randomBytes(5 * MIB);
const SECOND = randomBytes(1000);

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server.stop();
  expect(server.faults).toEqual([]);
});

type Kind = { readonly algorithm?: ChecksumAlgorithm; readonly type?: ChecksumType };
type Upload = { readonly key: string; readonly id: string; readonly kind: Kind };

async function create(key: string, kind: Kind = {}): Promise<Upload> {
  const created = await server.s3.send(
    new CreateMultipartUploadCommand({
      Bucket: "bucket",
      Key: key,
      ChecksumAlgorithm: kind.algorithm,
      ChecksumType: kind.type,
      Metadata: { from: "multipart" },
    }),
  );
  return { key, id: created.UploadId ?? "", kind };
}

async function send(upload: Upload, number: number, body: Buffer): Promise<CompletedPart> {
  const sent = await server.s3.send(
    new UploadPartCommand({
      Bucket: "bucket",
      Key: upload.key,
      UploadId: upload.id,
      PartNumber: number,
      Body: body,
      ChecksumAlgorithm: upload.kind.algorithm,
    }),
  );
  return { ...sent, PartNumber: number };
}

function completion(upload: Upload, parts: CompletedPart[]): CompleteMultipartUploadCommand {
  return new CompleteMultipartUploadCommand({
    Bucket: "bucket",
    Key: upload.key,
    UploadId: upload.id,
    MultipartUpload: { Parts: parts },
  });
}

/** Sends a Complete by hand, so that it may be wrong. */
async function completeRaw(
  upload: Upload,
  parts: readonly (readonly [number: number, etag: string])[],
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly [number, string | undefined]> {
  const elements = parts.map(
    ([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`,
  );
  const answer = await server.send({
    method: "POST",
    path: `/bucket/${upload.key}?uploadId=${upload.id}`,
    headers,
    body: Buffer.from(`<CompleteMultipartUpload>${elements.join("")}</CompleteMultipartUpload>`),
  });
  return [answer.status, answer.code];
}

async function digest(algorithm: "CRC32" | "CRC64NVME" | "SHA256", bytes: Buffer): Promise<Buffer> {
  const digester = await createDigester(algorithm);
  digester.update(bytes);
  return digester.digest();
}

function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}

describe("a multipart upload", () => {
  it("shows nothing until it completes, and then the parts in order", async () => {
    const upload = await create("whole");
    const second = await send(upload, 7, SECOND);
    const first = await send(upload, 2, FIRST);
    expect((await server.send({ method: "GET", path: "/bucket/whole" })).status).toBe(404);
    const completed = await server.s3.send(completion(upload, [first, second]));
    const etag = md5(Buffer.from(md5(FIRST) + md5(SECOND), "hex"));
    expect(completed.ETag).toBe(`"${etag}-2"`);
    const got = await server.s3.send(new GetObjectCommand({ Bucket: "bucket", Key: "whole" }));
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(
      Buffer.concat([FIRST, SECOND]),
    );
    expect(got.Metadata).toEqual({ from: "multipart" });
  });

  it("answers a range across the edge of two parts", async () => {
    const answer = await server.s3.send(
      new GetObjectCommand({
        Bucket: "bucket",
        Key: "whole",
        Range: `bytes=${5 * MIB - 3}-${5 * MIB + 2}`,
      }),
    );
    expect(answer.ContentRange).toBe(`bytes ${5 * MIB - 3}-${5 * MIB + 2}/${5 * MIB + 1000}`);
    expect(Buffer.from((await answer.Body?.transformToByteArray()) ?? [])).toEqual(
      Buffer.concat([FIRST.subarray(-3), SECOND.subarray(0, 3)]),
    );
  });

  it("answers Complete again as it did, while its object is there", async () => {
    const upload = await create("again");
    const part = await send(upload, 1, SECOND);
    const first = await server.s3.send(completion(upload, [part]));
    expect((await server.s3.send(completion(upload, [part]))).ETag).toBe(first.ETag);
    await server.s3.send(new PutObjectCommand({ Bucket: "bucket", Key: "again", Body: "other" }));
    expect(await completeRaw(upload, [[1, md5(SECOND)]])).toEqual([404, "NoSuchUpload"]);
  });
});

describe("parts and their completion", () => {
  it("takes a part sent again instead of the one before, and drops parts not named", async () => {
    const upload = await create("resent");
    await send(upload, 1, FIRST);
    const resent = await send(upload, 1, SECOND);
    await send(upload, 2, FIRST);
    await server.s3.send(completion(upload, [resent]));
    const head = await server.s3.send(new HeadObjectCommand({ Bucket: "bucket", Key: "resent" }));
    expect([head.ContentLength, head.ETag?.endsWith('-1"')]).toEqual([1000, true]);
  });

  it("is refused with S3's codes where Complete is wrong, and can then be completed", async () => {
    const upload = await create("refused");
    await send(upload, 1, SECOND);
    await send(upload, 2, FIRST);
    const one = [1, md5(SECOND)] as const;
    const two = [2, md5(FIRST)] as const;
    expect(await completeRaw(upload, [two, one])).toEqual([400, "InvalidPartOrder"]);
    expect(await completeRaw(upload, [one, one])).toEqual([400, "InvalidPartOrder"]);
    expect(await completeRaw(upload, [one, two])).toEqual([400, "EntityTooSmall"]);
    expect(await completeRaw(upload, [[1, "0".repeat(32)]])).toEqual([400, "InvalidPart"]);
    expect(await completeRaw(upload, [[3, md5(FIRST)]])).toEqual([400, "InvalidPart"]);
    expect(await completeRaw(upload, [])).toEqual([400, "MalformedXML"]);
    const size = { "x-amz-mp-object-size": "5" };
    expect(await completeRaw(upload, [two], size)).toEqual([400, "InvalidRequest"]);
    const once = { "if-none-match": "*" };
    expect(await completeRaw(upload, [two], once)).toEqual([200, undefined]);
  });

  it("is not completed over an object under If-None-Match", async () => {
    await server.s3.send(new PutObjectCommand({ Bucket: "bucket", Key: "taken", Body: "x" }));
    const upload = await create("taken");
    await send(upload, 1, SECOND);
    const once = { "if-none-match": "*" };
    expect(await completeRaw(upload, [[1, md5(SECOND)]], once)).toEqual([
      412,
      "PreconditionFailed",
    ]);
    expect(await completeRaw(upload, [[1, md5(SECOND)]])).toEqual([200, undefined]);
  });
});

describe("an upload that is not there", () => {
  it("is unknown once aborted, and with another key", async () => {
    const upload = await create("aborted");
    await send(upload, 1, SECOND);
    expect(await completeRaw({ ...upload, key: "other" }, [[1, "x"]])).toEqual([
      404,
      "NoSuchUpload",
    ]);
    const key = { Bucket: "bucket", Key: "aborted", UploadId: upload.id };
    await server.s3.send(new AbortMultipartUploadCommand(key));
    const path = `/bucket/aborted?uploadId=${upload.id}`;
    for (const order of [
      { method: "GET", path },
      { method: "DELETE", path },
      { method: "PUT", path: `${path}&partNumber=1`, body: SECOND },
    ]) {
      const answer = await server.send(order);
      expect([order.method, answer.status, answer.code]).toEqual([
        order.method,
        404,
        "NoSuchUpload",
      ]);
    }
  });

  it.each(["0", "10001", "x", "1.5"])("has no part number %s", async (number) => {
    const upload = await create("numbers");
    const path = `/bucket/numbers?uploadId=${upload.id}&partNumber=${number}`;
    const answer = await server.send({ method: "PUT", path, body: SECOND });
    expect([answer.status, answer.code]).toEqual([400, "InvalidArgument"]);
  });
});

describe("listing", () => {
  it("pages through the parts of an upload", async () => {
    const upload = await create("parts", { algorithm: "SHA256" });
    for (const number of [1, 5, 9]) await send(upload, number, SECOND);
    const key = { Bucket: "bucket", Key: "parts", UploadId: upload.id };
    const first = await server.s3.send(new ListPartsCommand({ ...key, MaxParts: 2 }));
    expect(first).toMatchObject({
      IsTruncated: true,
      NextPartNumberMarker: "5",
      ChecksumAlgorithm: "SHA256",
    });
    expect(first.Parts?.[0]).toMatchObject({
      PartNumber: 1,
      Size: 1000,
      ETag: `"${md5(SECOND)}"`,
      ChecksumSHA256: createHash("sha256").update(SECOND).digest("base64"),
    });
    const second = await server.s3.send(new ListPartsCommand({ ...key, PartNumberMarker: "5" }));
    expect(second.Parts?.map((part) => part.PartNumber)).toEqual([9]);
    expect(second.IsTruncated).toBe(false);
  });

  it("pages through uploads by key and id", async () => {
    const made = [await create("up/a"), await create("up/b"), await create("up/b")];
    const listed: string[] = [];
    let marker: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
    for (;;) {
      const page = await server.s3.send(
        new ListMultipartUploadsCommand({
          Bucket: "bucket",
          Prefix: "up/",
          MaxUploads: 1,
          ...marker,
        }),
      );
      listed.push(...(page.Uploads ?? []).map((upload) => upload.UploadId ?? ""));
      if (!page.IsTruncated) break;
      marker = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }
    expect(listed.toSorted()).toEqual(made.map((upload) => upload.id).toSorted());
  });
});

describe("checksums", () => {
  it("of parts make a composite one, told in full by GetObjectAttributes", async () => {
    const upload = await create("composite", { algorithm: "SHA256" });
    const parts = [await send(upload, 1, FIRST), await send(upload, 2, SECOND)];
    const digests = [await digest("SHA256", FIRST), await digest("SHA256", SECOND)];
    const value = `${(await digest("SHA256", Buffer.concat(digests))).toString("base64")}-2`;
    const completed = await server.s3.send(completion(upload, parts));
    expect(completed).toMatchObject({ ChecksumSHA256: value, ChecksumType: "COMPOSITE" });
    const attributes = await server.s3.send(
      new GetObjectAttributesCommand({
        Bucket: "bucket",
        Key: "composite",
        ObjectAttributes: ["ETag", "Checksum", "ObjectParts", "ObjectSize", "StorageClass"],
        MaxParts: 1,
        PartNumberMarker: "1",
      }),
    );
    expect(attributes).toMatchObject({
      ETag: completed.ETag?.replaceAll('"', ""),
      ObjectSize: 5 * MIB + 1000,
      Checksum: { ChecksumSHA256: value, ChecksumType: "COMPOSITE" },
      ObjectParts: {
        TotalPartsCount: 2,
        IsTruncated: false,
        Parts: [{ PartNumber: 2, Size: 1000, ChecksumSHA256: digests[1]?.toString("base64") }],
      },
    });
  });
});

describe("part numbers", () => {
  it("select a part and its checksum at HEAD", async () => {
    const head = await server.s3.send(
      new HeadObjectCommand({
        Bucket: "bucket",
        Key: "composite",
        PartNumber: 1,
        ChecksumMode: "ENABLED",
      }),
    );
    expect(head).toMatchObject({
      ContentLength: 5 * MIB,
      ContentRange: `bytes 0-${5 * MIB - 1}/${5 * MIB + 1000}`,
      PartsCount: 2,
      ChecksumSHA256: (await digest("SHA256", FIRST)).toString("base64"),
    });
    const path = "/bucket/composite?partNumber=3";
    const beyond = await server.send({ method: "GET", path });
    expect([beyond.status, beyond.code]).toEqual([416, "InvalidPartNumber"]);
  });
});

describe("full-object checksums", () => {
  it.each(["CRC32", "CRC64NVME"] as const)("are made from the parts' %s", async (algorithm) => {
    const upload = await create(`full-${algorithm}`, { algorithm, type: "FULL_OBJECT" });
    const parts = [await send(upload, 1, FIRST), await send(upload, 2, SECOND)];
    const value = (await digest(algorithm, Buffer.concat([FIRST, SECOND]))).toString("base64");
    const completed = await server.s3.send(completion(upload, parts));
    expect(completed).toMatchObject({
      [`Checksum${algorithm}`]: value,
      ChecksumType: "FULL_OBJECT",
    });
    const got = await server.s3.send(
      new GetObjectCommand({ Bucket: "bucket", Key: upload.key, ChecksumMode: "ENABLED" }),
    );
    // The client compares the checksum with what it receives, and fails where they differ.
    expect((await got.Body?.transformToByteArray())?.length).toBe(5 * MIB + 1000);
  });
});

describe("checksum rules", () => {
  it("of parts must be named at Complete where the whole is composite", async () => {
    const upload = await create("unnamed", { algorithm: "SHA256" });
    await send(upload, 1, SECOND);
    expect(await completeRaw(upload, [[1, md5(SECOND)]])).toEqual([400, "InvalidRequest"]);
  });

  it("that differ from the upload's algorithm are refused", async () => {
    const upload = await create("mismatch", { algorithm: "SHA256" });
    const answer = await server.send({
      method: "PUT",
      path: `/bucket/mismatch?uploadId=${upload.id}&partNumber=1`,
      headers: { "x-amz-checksum-crc32": (await digest("CRC32", SECOND)).toString("base64") },
      body: SECOND,
    });
    expect([answer.status, answer.code]).toEqual([400, "InvalidRequest"]);
  });

  it.each([
    [{ "x-amz-checksum-algorithm": "CRC64NVME", "x-amz-checksum-type": "COMPOSITE" }],
    [{ "x-amz-checksum-algorithm": "SHA256", "x-amz-checksum-type": "FULL_OBJECT" }],
    [{ "x-amz-checksum-algorithm": "CRC32", "x-amz-checksum-type": "NONE" }],
    [{ "x-amz-checksum-type": "COMPOSITE" }],
    [{ "x-amz-checksum-algorithm": "XXH3" }],
  ])("cannot be planned as %j", async (headers) => {
    const answer = await server.send({ method: "POST", path: "/bucket/plan?uploads", headers });
    expect([answer.status, answer.code]).toEqual([400, "InvalidRequest"]);
  });
});
