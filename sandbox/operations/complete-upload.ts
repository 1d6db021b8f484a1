import { createHash } from "node:crypto";

import {
  CHECKSUM_ALGORITHMS,
  checksumElement,
  checksumHeader,
  compositeChecksum,
} from "../bodies/checksums.ts";
import type { Checksum } from "../bodies/checksums.ts";
import { combineCrcs } from "../bodies/crc-combine.ts";
import { readDocument } from "../bodies/read-document.ts";
import { inTransaction } from "../catalog/database.ts";
import type { ObjectRecord } from "../catalog/objects.ts";
import type { PartRecord } from "../catalog/parts.ts";
import type { ChecksumPlan, UploadRecord } from "../catalog/uploads.ts";
import type { S3Answer, S3Call } from "../http/s3-call.ts";
import { checkWrite } from "../protocol/conditions.ts";
import { S3Error } from "../protocol/s3-error.ts";
import { childText, renderXml } from "../protocol/xml.ts";
import type { XmlElement } from "../protocol/xml.ts";
import { versionIdOf } from "./read-object.ts";
import { requireUpload } from "./start-upload.ts";

/** S3's least size of every part but the last. */
const MIN_PART_BYTES = 5 * 1024 ** 2;

type NamedPart = {
  readonly number: number;
  readonly etag: string;
  /** Base64 by element name, such as `ChecksumSHA256`. */
  readonly checksums: ReadonlyMap<string, string>;
};

/**
 * CompleteMultipartUpload: the upload's parts become an object's, in one transaction and without
 * touching their bytes. Repeated after success it answers the same, as S3 does.
 *
 * @throws {S3Error} NoSuchUpload, MalformedXML, InvalidPart, InvalidPartOrder, EntityTooSmall,
 *   PreconditionFailed, InvalidRequest, BadDigest.
 */
export async function completeUpload(call: S3Call): Promise<S3Answer> {
  const named = readParts(await readDocument(call));
  const finished = findFinished(call);
  if (finished !== undefined) return answer(call, finished);
  const upload = requireUpload(call);
  const chosen = chooseParts(call, upload, named);
  const checksum =
    upload.checksum === undefined ? undefined : await wholeChecksum(upload.checksum, chosen);
  checkClaims(call, chosen, checksum);
  return answer(call, commit(call, chosen, checksum));
}

function readParts(document: XmlElement | undefined): NamedPart[] {
  const parts = document?.children.filter((child) => child.name === "Part") ?? [];
  if (document?.name !== "CompleteMultipartUpload" || parts.length === 0 || parts.length > 10_000) {
    throw new S3Error("MalformedXML");
  }
  const named = parts.map(readPart);
  const isAscending = named.every((part, index) => part.number > (named[index - 1]?.number ?? 0));
  if (!isAscending) throw new S3Error("InvalidPartOrder");
  return named;
}

