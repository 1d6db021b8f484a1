import type { S3Answer, S3Call } from "../http/s3-call.ts";
import { renderXml } from "../protocol/xml.ts";
import { requireObject } from "./read-object.ts";
import { tagsOf } from "./stored-headers.ts";

/** GetObjectTagging. @throws {S3Error} NoSuchBucket, NoSuchKey, NoSuchVersion. */
export function getObjectTagging(call: S3Call): S3Answer {
  const tags = tagsOf(requireObject(call).headers).map(
    ([key, value]) =>
      [
        "Tag",
        [
          ["Key", key],
          ["Value", value],
        ],
      ] as const,
  );
  return { status: 200, text: renderXml("Tagging", [["TagSet", tags]]) };
}
