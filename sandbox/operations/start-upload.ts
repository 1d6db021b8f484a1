import { parseAlgorithm } from "../bodies/checksums.ts";
import type { ChecksumPlan } from "../catalog/uploads.ts";
import type { UploadRecord } from "../catalog/uploads.ts";
import { inTransaction } from "../catalog/database.ts";
import type { S3Answer, S3Call } from "../http/s3-call.ts";
import { S3Error } from "../protocol/s3-error.ts";
import { renderXml } from "../protocol/xml.ts";
import { newContentId } from "./content-id.ts";
import { encryptionHeaders, pickStoredHeaders } from "./stored-headers.ts";

/** CreateMultipartUpload. @throws {S3Error} NoSuchBucket, InvalidRequest, MetadataTooLarge. */
export function createUpload(call: S3Call): S3Answer {
  const { store } = call;
  store.buckets.require(call.bucket);
  const createdMs = store.nowMs();
  const checksum = planChecksum(call.headers);
  const upload: UploadRecord = {
    id: newContentId(createdMs),
    key: call.key,
    createdMs,
    headers: pickStoredHeaders(call.headers),
    checksum,
  };
  inTransaction(store.db, () => {
    store.buckets.require(call.bucket);
    store.uploads.put(call.bucket, upload);
  });
  const text = renderXml("InitiateMultipartUploadResult", [
    ["Bucket", call.bucket],
    ["Key", call.key],
    ["UploadId", upload.id],
  ]);
  return {
    status: 200,
    text,
    headers: {
      ...encryptionHeaders(upload.headers),
      "x-amz-checksum-algorithm": checksum?.algorithm,
      "x-amz-checksum-type": checksum?.type,
    },
  };
}

/** CRC64NVME is only ever of the whole object, a SHA only ever of the parts; CRC32s are either. */
function planChecksum(headers: ReadonlyMap<string, string>): ChecksumPlan | undefined {
  const algorithm = parseAlgorithm(headers.get("x-amz-checksum-algorithm"));
  const asked = headers.get("x-amz-checksum-type")?.toUpperCase();
  if (algorithm === undefined) {
    if (asked === undefined) return undefined;
    const message = "x-amz-checksum-type can only be used with x-amz-checksum-algorithm.";
    throw new S3Error("InvalidRequest", message);
  }
  const type = asked ?? (algorithm === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE");
  const isKnown = type === "COMPOSITE" || type === "FULL_OBJECT";
  const isRefused =
    (algorithm === "CRC64NVME" && type === "COMPOSITE") ||
    (algorithm === "SHA256" && type === "FULL_OBJECT");
  if (!isKnown || isRefused) {
    const message = `The ${type} checksum type cannot be used with the ${algorithm} algorithm.`;
    throw new S3Error("InvalidRequest", message);
  }
  return { algorithm, type };
}

/** @throws {S3Error} NoSuchUpload (NoSuchBucket where even that is missing). */
export function requireUpload(call: S3Call): UploadRecord {
  const id = call.query.get("uploadId") ?? "";
  const upload = call.store.uploads.find(call.bucket, call.key, id);
  if (upload !== undefined) return upload;
  call.store.buckets.require(call.bucket);
  throw new S3Error("NoSuchUpload", undefined, { UploadId: id });
}

/** AbortMultipartUpload. @throws {S3Error} NoSuchUpload. */
export function abortUpload(call: S3Call): S3Answer {
  const { store } = call;
  inTransaction(store.db, () => {
    const upload = requireUpload(call);
    store.parts.deleteAll(upload.id);
    store.uploads.delete(upload.id);
  });
  return { status: 204 };
}
