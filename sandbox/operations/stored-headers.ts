import type { StoredHeaders } from "../catalog/json-columns.ts";
import { S3Error } from "../protocol/s3-error.ts";

/** Kept, and never sent back as it is. */
const TAGGING = "x-amz-tagging";
const KEPT = new Set([
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
  "x-amz-server-side-encryption",
  "x-amz-server-side-encryption-aws-kms-key-id",
  "x-amz-storage-class",
  TAGGING,
]);
const META = "x-amz-meta-";
/** S3's limit for names and values of user metadata together. */
const MAX_META_BYTES = 2048;

/**
 * The headers that S3 keeps with an object, from the request that creates it.
 *
 * @throws {S3Error} MetadataTooLarge.
 */
export function pickStoredHeaders(headers: ReadonlyMap<string, string>): StoredHeaders {
  const stored: StoredHeaders = { "content-type": "binary/octet-stream" };
  let metaBytes = 0;
  for (const [name, value] of headers) {
    if (name.startsWith(META)) metaBytes += name.length - META.length + value.length;
    else if (!KEPT.has(name)) continue;
    const kept = name === "content-encoding" ? withoutFraming(value) : value;
    if (kept !== "") stored[name] = kept;
  }
  if (metaBytes > MAX_META_BYTES) throw new S3Error("MetadataTooLarge");
  return stored;
}

/** What an answer about an object says of it: not its tags but their number, no class for the usual one. */
export function shownHeaders(stored: StoredHeaders): StoredHeaders {
  const { [TAGGING]: _, "x-amz-storage-class": storageClass = "STANDARD", ...shown } = stored;
  const tagCount = tagsOf(stored).length;
  return {
    ...shown,
    ...(storageClass !== "STANDARD" && { "x-amz-storage-class": storageClass }),
    ...(tagCount > 0 && { "x-amz-tagging-count": String(tagCount) }),
  };
}

/** The answer to a write says how the object is encrypted. */
export function encryptionHeaders(stored: StoredHeaders): StoredHeaders {
  const said = Object.entries(stored).filter(([name]) => name.startsWith("x-amz-server-side-"));
  return Object.fromEntries(said);
}

/** Keys and values, from the form of a query. */
export function tagsOf(stored: StoredHeaders): [key: string, value: string][] {
  return [...new URLSearchParams(stored[TAGGING] ?? "")];
}

/** `aws-chunked` describes the trip, not the object. */
function withoutFraming(encodings: string): string {
  return encodings
    .split(",")
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== "aws-chunked")
    .join(",");
}
