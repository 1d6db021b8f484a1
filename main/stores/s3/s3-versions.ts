import { ListObjectVersionsCommand } from "@aws-sdk/client-s3";
import type { ListObjectVersionsOutput, ObjectVersion as SdkVersion } from "@aws-sdk/client-s3";
import { z } from "zod";
import { LonghaulError } from "#shared/errors.ts";
import { compareKeys } from "../key-order.ts";
import type { ObjectVersion, VersionPage, VersionQuery } from "../store.ts";
import type { S3Control } from "./s3-control.ts";
import { decodeName, quoteEtag } from "./s3-names.ts";

const LIST_DEADLINE_MS = 60_000;

/** Key and version that the next page comes after. */
const Cursor = z.tuple([z.string(), z.string().nullable()]);

/** One page of a bucket's versions. @throws {LonghaulError} `protocol` when the listing does not advance. */
export async function listVersionPage(
  control: S3Control,
  bucket: string,
  query: VersionQuery,
  signal: AbortSignal,
): Promise<VersionPage> {
  const [keyMarker, versionMarker] = query.cursor === null ? ["", null] : readCursor(query.cursor);
  const command = new ListObjectVersionsCommand({
    Bucket: bucket,
    EncodingType: "url",
    MaxKeys: Math.min(query.limit, 1000),
    ...(query.prefix !== "" && { Prefix: query.prefix }),
    ...(keyMarker !== "" && { KeyMarker: keyMarker }),
    ...(versionMarker !== null && { VersionIdMarker: versionMarker }),
  });
  const subject = { action: "s3:ListBucketVersions", target: "bucket" } as const;
  const output = await control.call(
    { subject, deadlineMs: LIST_DEADLINE_MS, signal },
    async (client, options) => client.send(command, options),
  );
  return { versions: versionsOf(output), cursor: nextCursor(output, query.cursor) };
}

/** Versions and deletions come apart, each in order. */
function versionsOf(output: ListObjectVersionsOutput): ObjectVersion[] {
  const decode = (name: string) => decodeName(name, output.EncodingType);
  const toVersion = (item: SdkVersion, isDeletion: boolean): ObjectVersion[] => {
    const { Key, VersionId, IsLatest, Size = 0, ETag = "", LastModified } = item;
    if (Key === undefined) return [];
    return [
      {
        key: decode(Key),
        versionId: VersionId === undefined || VersionId === "null" ? null : VersionId,
        isLatest: IsLatest === true,
        isDeletion,
        sizeBytes: Size,
        etag: isDeletion ? "" : quoteEtag(ETag),
        modifiedAtMs: LastModified?.getTime() ?? 0,
      },
    ];
  };
  const all = [
    ...(output.Versions ?? []).flatMap((item) => toVersion(item, false)),
    ...(output.DeleteMarkers ?? []).flatMap((item) => toVersion(item, true)),
  ];
  return all.toSorted(
    (a, b) =>
      compareKeys(a.key, b.key) ||
      Number(b.isLatest) - Number(a.isLatest) ||
      b.modifiedAtMs - a.modifiedAtMs,
  );
}

function nextCursor(output: ListObjectVersionsOutput, before: string | null): string | null {
  if (output.IsTruncated !== true) return null;
  const { NextKeyMarker, NextVersionIdMarker = null, EncodingType } = output;
  const next =
    NextKeyMarker === undefined
      ? before
      : JSON.stringify([decodeName(NextKeyMarker, EncodingType), NextVersionIdMarker]);
  if (next !== before) return next;
  throw new LonghaulError("protocol", "the server's listing of versions goes round in circles");
}

function readCursor(cursor: string): readonly [string, string | null] {
  try {
    return Cursor.parse(JSON.parse(cursor));
  } catch (cause) {
    throw new LonghaulError("invalid", "that is no cursor of versions of this store", { cause });
  }
}
