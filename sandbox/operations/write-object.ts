import { acceptPayload, digestOf } from "../bodies/accept-payload.ts";
import { checksumHeader } from "../bodies/checksums.ts";
import type { Checksum, ChecksumAlgorithm } from "../bodies/checksums.ts";
import { receiveBody } from "../bodies/receive-body.ts";
import type { ReceivedBody } from "../bodies/receive-body.ts";
import { readSpans } from "../bodies/send-body.ts";
import { inTransaction } from "../catalog/database.ts";
import type { StoredHeaders } from "../catalog/json-columns.ts";
import type { ObjectRecord } from "../catalog/objects.ts";
import type { S3Answer, S3Call } from "../http/s3-call.ts";
import { checkWrite } from "../protocol/conditions.ts";
import { S3Error } from "../protocol/s3-error.ts";
import { percentDecode } from "../protocol/target.ts";
import { renderXml } from "../protocol/xml.ts";
import { newContentId } from "./content-id.ts";
import { locate, requireObject, versionIdOf } from "./read-object.ts";
import { encryptionHeaders, pickStoredHeaders } from "./stored-headers.ts";

/**
 * Conditions are looked at before the body, to refuse early, and again with the commit, where
 * they count.
 *
 * @throws {S3Error} NoSuchBucket, PreconditionFailed and what `acceptPayload` throws.
 */
export async function putObject(call: S3Call): Promise<S3Answer> {
  call.store.buckets.require(call.bucket);
  checkWrite(call.headers, call.store.objects.find(call.bucket, call.key));
  const headers = pickStoredHeaders(call.headers);
  const { body, claimed } = await acceptPayload(call, undefined);
  const object = await commitBody(call, body, { headers, algorithm: claimed });
  const { checksum } = object;
  return {
    status: 200,
    headers: {
      etag: `"${object.etag}"`,
      ...encryptionHeaders(object.headers),
      "x-amz-version-id": versionIdOf(call, object),
      ...(checksum === undefined
        ? {}
        : {
            [checksumHeader(checksum.algorithm)]: checksum.value,
            "x-amz-checksum-type": checksum.type,
          }),
    },
  };
}

type Description = {
  readonly headers: StoredHeaders;
  readonly algorithm: ChecksumAlgorithm | undefined;
};

/** Makes a staged body the object under the call's key. */
async function commitBody(
  call: S3Call,
  body: ReceivedBody,
  { headers, algorithm }: Description,
): Promise<ObjectRecord> {
  const { store } = call;
  const checksum: Checksum | undefined =
    algorithm === undefined
      ? undefined
      : { algorithm, type: "FULL_OBJECT", value: digestOf(body, algorithm) };
  const modifiedMs = store.nowMs();
  const object: ObjectRecord = {
    content: newContentId(modifiedMs),
    sizeBytes: body.sizeBytes,
    etag: body.md5,
    modifiedMs,
    partCount: 0,
    headers,
    checksum,
  };
  await store.files.publish(body.file);
  try {
    inTransaction(store.db, () => {
      const previous = store.objects.find(call.bucket, call.key);
      store.buckets.require(call.bucket);
      checkWrite(call.headers, previous);
      if (previous !== undefined) store.versions.retire(call.bucket, call.key, previous);
      store.parts.put(object.content, {
        number: 1,
        startBytes: 0,
        sizeBytes: body.sizeBytes,
        file: body.file,
        md5: body.md5,
        checksum: checksum?.value,
        modifiedMs,
      });
      store.objects.put(call.bucket, call.key, object);
    });
  } catch (error) {
    await store.files.remove([body.file]);
    throw error;
  }
  return object;
}

/**
 * CopyObject, by reading the source and writing it as one body; so a copy's ETag is its MD5.
 *
 * @throws {S3Error} NoSuchBucket, NoSuchKey, PreconditionFailed, InvalidArgument, EntityTooLarge.
 */
export async function copyObject(call: S3Call): Promise<S3Answer> {
  call.store.buckets.require(call.bucket);
  const source = requireSource(call);
  if (source.sizeBytes > 5 * 1024 ** 3) throw new S3Error("EntityTooLarge");
  const algorithm = source.checksum?.algorithm;
  const range = { start: 0, end: source.sizeBytes };
  const body = await receiveBody(
    copied(readSpans(locate(call.store, source.content, range))),
    call.store.files,
    new Set(algorithm === undefined ? [] : [algorithm]),
  );
  const replaces = call.headers.get("x-amz-metadata-directive")?.toUpperCase() === "REPLACE";
  const headers = replaces ? pickStoredHeaders(call.headers) : source.headers;
  const object = await commitBody(call, body, { headers, algorithm });
  const text = renderXml("CopyObjectResult", [
    ["LastModified", new Date(object.modifiedMs).toISOString()],
    ["ETag", `"${object.etag}"`],
  ]);
  return { status: 200, text };
}

/** The reader reuses its blocks while the writer still gathers them. */
async function* copied(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const bytes of source) yield Buffer.from(bytes);
}

/** `bucket/key`, escaped as a whole or by segment, with or without a slash before it. */
function requireSource(call: S3Call): ObjectRecord {
  const header = (call.headers.get("x-amz-copy-source") ?? "").replace(/^\//, "");
  const [, bucket = "", key = ""] = /^([^/]*)\/(.+)$/s.exec(percentDecode(header)) ?? [];
  if (key === "" || header.includes("?")) {
    throw new S3Error("InvalidArgument", "Copy Source must mention the source bucket and key.");
  }
  const source = requireObject({ ...call, bucket, key });
  const ifMatch = call.headers.get("x-amz-copy-source-if-match");
  if (ifMatch !== undefined && ifMatch.replaceAll('"', "") !== source.etag) {
    throw new S3Error("PreconditionFailed");
  }
  return source;
}
