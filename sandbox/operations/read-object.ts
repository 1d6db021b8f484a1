import { checksumHeader } from "../bodies/checksums.ts";
import type { FileSpan } from "../bodies/send-body.ts";
import type { ObjectRecord } from "../catalog/objects.ts";
import type { PartRecord } from "../catalog/parts.ts";
import type { Headers, S3Answer, S3Call } from "../http/s3-call.ts";
import { checkRead } from "../protocol/conditions.ts";
import { contentRange, parseRange } from "../protocol/range.ts";
import type { ByteRange } from "../protocol/range.ts";
import { S3Error } from "../protocol/s3-error.ts";
import type { SandboxStore } from "../sandbox-store.ts";
import { shownHeaders } from "./stored-headers.ts";

/** What of an object a request asks for; `range` is absent for the whole. */
type Selection = { readonly range: ByteRange | undefined; readonly headers: Headers };

/**
 * GetObject and HeadObject: one differs from the other only in that its body is not sent.
 *
 * @throws {S3Error} NoSuchBucket, NoSuchKey, PreconditionFailed, InvalidRange, InvalidPartNumber.
 */
export function readObject(call: S3Call): S3Answer {
  const object = requireObject(call);
  if (checkRead(call.headers, object) === "not-modified") {
    return { status: 304, headers: { etag: `"${object.etag}"` } };
  }
  const { range, headers } = select(call, object);
  const span = range ?? { start: 0, end: object.sizeBytes };
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      ...shownHeaders(object.headers),
      "accept-ranges": "bytes",
      etag: `"${object.etag}"`,
      "x-amz-version-id": versionIdOf(call, object),
      "last-modified": new Date(object.modifiedMs).toUTCString(),
      ...headers,
    },
    lengthBytes: span.end - span.start,
    spans: locate(call.store, object.content, span),
  };
}

/** GetObject. @throws {S3Error} what `readObject` throws; InvalidObjectState for an archived one. */
export function getObject(call: S3Call): S3Answer {
  const { "x-amz-storage-class": storageClass = "" } = requireObject(call).headers;
  if (storageClass === "GLACIER" || storageClass === "DEEP_ARCHIVE") {
    throw new S3Error("InvalidObjectState", undefined, { StorageClass: storageClass });
  }
  return readObject(call);
}

/** Where versions are kept, an object's is its content. */
export function versionIdOf({ store, bucket }: S3Call, { content }: ObjectRecord) {
  return store.versions.isKept(bucket) ? content : undefined;
}

/** @throws {S3Error} NoSuchBucket, NoSuchKey; NoSuchVersion, MethodNotAllowed for a deletion. */
export function requireObject(call: S3Call): ObjectRecord {
  const object = call.store.objects.find(call.bucket, call.key);
  const versionId = call.query.get("versionId");
  if (versionId !== undefined && versionId !== object?.content) {
    return requireVersion(call, versionId, object);
  }
  if (object !== undefined) return object;
  call.store.buckets.require(call.bucket);
  throw new S3Error("NoSuchKey", undefined, { Key: call.key });
}

function requireVersion(
  { store, bucket, key }: S3Call,
  versionId: string,
  newest: ObjectRecord | undefined,
): ObjectRecord {
  store.buckets.require(bucket);
  const isPlain = versionId === "null" && !store.versions.isKept(bucket);
  const found = isPlain ? newest : store.versions.find(bucket, key, versionId);
  if (found === "marker") throw new S3Error("MethodNotAllowed");
  if (found !== undefined) return found;
  throw new S3Error("NoSuchVersion", undefined, { Key: key, VersionId: versionId });
}

/** Where the bytes of a range lie: one span for each part that it touches. */
export function locate(store: SandboxStore, content: string, range: ByteRange): FileSpan[] {
  return store.parts.inRange(content, range).map((part) => ({
    path: store.files.path(part.file),
    start: Math.max(0, range.start - part.startBytes),
    end: Math.min(part.sizeBytes, range.end - part.startBytes),
  }));
}

function select(call: S3Call, object: ObjectRecord): Selection {
  const wantsChecksum = call.headers.get("x-amz-checksum-mode")?.toUpperCase() === "ENABLED";
  const partNumber = call.query.get("partNumber");
  if (partNumber !== undefined) return selectPart(call, object, partNumber);
  const range = parseRange(call.headers.get("range"), object.sizeBytes);
  if (range !== undefined) {
    return { range, headers: { "content-range": contentRange(range, object.sizeBytes) } };
  }
  const { checksum } = object;
  if (!wantsChecksum || checksum === undefined) return { range, headers: {} };
  return {
    range,
    headers: {
      [checksumHeader(checksum.algorithm)]: checksum.value,
      "x-amz-checksum-type": checksum.type,
    },
  };
}

/** `?partNumber=n`: the part as it was uploaded, with its own checksum. */
function selectPart(call: S3Call, object: ObjectRecord, partNumber: string): Selection {
  if (call.headers.has("range")) {
    throw new S3Error("InvalidRequest", "Cannot specify both Range header and partNumber.");
  }
  const part = findPart(call.store, object, Number(partNumber));
  const range = { start: part.startBytes, end: part.startBytes + part.sizeBytes };
  const isEmpty = range.start === range.end;
  const { checksum } = object;
  const wantsChecksum = call.headers.get("x-amz-checksum-mode")?.toUpperCase() === "ENABLED";
  const checksumHeaders =
    wantsChecksum && checksum !== undefined
      ? {
          [checksumHeader(checksum.algorithm)]: part.checksum,
          "x-amz-checksum-type": checksum.type,
        }
      : {};
  return {
    range: isEmpty ? undefined : range,
    headers: {
      ...checksumHeaders,
      "content-range": isEmpty ? undefined : contentRange(range, object.sizeBytes),
      "x-amz-mp-parts-count": object.partCount === 0 ? undefined : object.partCount,
    },
  };
}

function findPart(store: SandboxStore, object: ObjectRecord, number: number): PartRecord {
  if (!Number.isInteger(number) || number < 1 || number > 10_000) {
    throw new S3Error("InvalidArgument", "Part number must be an integer between 1 and 10000.");
  }
  const part = store.parts.find(object.content, number);
  if (part === undefined) throw new S3Error("InvalidPartNumber");
  return part;
}
