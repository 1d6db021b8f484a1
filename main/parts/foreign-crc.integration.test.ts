import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import type { ChecksumAlgorithm, ChecksumType, CompletedPart } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MiB } from "../bytes/sizes.ts";
import { compareContent } from "./compare-content.ts";
import { fetchItem } from "./fetch-item.ts";
import { readBack } from "./read-back.ts";
import { RealRig } from "./real-rig.ts";

const Bucket = "parts";
const never = new AbortController().signal;

let rig: RealRig;
/** Another program, that uploads as it likes. */
let other: S3Client;
beforeAll(async () => {
  rig = await RealRig.open();
  const { endpoint, region, credentials } = rig.place;
  const { accessKeyId, secretAccessKey } = credentials;
  other = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
});
afterAll(async () => {
  other.destroy();
  await rig.close();
});

async function putWhole(Key: string, Body: Buffer, algorithm: ChecksumAlgorithm): Promise<void> {
  await other.send(new PutObjectCommand({ Bucket, Key, Body, ChecksumAlgorithm: algorithm }));
}

async function putParts(
  Key: string,
  bytes: Buffer,
  kind: { ChecksumAlgorithm: ChecksumAlgorithm; ChecksumType: ChecksumType },
): Promise<void> {
  const { UploadId } = await other.send(new CreateMultipartUploadCommand({ Bucket, Key, ...kind }));
  const Parts: CompletedPart[] = [];
  const { ChecksumAlgorithm } = kind;
  for (let start = 0; start < bytes.length; start += 5 * MiB) {
    const PartNumber = Parts.length + 1;
    const Body = bytes.subarray(start, start + 5 * MiB);
    const part = { Bucket, Key, UploadId, PartNumber, Body, ChecksumAlgorithm };
    const { ETag, ChecksumCRC32, ChecksumCRC32C } = await other.send(new UploadPartCommand(part));
    Parts.push({ PartNumber, ETag, ChecksumCRC32, ChecksumCRC32C });
  }
  const MultipartUpload = { Parts };
  await other.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload }));
}

async function fetch(key: string, bytes: Buffer) {
  const target = await rig.target(key, never);
  const receipt = await fetchItem(target, rig.fetchJournal, rig.tools, never);
  expect(readFileSync(target.path).equals(bytes)).toBe(true);
  const file = { path: target.path, sizeBytes: bytes.length };
  expect(await compareContent(file, target.object, rig.tools, never)).toBe(true);
  await readBack(file, target.object, rig.tools, never);
  return receipt;
}

describe("S20 COMPOSITE vs FULL_OBJECT: an object that another program uploaded", () => {
  it.each(["CRC32", "CRC32C", "CRC64NVME"] as const)("in one PUT with %s", async (algorithm) => {
    for (const sizeBytes of [1, 3 * MiB + 7]) {
      const bytes = randomBytes(sizeBytes);
      const key = `${algorithm}-${sizeBytes}`;
      await putWhole(key, bytes, algorithm);
      expect(await fetch(key, bytes)).toMatchObject({ rung: "full-crc", movedTwiceBytes: 0 });
    }
  });

  it.each(["CRC32", "CRC32C", "CRC64NVME"] as const)(
    "in parts, with a %s of the whole: that is compared",
    async (ChecksumAlgorithm) => {
      const bytes = randomBytes(6 * MiB);
      const key = `parts-${ChecksumAlgorithm}`;
      await putParts(key, bytes, { ChecksumAlgorithm, ChecksumType: "FULL_OBJECT" });
      expect(await fetch(key, bytes)).toMatchObject({ rung: "full-crc", movedTwiceBytes: 0 });
    },
  );

  it.each(["CRC32", "CRC32C"] as const)(
    "in parts, with a composite %s: that is never taken for one of the whole",
    async (ChecksumAlgorithm) => {
      const bytes = randomBytes(6 * MiB);
      const key = `composite-${ChecksumAlgorithm}`;
      await putParts(key, bytes, { ChecksumAlgorithm, ChecksumType: "COMPOSITE" });
      expect(await fetch(key, bytes)).toMatchObject({ rung: "md5-etag", movedTwiceBytes: 0 });
    },
  );
});
