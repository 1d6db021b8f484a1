import { checksumElement } from "../bodies/checksums.ts";
import type { PartRecord } from "../catalog/parts.ts";
import type { UploadRecord } from "../catalog/uploads.ts";
import type { S3Answer, S3Call } from "../http/s3-call.ts";
import { S3Error } from "../protocol/s3-error.ts";
import { renderXml } from "../protocol/xml.ts";
import type { XmlField } from "../protocol/xml.ts";
import { chooseEncoding } from "./list-objects.ts";
import { readCount, readLimit } from "./read-limit.ts";
import { requireUpload } from "./start-upload.ts";

/** @throws {S3Error} NoSuchUpload, InvalidArgument. */
export function listParts(call: S3Call): S3Answer {
  const upload = requireUpload(call);
  const limit = readLimit(call, "max-parts");
  const marker = readCount(call.query.get("part-number-marker"), "part-number-marker") ?? 0;
  const found = call.store.parts.page(upload.id, marker, limit + 1);
  const page = found.slice(0, limit);
  const text = renderXml("ListPartsResult", [
    ["Bucket", call.bucket],
    ["Key", chooseEncoding(call)(call.key)],
    ["UploadId", upload.id],
    ["PartNumberMarker", marker],
    ["NextPartNumberMarker", page.at(-1)?.number ?? marker],
    ["MaxParts", limit],
    ["IsTruncated", found.length > limit],
    ["StorageClass", "STANDARD"],
    ["ChecksumAlgorithm", upload.checksum?.algorithm],
    ["ChecksumType", upload.checksum?.type],
    ...page.map((part): XmlField => ["Part", renderPart(part, upload)]),
  ]);
  return { status: 200, text };
}

function renderPart(part: PartRecord, upload: UploadRecord): XmlField[] {
  const fields: XmlField[] = [
    ["PartNumber", part.number],
    ["LastModified", new Date(part.modifiedMs).toISOString()],
    ["ETag", `"${part.md5}"`],
    ["Size", part.sizeBytes],
  ];
  if (upload.checksum === undefined) return fields;
  return [...fields, [checksumElement(upload.checksum.algorithm), part.checksum]];
}

/** @throws {S3Error} NoSuchBucket, InvalidArgument; NotImplemented with a delimiter. */
export function listUploads(call: S3Call): S3Answer {
  call.store.buckets.require(call.bucket);
  if (call.query.get("delimiter")) {
    throw new S3Error("NotImplemented", "Uploads are listed without a delimiter only.");
  }
  const encode = chooseEncoding(call);
  const limit = readLimit(call, "max-uploads");
  const prefix = call.query.get("prefix") ?? "";
  const marker = {
    key: call.query.get("key-marker") ?? "",
    id: call.query.get("upload-id-marker") || undefined,
  };
  const found = call.store.uploads.page(call.bucket, prefix, marker, limit + 1);
  const page = found.slice(0, limit);
  const isTruncated = found.length > limit;
  const last = isTruncated ? page.at(-1) : undefined;
  const text = renderXml("ListMultipartUploadsResult", [
    ["Bucket", call.bucket],
    ["KeyMarker", encode(marker.key)],
    ["UploadIdMarker", marker.id ?? ""],
    ["NextKeyMarker", last === undefined ? undefined : encode(last.key)],
    ["NextUploadIdMarker", last?.id],
    ["EncodingType", call.query.get("encoding-type")],
    ["Prefix", encode(prefix)],
    ["MaxUploads", limit],
    ["IsTruncated", isTruncated],
    ...page.map((upload): XmlField => ["Upload", renderUpload(upload, encode)]),
  ]);
  return { status: 200, text };
}

function renderUpload(upload: UploadRecord, encode: (key: string) => string): XmlField[] {
  return [
    ["Key", encode(upload.key)],
    ["UploadId", upload.id],
    ["StorageClass", "STANDARD"],
    ["Initiated", new Date(upload.createdMs).toISOString()],
    ["ChecksumAlgorithm", upload.checksum?.algorithm],
    ["ChecksumType", upload.checksum?.type],
  ];
}
