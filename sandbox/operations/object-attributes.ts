import { checksumElement } from "../bodies/checksums.ts";
import type { ObjectRecord } from "../catalog/objects.ts";
import type { S3Answer, S3Call } from "../http/s3-call.ts";
import { S3Error } from "../protocol/s3-error.ts";
import { renderXml } from "../protocol/xml.ts";
import type { XmlField, XmlValue } from "../protocol/xml.ts";
import { readCount } from "./read-limit.ts";
import { requireObject } from "./read-object.ts";

const MAX_PARTS = 1000;

type Describe = (call: S3Call, object: ObjectRecord) => XmlValue;

const ATTRIBUTES: ReadonlyMap<string, Describe> = new Map<string, Describe>([
  ["ETag", (_call, object) => object.etag],
  ["Checksum", describeChecksum],
  ["ObjectParts", describeParts],
  ["StorageClass", () => "STANDARD"],
  ["ObjectSize", (_call, object) => object.sizeBytes],
]);

/**
 * GetObjectAttributes: only what `x-amz-object-attributes` asks for.
 *
 * @throws {S3Error} NoSuchBucket, NoSuchKey, InvalidArgument.
 */
export function getObjectAttributes(call: S3Call): S3Answer {
  const object = requireObject(call);
  const asked = (call.headers.get("x-amz-object-attributes") ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (asked.length === 0 || asked.some((name) => !ATTRIBUTES.has(name))) {
    throw new S3Error("InvalidArgument", "Invalid attribute name specified.");
  }
  const fields = [...ATTRIBUTES]
    .filter(([name]) => asked.includes(name))
    .map(([name, describe]): XmlField => [name, describe(call, object)]);
  return {
    status: 200,
    headers: { "last-modified": new Date(object.modifiedMs).toUTCString() },
    text: renderXml("GetObjectAttributesResponse", fields),
  };
}

function describeChecksum(_call: S3Call, { checksum }: ObjectRecord): XmlValue {
  if (checksum === undefined) return undefined;
  return [
    [checksumElement(checksum.algorithm), checksum.value],
    ["ChecksumType", checksum.type],
  ];
}

/** Only of a multipart object; parts one by one only where they have checksums, as in S3. */
function describeParts(call: S3Call, object: ObjectRecord): XmlValue {
  if (object.partCount === 0) return undefined;
  const { checksum } = object;
  if (checksum === undefined) return [["PartsCount", object.partCount]];
  const limit = Math.min(
    MAX_PARTS,
    readCount(call.headers.get("x-amz-max-parts"), "x-amz-max-parts") ?? MAX_PARTS,
  );
  const markerHeader = "x-amz-part-number-marker";
  const marker = readCount(call.headers.get(markerHeader), markerHeader) ?? 0;
  const found = call.store.parts.page(object.content, marker, limit + 1);
  const page = found.slice(0, limit);
  return [
    ["PartsCount", object.partCount],
    ["PartNumberMarker", marker],
    ["NextPartNumberMarker", page.at(-1)?.number ?? marker],
    ["MaxParts", limit],
    ["IsTruncated", found.length > limit],
    ...page.map((part): XmlField => [
      "Part",
      [
        ["PartNumber", part.number],
        ["Size", part.sizeBytes],
        [checksumElement(checksum.algorithm), part.checksum],
      ],
    ]),
  ];
}
