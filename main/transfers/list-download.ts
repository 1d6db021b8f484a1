import type { ItemPager } from "./item-pager.ts";
import type { ListedItem } from "./known-files.ts";
import type { DownloadSpec } from "./transfer-spec.ts";
import type { DownloadSource } from "./item-record.ts";
import type { NameFilter } from "../disk/name-filter.ts";
import type { NameClaims } from "../disk/name-claims.ts";
import type { Retry } from "../parts/ports.ts";
import type { ObjectInfo, Store } from "../stores/store.ts";
import { LonghaulError, toErrorInfo } from "#shared/errors.ts";
import { createNameFilter } from "../disk/name-filter.ts";
import { namePlatform, safeName } from "../disk/safe-name.ts";
import { lastName } from "./transfer-spec.ts";
import { downloadName, isPrefix } from "./item-names.ts";

const LIST_PAGE = 1000;

type Listed = {
  readonly spec: DownloadSpec;
  readonly store: Store;
  readonly retry: Retry;
  readonly pager: ItemPager;
  readonly claims: NameClaims;
  readonly filter: NameFilter;
  readonly platform: NodeJS.Platform;
  /** A prefix with nothing below it is no mistake: a sync was told that it may be so. */
  readonly isEmptyFine?: boolean;
  /** Those that are here and valid, settled. */
  readonly markHere: (items: readonly ListedItem[]) => Promise<readonly ListedItem[]>;
  readonly signal: AbortSignal;
};

/** Finds the objects of a download, a page at a time, from where an earlier run stopped. */
export async function listDownload(means: Omit<Listed, "filter">): Promise<void> {
  const { spec, pager } = means;
  const listed: Listed = { ...means, filter: createNameFilter(spec.include, spec.exclude) };
  while (pager.listing.source < spec.keys.length) {
    const asked = spec.keys[pager.listing.source] ?? "";
    if (isPrefix(asked)) await listPrefix(listed, asked);
    else await listObject(listed, asked);
    await pager.endSource();
  }
  await pager.end();
}

async function listObject(listed: Listed, key: string): Promise<void> {
  const { spec, store, retry, pager, signal } = listed;
  try {
    const object = await retry.run(null, () => store.stat(key, signal, spec.versionId), signal);
    for (const item of await listed.markHere([toItem(listed, key, object)])) pager.keep(item);
  } catch (error) {
    const isMissing = error instanceof LonghaulError && error.code === "object-missing";
    if (!isMissing) throw error;
    const unknown = { key, sizeBytes: 0, etag: "", versionId: null, modifiedAtMs: 0 };
    pager.keep({ ...toItem(listed, key, unknown), phase: "failed", error: toErrorInfo(error) });
  }
}

async function listPrefix(listed: Listed, prefix: string): Promise<void> {
  const { store, retry, pager, signal } = listed;
  for (;;) {
    const { cursor } = pager.listing;
    const query = { prefix, isFolded: false, cursor, limit: LIST_PAGE };
    const page = await retry.run(null, () => store.list(query, signal), signal);
    const isNothing = cursor === null && page.cursor === null && page.objects.length === 0;
    if (isNothing && prefix !== "" && !listed.isEmptyFine) return nothingThere(listed, prefix);
    const wished = page.objects.filter(({ key }) => isWished(listed, prefix, key));
    const items = wished.map((object) => toItem(listed, prefix, object));
    for (const item of await listed.markHere(items)) pager.keep(item);
    // The last page is committed with the end of the source: between two commits a crash would list again.
    if (page.cursor === null) return;
    await pager.flushAt(page.cursor);
  }
}

function isWished({ spec, filter }: Listed, prefix: string, key: string): boolean {
  const name = downloadName(spec, prefix, key);
  return name !== "" && filter.takesFile(name);
}

/**
 * No object has the prefix, not even a marker of an empty folder: it is a name that is wrong. Among
 * others it is one item that failed. @throws {LonghaulError} `object-missing` when nothing else was asked for.
 */
function nothingThere(listed: Listed, prefix: string): void {
  const { spec, pager } = listed;
  const details = { bucket: spec.bucket, key: prefix };
  const error = new LonghaulError("object-missing", `nothing is below ${prefix}`, { details });
  if (spec.keys.length === 1) throw error;
  const failure = { source: null, phase: "failed", error: toErrorInfo(error) } as const;
  pager.keep({ name: `${lastName(prefix)}/`, sizeBytes: 0, ...failure });
}

/** What is no safe or no free file name here fails alone, before anything is written. */
function toItem(listed: Listed, asked: string, object: ObjectInfo): ListedItem {
  const { key, sizeBytes, etag, versionId, modifiedAtMs } = object;
  const name = downloadName(listed.spec, asked, key);
  const isFolder = name.endsWith("/") && sizeBytes === 0;
  try {
    const path = isFolder ? safePath(listed, name.slice(0, -1)) : claimPath(listed, name, key);
    const source: DownloadSource = { key, etag, versionId, modifiedAtMs, path, isFolder };
    const note = isFolder || path === name ? null : `saved as ${path}`;
    return { name, sizeBytes, source, note };
  } catch (error) {
    if (!(error instanceof LonghaulError)) throw error;
    return { name, sizeBytes, source: null, phase: "failed", error: toErrorInfo(error) };
  }
}

function safePath(listed: Listed, name: string): string {
  return safeName(name, namePlatform(listed.platform)).path;
}

/** @throws {LonghaulError} `path-unsafe` when another object of this transfer has the name. */
function claimPath(listed: Listed, name: string, key: string): string {
  const path = safePath(listed, name);
  const collision = listed.claims.claim(path);
  if (collision === null) return path;
  const why =
    collision === "same-name"
      ? "another object needs the same file"
      : "a folder needs the same name";
  throw new LonghaulError("path-unsafe", `${key}: ${why}`, { details: { key, path } });
}
