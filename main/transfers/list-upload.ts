import type { ItemPager } from "./item-pager.ts";
import type { PackFormat } from "#shared/archive.ts";
import type { NewItem } from "./journal.ts";
import type { UploadSpec } from "./transfer-spec.ts";
import type { UploadSource } from "./item-record.ts";
import type { SkipReason, WalkEntry } from "../disk/walk.ts";
import type { NameClaims } from "../disk/name-claims.ts";
import { sep } from "node:path";
import { LonghaulError, toErrorInfo } from "#shared/errors.ts";
import { createNameFilter } from "../disk/name-filter.ts";
import { kindOf } from "../disk/kind-of.ts";
import { toFsPath } from "../disk/local-path.ts";
import { statFile } from "../disk/stat-file.ts";
import { walkFolder } from "../disk/walk.ts";
import { archiveName, uploadName } from "./item-names.ts";
import type { IsKept } from "./kept-places.ts";
import { leavingOut } from "./kept-places.ts";

type Found = Omit<NewItem, "index">;

/** Longest time that found items wait for their page to fill, in milliseconds. */
const FLUSH_AFTER_MS = 250;

/** Why something is no item of the upload, in words for its row. */
const SKIP_NOTES: Readonly<Record<SkipReason, string>> = {
  symlink: "a symbolic link, not followed",
  "broken-symlink": "a symbolic link that leads nowhere",
  cycle: "a symbolic link back to a folder it is in",
  socket: "a socket, not a file",
  fifo: "a pipe, not a file",
  device: "a device, not a file",
};

type Listed = {
  readonly spec: UploadSpec;
  readonly pager: ItemPager;
  /** The names given away so far; null where no two items can have the same. */
  readonly claims: NameClaims | null;
  readonly nowMs: () => number;
  readonly isKept: (source: string) => Promise<IsKept | null>;
  readonly signal: AbortSignal;
};

/** Finds the files of an upload, from where an earlier run stopped. The walk is the snapshot. */
export async function listUpload(listed: Listed): Promise<void> {
  const { spec, pager } = listed;
  while (pager.listing.source < spec.sources.length) {
    await listSource(listed, spec.sources[pager.listing.source] ?? "");
    await pager.endSource();
  }
  await pager.end();
}

async function listSource(listed: Listed, source: string): Promise<void> {
  const { spec, pager } = listed;
  try {
    if (spec.archive !== undefined) pager.keep(await archiveItem(listed, source, spec.archive));
    else if ((await kindOf(source)) === "folder") await listFolder(listed, source);
    else pager.keep(claimed(listed, await fileItem(spec, source)));
  } catch (error) {
    // What the journal did not take must not look like a folder that could not be read.
    if (!(error instanceof LonghaulError) || pager.isBroken) throw error;
    pager.keep(failedItem(uploadName(spec, source, null), source, error));
  }
}

async function fileItem(spec: UploadSpec, source: string): Promise<Found> {
  const { sizeBytes, stamp } = await statFile(source);
  const origin: UploadSource = { kind: "file", path: source, stamp };
  return { name: uploadName(spec, source, null), sizeBytes, source: origin };
}

/** @throws {LonghaulError} `invalid` for what is no folder. */
async function archiveItem(
  { spec, isKept, signal }: Listed,
  source: string,
  format: PackFormat,
): Promise<Found> {
  if ((await kindOf(source)) !== "folder") {
    throw new LonghaulError("invalid", "only a folder can be sent as an archive", {
      details: { path: source },
    });
  }
  const plain = createNameFilter(spec.include, spec.exclude);
  const filter = leavingOut(plain, await isKept(source));
  const { followSymlinks } = spec;
  let sizeBytes = 0;
  for await (const entry of walkFolder(source, { followSymlinks, filter }, signal)) {
    if (entry.kind === "file") sizeBytes += entry.sizeBytes;
  }
  const origin: UploadSource = { kind: "archive", path: source, format };
  return { name: archiveName(spec, source, format), sizeBytes, source: origin };
}

async function listFolder(listed: Listed, source: string): Promise<void> {
  const { spec, pager, nowMs, isKept, signal } = listed;
  const plain = createNameFilter(spec.include, spec.exclude);
  const filter = leavingOut(plain, await isKept(source));
  const { cursor } = pager.listing;
  const { followSymlinks } = spec;
  let flushedAtMs = nowMs();
  let isEmpty = true;
  for await (const entry of walkFolder(source, { followSymlinks, filter }, signal)) {
    isEmpty = false;
    if (cursor !== null && compareInWalk(entry.path, cursor) <= 0) continue;
    const item = toUploadItem(spec, entry, uploadName(spec, source, entry.name));
    if (item !== null) await pager.add(claimed(listed, item), entry.path);
    if (nowMs() - flushedAtMs < FLUSH_AFTER_MS) continue;
    await pager.flush();
    flushedAtMs = nowMs();
  }
  if (isEmpty && spec.emptyFolders && !spec.contentsOnly) {
    pager.keep(claimed(listed, folderItem(uploadName(spec, source, null))));
  }
}

/** Two sources may have a file of the same name, of which one would replace the other. */
function claimed({ claims }: Listed, item: Found): Found {
  if (item.phase !== undefined || claims?.claim(item.name) !== "same-name") return item;
  const error = new LonghaulError("conflict", `another file of this transfer is ${item.name}`, {
    details: { key: item.name },
  });
  return { ...item, source: null, phase: "failed", error: toErrorInfo(error) };
}

export function toUploadItem(spec: UploadSpec, entry: WalkEntry, name: string): Found | null {
  switch (entry.kind) {
    case "file": {
      const source: UploadSource = { kind: "file", path: entry.path, stamp: entry.stamp };
      return { name, sizeBytes: entry.sizeBytes, source };
    }
    case "empty-folder":
      return spec.emptyFolders ? folderItem(name) : null;
    case "skipped":
      return { name, sizeBytes: 0, source: null, phase: "skipped", note: SKIP_NOTES[entry.reason] };
    case "failed":
      return failedItem(name, entry.path, entry.error);
    default:
      return entry satisfies never;
  }
}

function folderItem(name: string): Found {
  const source: UploadSource = { kind: "folder" };
  return { name: `${name}/`, sizeBytes: 0, source };
}

function failedItem(name: string, path: string, error: LonghaulError): Found {
  const source: UploadSource = { kind: "unread", path };
  return { name, sizeBytes: 0, source, phase: "failed", error: toErrorInfo(error) };
}

/** Orders two paths as a walk finds them: level by level, by the bytes of each component. */
export function compareInWalk(a: string, b: string): number {
  const [left, right] = [a.split(sep), b.split(sep)];
  for (let level = 0; level < Math.min(left.length, right.length); level += 1) {
    const order = Buffer.compare(bytesOf(left[level]), bytesOf(right[level]));
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Names that are no UTF-8 sort by what they are on the disk, not by how they are shown. */
function bytesOf(component = ""): Buffer {
  const name = toFsPath(component);
  return typeof name === "string" ? Buffer.from(name) : name;
}
