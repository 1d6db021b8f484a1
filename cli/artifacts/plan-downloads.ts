import { basename, dirname } from "node:path";
import { compareKeys } from "#main/stores/key-order.ts";
import { lastName } from "#main/transfers/transfer-spec.ts";
import type { DownloadStep } from "../copy-plan.ts";
import type { ArtifactRequest } from "./artifact-request.ts";

/** One transfer, and the requests that it fetches: one for each of its keys, in their order. */
export type FetchStep = DownloadStep & {
  readonly profile: string | null;
  readonly cache: boolean;
  readonly unpack: ArtifactRequest["unpack"];
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly requests: readonly ArtifactRequest[];
};

/** As many as one transfer takes. */
const MAX_KEYS = 10_000;

/**
 * The transfers that fetch these requests: as few as can be. Objects that keep their names, come from
 * one bucket into one folder and want the same go together.
 */
export function planDownloads(requests: readonly ArtifactRequest[]): readonly FetchStep[] {
  const groups = Map.groupBy(requests, groupOf);
  return [...groups.values()].flatMap((group) =>
    // In key order, because a listing then finds them a page at a time.
    pagesOf(group.toSorted((a, b) => compareKeys(a.key, b.key))).flatMap(stepFor),
  );
}

function groupOf(request: ArtifactRequest): string {
  const { kind, profile, bucket, key, path, cache, unpack } = request;
  const isAlone = kind === "prefix" || unpack !== null || !keepsName(request);
  const which = isAlone ? [kind, key, path] : [dirname(path)];
  return JSON.stringify([profile, bucket, cache === true, ...which]);
}

function keepsName({ key, path }: ArtifactRequest): boolean {
  return lastName(key) === basename(path);
}

function pagesOf(group: readonly ArtifactRequest[]): readonly (readonly ArtifactRequest[])[] {
  const count = Math.ceil(group.length / MAX_KEYS);
  return Array.from({ length: count }, (_, page) =>
    group.slice(page * MAX_KEYS, (page + 1) * MAX_KEYS),
  );
}

function stepFor(requests: readonly ArtifactRequest[]): readonly FetchStep[] {
  const [first] = requests;
  if (first === undefined) return [];
  const isPrefix = first.kind === "prefix";
  const { profile, bucket, path, unpack, include, exclude } = first;
  return [
    {
      kind: "download",
      profile,
      bucket,
      keys: requests.map(({ key }) => key),
      folder: isPrefix ? path : dirname(path),
      rename: isPrefix || keepsName(first) ? null : basename(path),
      contentsOnly: isPrefix,
      cache: first.cache === true,
      unpack,
      include,
      exclude,
      requests,
    },
  ];
}
