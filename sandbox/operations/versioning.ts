import { readDocument } from "../bodies/read-document.ts";
import { inTransaction } from "../catalog/database.ts";
import type { ListedVersion } from "../catalog/versions.ts";
import type { S3Answer, S3Call } from "../http/s3-call.ts";
import { S3Error } from "../protocol/s3-error.ts";
import { childText, renderXml } from "../protocol/xml.ts";
import type { XmlField } from "../protocol/xml.ts";
import { chooseEncoding } from "./list-objects.ts";
import { readLimit } from "./read-limit.ts";

/** Once on, it stays on: there is no Suspended here. @throws {S3Error} NoSuchBucket, MalformedXML. */
export async function putVersioning(call: S3Call): Promise<S3Answer> {
  const { store, bucket } = call;
  const document = await readDocument(call);
  if (document?.name !== "VersioningConfiguration") throw new S3Error("MalformedXML");
  if (childText(document, "Status") !== "Enabled") throw new S3Error("NotImplemented");
  inTransaction(store.db, () => {
    store.buckets.require(bucket);
    store.versions.enable(bucket);
  });
  return { status: 200 };
}

/** @throws {S3Error} NoSuchBucket. */
export function getVersioning({ store, bucket }: S3Call): S3Answer {
  store.buckets.require(bucket);
  const status = store.versions.isKept(bucket) ? "Enabled" : undefined;
  return { status: 200, text: renderXml("VersioningConfiguration", [["Status", status]]) };
}

/** ListObjectVersions, without groups. @throws {S3Error} NoSuchBucket, NotImplemented. */
export function listVersions(call: S3Call): S3Answer {
  const { store, bucket, query } = call;
  store.buckets.require(bucket);
  if (query.has("delimiter")) throw new S3Error("NotImplemented", "No delimiter of versions.");
  const limit = readLimit(call, "max-keys");
  const prefix = query.get("prefix") ?? "";
  const marker = { key: query.get("key-marker") ?? "", versionId: query.get("version-id-marker") };
  const found = store.versions.page(bucket, prefix, marker, limit + 1);
  const page = found.slice(0, limit);
  const isTruncated = found.length > limit;
  const encode = chooseEncoding(call);
  const last = isTruncated ? page.at(-1) : undefined;
  const isVersioned = store.versions.isKept(bucket);
  const text = renderXml("ListVersionsResult", [
    ["Name", bucket],
    ["Prefix", encode(prefix)],
    ["KeyMarker", encode(marker.key)],
    ["VersionIdMarker", marker.versionId],
    ["MaxKeys", limit],
    ["EncodingType", query.get("encoding-type")],
    ["IsTruncated", isTruncated],
    ["NextKeyMarker", last === undefined ? undefined : encode(last.key)],
    ["NextVersionIdMarker", last?.versionId],
    ...page.map((version) => renderVersion(version, encode, isVersioned)),
  ]);
  return { status: 200, text };
}

function renderVersion(
  version: ListedVersion,
  encode: (text: string) => string,
  isVersioned: boolean,
): XmlField {
  const base: XmlField[] = [
    ["Key", encode(version.key)],
    ["VersionId", isVersioned ? version.versionId : "null"],
    ["IsLatest", version.isLatest],
    ["LastModified", new Date(version.modifiedMs).toISOString()],
  ];
  if (version.isMarker) return ["DeleteMarker", base];
  const { etag, sizeBytes } = version;
  const own: XmlField[] = [
    ["ETag", `"${etag}"`],
    ["Size", sizeBytes],
    ["StorageClass", "STANDARD"],
  ];
  return ["Version", [...base, ...own]];
}
