import type { ItemPager } from "./item-pager.ts";
import type { ListedItem } from "./known-files.ts";
import type { DownloadSpec } from "./transfer-spec.ts";
import type { DownloadSource } from "./item-record.ts";
import type { NameFilter } from "../disk/name-filter.ts";
import type { NameClaims } from "../disk/name-claims.ts";
import type { Retry } from "../parts/ports.ts";
import type { ObjectInfo, Store } from "../stores/store.ts";
import { LonghaulError, toErrorInfo } from "#shared/errors.ts";
import { namePlatform, safeName } from "../disk/safe-name.ts";
import { downloadName } from "./item-names.ts";

/** What finding the objects of a download works with. */
export type ListedDownload = {
  readonly spec: DownloadSpec;
  readonly store: Store;
  readonly retry: Retry;
  readonly pager: ItemPager;
  readonly claims: NameClaims;
  readonly filter: NameFilter;
  readonly platform: NodeJS.Platform;
  /** A prefix with nothing below it is no mistake: a sync was told that it may be so. */
  readonly isEmptyFine?: boolean;
  /** Those that are here and valid, settled; at most 1,000. */
  readonly markHere: (items: readonly ListedItem[]) => Promise<readonly ListedItem[]>;
  readonly signal: AbortSignal;
};

/** What is no safe or no free file name here fails alone, before anything is written. */
export function toItem(listed: ListedDownload, asked: string, object: ObjectInfo): ListedItem {
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

function safePath(listed: ListedDownload, name: string): string {
  return safeName(name, namePlatform(listed.platform)).path;
}

/** @throws {LonghaulError} `path-unsafe` when another object of this transfer has the name. */
function claimPath(listed: ListedDownload, name: string, key: string): string {
  const path = safePath(listed, name);
  const collision = listed.claims.claim(path);
  if (collision === null) return path;
  const why =
    collision === "same-name"
      ? "another object needs the same file"
      : "a folder needs the same name";
  throw new LonghaulError("path-unsafe", `${key}: ${why}`, { details: { key, path } });
}
