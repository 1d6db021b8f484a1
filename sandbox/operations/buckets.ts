import { readDocument } from "../bodies/read-document.ts";
import { isBucketName } from "../catalog/buckets.ts";
import type { S3Answer, S3Call } from "../http/s3-call.ts";
import { S3Error } from "../protocol/s3-error.ts";
import { REGION } from "../protocol/region.ts";
import { renderXml } from "../protocol/xml.ts";

export function listBuckets(call: S3Call): S3Answer {
  const buckets = call.store.buckets.list().map(
    (bucket) =>
      [
        "Bucket",
        [
          ["Name", bucket.name],
          ["CreationDate", new Date(bucket.createdMs).toISOString()],
        ],
      ] as const,
  );
  const owner = [
    ["ID", "sandbox"],
    ["DisplayName", "sandbox"],
  ] as const;
  const text = renderXml("ListAllMyBucketsResult", [
    ["Owner", owner],
    ["Buckets", buckets],
  ]);
  return { status: 200, text };
}

/** @throws {S3Error} InvalidBucketName, BucketAlreadyOwnedByYou, MalformedXML. */
export async function createBucket(call: S3Call): Promise<S3Answer> {
  await readDocument(call);
  if (!isBucketName(call.bucket)) {
    throw new S3Error("InvalidBucketName", undefined, { BucketName: call.bucket });
  }
  if (!call.store.buckets.create(call.bucket, call.store.nowMs())) {
    throw new S3Error("BucketAlreadyOwnedByYou", undefined, { BucketName: call.bucket });
  }
  return { status: 200, headers: { location: `/${call.bucket}` } };
}

/** @throws {S3Error} NoSuchBucket. */
export function headBucket(call: S3Call): S3Answer {
  call.store.buckets.require(call.bucket);
  return { status: 200, headers: { "x-amz-bucket-region": REGION } };
}

/** @throws {S3Error} NoSuchBucket, BucketNotEmpty. */
export function deleteBucket(call: S3Call): S3Answer {
  call.store.buckets.delete(call.bucket);
  return { status: 204 };
}

/** us-east-1 is the one region whose location is empty. @throws {S3Error} NoSuchBucket. */
export function getBucketLocation(call: S3Call): S3Answer {
  call.store.buckets.require(call.bucket);
  return { status: 200, text: renderXml("LocationConstraint", []) };
}