function readPart(element: XmlElement): NamedPart {
  const number = Number(childText(element, "PartNumber"));
  const etag = childText(element, "ETag")?.replaceAll('"', "");
  if (!Number.isInteger(number) || etag === undefined) throw new S3Error("MalformedXML");
  const checksums = CHECKSUM_ALGORITHMS.map(checksumElement).flatMap((name) => {
    const value = childText(element, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { number, etag, checksums: new Map(checksums) };
}

/** The object that this very upload became, if it is still there. */
function findFinished(call: S3Call): ObjectRecord | undefined {
  const object = call.store.objects.find(call.bucket, call.key);
  return object?.content === call.query.get("uploadId") ? object : undefined;
}

/** The stored parts that the client names, with their offsets in the object. */
function chooseParts(
  call: S3Call,
  upload: UploadRecord,
  named: readonly NamedPart[],
): PartRecord[] {
  const stored = new Map(call.store.parts.all(upload.id).map((part) => [part.number, part]));
  let startBytes = 0;
  return named.map((name, index) => {
    const part = stored.get(name.number);
    if (part === undefined || part.md5 !== name.etag) {
      throw new S3Error("InvalidPart", undefined, {
        UploadId: upload.id,
        PartNumber: String(name.number),
        ETag: name.etag,
      });
    }
    checkPartChecksum(upload.checksum, name, part);
    if (index < named.length - 1 && part.sizeBytes < MIN_PART_BYTES) {
      throw new S3Error("EntityTooSmall", undefined, {
        ProposedSize: String(part.sizeBytes),
        MinSizeAllowed: String(MIN_PART_BYTES),
        PartNumber: String(name.number),
        ETag: name.etag,
      });
    }
    const placed = { ...part, startBytes };
    startBytes += part.sizeBytes;
    return placed;
  });
}

function checkPartChecksum(
  plan: ChecksumPlan | undefined,
  named: NamedPart,
  part: PartRecord,
): void {
  if (plan === undefined) return;
  const own = checksumElement(plan.algorithm);
  for (const [element, value] of named.checksums) {
    if (element !== own || value !== part.checksum) {
      throw new S3Error("InvalidPart", undefined, { PartNumber: String(named.number) });
    }
  }
  if (plan.type === "COMPOSITE" && named.checksums.size === 0) {
    const message = `The upload was created using a ${plan.algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${named.number} in the request.`;
    throw new S3Error("InvalidRequest", message);
  }
}

async function wholeChecksum(
  { algorithm, type }: ChecksumPlan,
  parts: readonly PartRecord[],
): Promise<Checksum> {
  const values = parts.map((part) => part.checksum ?? "");
  if (algorithm === "SHA256" || type === "COMPOSITE") return compositeChecksum(algorithm, values);
  const combined = combineCrcs(
    algorithm,
    parts.map((part) => ({
      crc: Buffer.from(part.checksum ?? "", "base64"),
      sizeBytes: part.sizeBytes,
    })),
  );
  return { algorithm, type, value: combined.toString("base64") };
}

/** What the client may say about the whole: its size and its checksum. */
function checkClaims(
  call: S3Call,
  parts: readonly PartRecord[],
  checksum: Checksum | undefined,
): void {
  const size = call.headers.get("x-amz-mp-object-size");
  if (size !== undefined && Number(size) !== totalBytes(parts)) {
    throw new S3Error("InvalidRequest", "The provided x-amz-mp-object-size does not match.");
  }
  const type = call.headers.get("x-amz-checksum-type")?.toUpperCase();
  if (type !== undefined && type !== checksum?.type) {
    throw new S3Error("InvalidRequest", `The upload was not created with checksum type ${type}.`);
  }
  if (checksum === undefined) return;
  const claimed = call.headers.get(checksumHeader(checksum.algorithm));
  if (claimed === undefined || claimed === checksum.value) return;
  if (checksum.type === "COMPOSITE" && claimed === checksum.value.replace(/-\d+$/, "")) return;
  throw new S3Error("BadDigest");
}

function totalBytes(parts: readonly PartRecord[]): number {
  return parts.reduce((total, part) => total + part.sizeBytes, 0);
}

/** Everything that may have changed since the request came is looked at again inside. */
function commit(
  call: S3Call,
  chosen: readonly PartRecord[],
  checksum: Checksum | undefined,
): ObjectRecord {
  const { store } = call;
  return inTransaction(store.db, () => {
    const upload = requireUpload(call);
    const previous = store.objects.find(call.bucket, call.key);
    checkWrite(call.headers, previous);
    const rest = new Map(store.parts.all(upload.id).map((part) => [part.number, part]));
    for (const part of chosen) {
      if (rest.get(part.number)?.file !== part.file) throw new S3Error("InvalidPart");
      rest.delete(part.number);
      store.parts.put(upload.id, part);
    }
    for (const part of rest.values()) store.parts.delete(upload.id, part);
    if (previous !== undefined) store.versions.retire(call.bucket, call.key, previous);
    const object: ObjectRecord = {
      content: upload.id,
      sizeBytes: totalBytes(chosen),
      etag: multipartEtag(chosen),
      modifiedMs: store.nowMs(),
      partCount: chosen.length,
      headers: upload.headers,
      checksum,
    };
    store.objects.put(call.bucket, call.key, object);
    store.uploads.delete(upload.id);
    return object;
  });
}

/** MD5 of the parts' MD5s, and their count. */
function multipartEtag(parts: readonly PartRecord[]): string {
  const md5 = createHash("md5");
  for (const part of parts) md5.update(part.md5, "hex");
  return `${md5.digest("hex")}-${parts.length}`;
}

function answer(call: S3Call, object: ObjectRecord): S3Answer {
  const { checksum } = object;
  const text = renderXml("CompleteMultipartUploadResult", [
    ["Location", `http://${call.headers.get("host") ?? ""}/${call.bucket}/${call.key}`],
    ["Bucket", call.bucket],
    ["Key", call.key],
    ["ETag", `"${object.etag}"`],
    ...(checksum === undefined
      ? []
      : ([
          [checksumElement(checksum.algorithm), checksum.value],
          ["ChecksumType", checksum.type],
        ] as const)),
  ]);
  return { status: 200, text, headers: { "x-amz-version-id": versionIdOf(call, object) } };
}
