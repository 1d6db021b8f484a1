import { ListBucketsCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { ListObjectsV2Output } from "@aws-sdk/client-s3";
import { z } from "zod";
import { LonghaulError } from "#shared/errors.ts";
import { compareKeys } from "../key-order.ts";
import type { ListPage, ListQuery, ObjectInfo } from "../store.ts";
import type { S3Control } from "./s3-control.ts";
import { decodeName, quoteEtag } from "./s3-names.ts";

const LIST_DEADLINE_MS = 60_000;
const MAX_BUCKETS = 10_000;

/** The server's token, and the last name seen, so that a listing that goes round is noticed. */
const Cursor = z.tuple([z.string(), z.string()]);

/** One page of a bucket. @throws {LonghaulError} `protocol` when the server's listing does not advance. */
export async function listPage(
  control: S3Control,
  bucket: string,
  query: ListQuery,
  signal: AbortSignal,
): Promise<ListPage> {
  const [token, lastName] = query.cursor === null ? [undefined, ""] : readCursor(query.cursor);
  const subject = { action: "s3:ListBucket", target: "bucket" } as const;
  const command = new ListObjectsV2Command({
    Bucket: bucket,
    EncodingType: "url",
    MaxKeys: Math.min(query.limit, 1000),
    ...(query.prefix !== "" && { Prefix: query.prefix }),
    ...(query.isFolded && { Delimiter: "/" }),
    ...(token !== undefined && { ContinuationToken: token }),
  });
  const output = await control.call(
    { subject, deadlineMs: LIST_DEADLINE_MS, signal },
    async (client, options) => client.send(command, options),
  );
  const page = toPage(output);
  const newest = lastNameOf(page, lastName);
  return { ...page, cursor: nextCursor(output, token, [lastName, newest]) };
}

/** All buckets that the keys may list, in name order; the first ten thousand of them. */
export async function listBucketNames(
  control: S3Control,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const subject = { action: "s3:ListAllMyBuckets", target: "account" } as const;
  const names: string[] = [];
  let token: string | undefined;
  do {
    const command = new ListBucketsCommand(token === undefined ? {} : { ContinuationToken: token });
    const output = await control.call(
      { subject, deadlineMs: LIST_DEADLINE_MS, signal },
      async (client, options) => client.send(command, options),
    );
    const page = (output.Buckets ?? []).flatMap(({ Name }) => Name ?? []);
    names.push(...page);
    token = page.length > 0 ? output.ContinuationToken : undefined;
  } while (token !== undefined && names.length < MAX_BUCKETS);
  return names.toSorted(compareKeys);
}

function toPage(output: ListObjectsV2Output): Omit<ListPage, "cursor"> {
  const decode = (name: string) => decodeName(name, output.EncodingType);
  return {
    objects: (output.Contents ?? []).flatMap((item): ObjectInfo[] => {
      if (item.Key === undefined || item.Size === undefined) return [];
      return [
        {
          key: decode(item.Key),
          sizeBytes: item.Size,
          etag: quoteEtag(item.ETag ?? ""),
          versionId: null,
          modifiedAtMs: item.LastModified?.getTime() ?? 0,
        },
      ];
    }),
    prefixes: (output.CommonPrefixes ?? []).flatMap(({ Prefix }) =>
      Prefix === undefined ? [] : decode(Prefix),
    ),
  };
}

function lastNameOf(page: Omit<ListPage, "cursor">, before: string): string {
  const names = [before, page.objects.at(-1)?.key ?? "", page.prefixes.at(-1) ?? ""];
  return names.toSorted(compareKeys).at(-1) ?? before;
}

function nextCursor(
  output: ListObjectsV2Output,
  token: string | undefined,
  [before, newest]: readonly [string, string],
): string | null {
  if (output.IsTruncated !== true) return null;
  const next = output.NextContinuationToken;
  const isStuck = next === token || ((output.KeyCount ?? 1) > 0 && newest === before);
  if (next === undefined || isStuck) {
    throw new LonghaulError("protocol", "the server's listing goes round in circles");
  }
  return JSON.stringify([next, newest]);
}

function readCursor(cursor: string): readonly [string, string] {
  const parsed = Cursor.safeParse(parseJson(cursor));
  if (parsed.success) return parsed.data;
  throw new LonghaulError("invalid", "that is no cursor of a listing of this store");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
