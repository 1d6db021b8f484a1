import type { ListedObject, Listing } from "../catalog/listing.ts";
import type { S3Answer, S3Call } from "../http/s3-call.ts";
import { S3Error } from "../protocol/s3-error.ts";
import { percentEncodePath } from "../protocol/target.ts";
import { renderXml } from "../protocol/xml.ts";
import type { XmlField } from "../protocol/xml.ts";
import { readLimit } from "./read-limit.ts";

/** @throws {S3Error} NoSuchBucket, InvalidArgument. */
export function listObjectsV2(call: S3Call): S3Answer {
  const token = call.query.get("continuation-token");
  const startAfter = call.query.get("start-after") ?? "";
  const after = token === undefined ? startAfter : decodeToken(token);
  const { listing, encode, limit } = listPage(call, after);
  const text = renderXml("ListBucketResult", [
    ["Name", call.bucket],
    ["Prefix", encode(call.query.get("prefix") ?? "")],
    ["Delimiter", optional(call.query.get("delimiter"), encode)],
    ["MaxKeys", limit],
    ["EncodingType", call.query.get("encoding-type")],
    ["KeyCount", listing.objects.length + listing.prefixes.length],
    ["StartAfter", optional(call.query.get("start-after"), encode)],
    ["ContinuationToken", token],
    ["IsTruncated", listing.next !== undefined],
    ["NextContinuationToken", optional(listing.next, encodeToken)],
    ...renderEntries(listing, encode),
  ]);
  return { status: 200, text };
}

/** The first version of listing, whose pages go on behind a key. @throws {S3Error} NoSuchBucket. */
export function listObjects(call: S3Call): S3Answer {
  const marker = call.query.get("marker") ?? "";
  const { listing, encode, limit } = listPage(call, marker);
  const text = renderXml("ListBucketResult", [
    ["Name", call.bucket],
    ["Prefix", encode(call.query.get("prefix") ?? "")],
    ["Delimiter", optional(call.query.get("delimiter"), encode)],
    ["Marker", encode(marker)],
    ["MaxKeys", limit],
    ["EncodingType", call.query.get("encoding-type")],
    ["IsTruncated", listing.next !== undefined],
    // S3 says it only with a delimiter; elsewhere the last key is the marker.
    ["NextMarker", call.query.has("delimiter") ? optional(listing.next, encode) : undefined],
    ...renderEntries(listing, encode),
  ]);
  return { status: 200, text };
}

type Encode = (text: string) => string;
type Page = { readonly listing: Listing; readonly encode: Encode; readonly limit: number };

function listPage(call: S3Call, after: string): Page {
  call.store.buckets.require(call.bucket);
  const limit = readLimit(call, "max-keys");
  const listing =
    limit === 0
      ? { objects: [], prefixes: [], next: undefined }
      : call.store.listings.page({
          bucket: call.bucket,
          prefix: call.query.get("prefix") ?? "",
          delimiter: call.query.get("delimiter") ?? "",
          after,
          limit,
        });
  return { listing, encode: chooseEncoding(call), limit };
}

/** `encoding-type=url` lets keys through that XML cannot hold. */
export function chooseEncoding(call: S3Call): Encode {
  const type = call.query.get("encoding-type");
  if (type === undefined) return (text) => text;
  if (type === "url") return percentEncodePath;
  throw new S3Error("InvalidArgument", "Invalid Encoding Method specified in Request");
}

function renderEntries(listing: Listing, encode: Encode): XmlField[] {
  return [
    ...listing.objects.map((object): XmlField => ["Contents", renderObject(object, encode)]),
    ...listing.prefixes.map((prefix): XmlField => ["CommonPrefixes", [["Prefix", encode(prefix)]]]),
  ];
}

function renderObject(object: ListedObject, encode: Encode): readonly XmlField[] {
  return [
    ["Key", encode(object.key)],
    ["LastModified", new Date(object.modifiedMs).toISOString()],
    ["ETag", `"${object.etag}"`],
    ["Size", object.sizeBytes],
    ["StorageClass", "STANDARD"],
  ];
}

function optional(value: string | undefined, map: Encode): string | undefined {
  return value === undefined ? undefined : map(value);
}

function encodeToken(after: string): string {
  return Buffer.from(after).toString("base64");
}

function decodeToken(token: string): string {
  const after = Buffer.from(token, "base64").toString("utf8");
  if (after !== "" && encodeToken(after) === token) return after;
  throw new S3Error("InvalidArgument", "The continuation token provided is incorrect");
}
