import { ListBucketsCommand, ListObjectsCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import type { ListObjectsOutput, ListObjectsV2Output } from "@aws-sdk/client-s3";
import { z } from "zod";
import { LonghaulError } from "#shared/errors.ts";
import { compareKeys } from "../key-order.ts";
import type { ListPage, ListQuery, ObjectInfo } from "../store.ts";
import type { S3Control } from "./s3-control.ts";
import { decodeName, quoteEtag } from "./s3-names.ts";

const LIST_DEADLINE_MS = 60_000;
const MAX_BUCKETS = 10_000;

/** Pages without a name one after another; some servers have many where much was deleted. */
const MAX_EMPTY_PAGES = 1000;

/** Where the next page begins, and what shows whether a listing goes round. */
const Place = z.strictObject({
  /** The server's; null: the listing is one of version 1, which goes on behind a name. */
  token: z.string().nullable(),
  lastName: z.string(),
  emptyPages: z.int().nonnegative(),
});
type Place = z.infer<typeof Place>;

const START: Place = { token: null, lastName: "", emptyPages: 0 };

/**
 * One page of a bucket. Where the server knows only the first version of listing, it goes on in that.
 *
 * @throws {LonghaulError} `protocol` when the server's listing does not advance.
 */
export async function listPage(
  control: S3Control,
  bucket: string,
  query: ListQuery,
  signal: AbortSignal,
): Promise<ListPage> {
  const place = query.cursor === null ? null : readCursor(query.cursor);
  const asking = { control, bucket, query, signal };
  if (place?.token === null) return await listOld(asking, place);
  let output: ListObjectsV2Output;
  try {
    output = await listNew(asking, place);
  } catch (error) {
    const isUnknown = error instanceof LonghaulError && error.code === "unsupported";
    if (!isUnknown || place !== null) throw error;
    return await listOld(asking, null);
  }
  const page = toPage(output);
  // A page of version 1 is the same but for how the next one is asked for.
  if (output.IsTruncated !== true) return { ...page, cursor: null };
  return { ...page, cursor: nextCursor(page, output.NextContinuationToken ?? null, place) };
}

type Asking = {
  readonly control: S3Control;
  readonly bucket: string;
  readonly query: ListQuery;
  readonly signal: AbortSignal;
};

async function listNew(
  { control, bucket, query, signal }: Asking,
  place: Place | null,
): Promise<ListObjectsV2Output> {
  const command = new ListObjectsV2Command({
    ...inputOf(bucket, query),
    ...(place?.token && { ContinuationToken: place.token }),
    ...(place === null && query.startAfter !== undefined && { StartAfter: query.startAfter }),
  });
  return await control.call({ ...CALL, signal }, async (client, options) =>
    client.send(command, options),
  );
}

async function listOld(
  { control, bucket, query, signal }: Asking,
  place: Place | null,
): Promise<ListPage> {
  const marker = place?.lastName ?? query.startAfter;
  const command = new ListObjectsCommand({
    ...inputOf(bucket, query),
    ...(marker !== undefined && { Marker: marker }),
  });
  const output = await control.call({ ...CALL, signal }, async (client, options) =>
    client.send(command, options),
  );
  const page = toPage(output);
  return { ...page, cursor: output.IsTruncated === true ? nextCursor(page, null, place) : null };
}

const CALL = {
  subject: { action: "s3:ListBucket", target: "bucket" },
  deadlineMs: LIST_DEADLINE_MS,
} as const;

function inputOf(bucket: string, query: ListQuery) {
  return {
    Bucket: bucket,
    EncodingType: "url",
    MaxKeys: Math.min(query.limit, 1000),
    ...(query.prefix !== "" && { Prefix: query.prefix }),
    ...(query.isFolded && { Delimiter: "/" }),
  } as const;
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

type Names = Omit<ListPage, "cursor">;

function toPage(output: ListObjectsV2Output | ListObjectsOutput): Names {
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

/** @param token Of the next page; null where it begins behind the last name. */
function nextCursor(page: Names, token: string | null, place: Place | null): string {
  const before = place ?? START;
  const isEmpty = page.objects.length + page.prefixes.length === 0;
  const lastName = lastNameOf(page, before.lastName);
  const emptyPages = isEmpty ? before.emptyPages + 1 : 0;
  const isSameToken = token !== null && token === before.token;
  const isStanding = lastName === before.lastName && (!isEmpty || token === null);
  if (isSameToken || isStanding || emptyPages > MAX_EMPTY_PAGES) {
    throw new LonghaulError("protocol", "the server's listing goes round in circles");
  }
  return JSON.stringify({ token, lastName, emptyPages } satisfies Place);
}

function lastNameOf(page: Names, before: string): string {
  const names = [before, page.objects.at(-1)?.key ?? "", page.prefixes.at(-1) ?? ""];
  return names.toSorted(compareKeys).at(-1) ?? before;
}

function readCursor(cursor: string): Place {
  const parsed = Place.safeParse(parseJson(cursor));
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
