import type { StoredHeaders } from "../catalog/json-columns.ts";
import { S3Error } from "../protocol/s3-error.ts";

const KEPT = new Set([
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
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

/** `aws-chunked` describes the trip, not the object. */
function withoutFraming(encodings: string): string {
  return encodings
    .split(",")
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== "aws-chunked")
    .join(",");
}
