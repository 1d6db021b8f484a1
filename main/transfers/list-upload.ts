import type { ItemPager } from "./item-pager.ts";
import type { NewItem } from "./journal.ts";
import type { UploadSpec } from "./transfer-spec.ts";
import type { UploadSource } from "./item-record.ts";
import type { SkipReason, WalkEntry } from "../disk/walk.ts";
import { LonghaulError, toErrorInfo } from "#shared/errors.ts";
import { createNameFilter } from "../disk/name-filter.ts";
import { kindOf } from "../disk/kind-of.ts";
import { statFile } from "../disk/stat-file.ts";
import { walkFolder } from "../disk/walk.ts";
import { uploadName } from "./item-names.ts";

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

/** Finds the files of an upload, from where an earlier run stopped. The walk is the snapshot. */
export async function listUpload(
  spec: UploadSpec,
  pager: ItemPager,
  nowMs: () => number,
  signal: AbortSignal,
): Promise<void> {
  while (pager.listing.source < spec.sources.length) {
    const source = spec.sources[pager.listing.source] ?? "";
    await listSource(spec, source, pager, { nowMs, signal });
    await pager.endSource();
  }
  await pager.end();
}

type Means = { readonly nowMs: () => number; readonly signal: AbortSignal };

async function listSource(
  spec: UploadSpec,
  source: string,
  pager: ItemPager,
  means: Means,
): Promise<void> {
  try {
    if ((await kindOf(source)) === "folder") await listFolder(spec, source, pager, means);
    else await listFile(spec, source, pager);
  } catch (error) {
    if (!(error instanceof LonghaulError)) throw error;
    await pager.add(failedItem(uploadName(spec, source, null), source, error), source);
  }
}

async function listFile(spec: UploadSpec, source: string, pager: ItemPager): Promise<void> {
  const { sizeBytes, stamp } = await statFile(source);
  const origin: UploadSource = { kind: "file", path: source, stamp };
  await pager.add({ name: uploadName(spec, source, null), sizeBytes, source: origin }, source);
}

async function listFolder(
  spec: UploadSpec,
  source: string,
  pager: ItemPager,
  { nowMs, signal }: Means,
): Promise<void> {
  const filter = createNameFilter(spec.include, spec.exclude);
  const { cursor } = pager.listing;
  let flushedAtMs = nowMs();
  const { followSymlinks } = spec;
  for await (const entry of walkFolder(source, { followSymlinks, filter }, signal)) {
    if (cursor !== null && compareInWalk(entry.name, cursor) <= 0) continue;
    const item = toItem(spec, entry, uploadName(spec, source, entry.name));
    if (item !== null) await pager.add(item, entry.name);
    if (nowMs() - flushedAtMs < FLUSH_AFTER_MS) continue;
    await pager.flush();
    flushedAtMs = nowMs();
  }
}

function toItem(spec: UploadSpec, entry: WalkEntry, name: string): Omit<NewItem, "index"> | null {
  switch (entry.kind) {
    case "file": {
      const source: UploadSource = { kind: "file", path: entry.path, stamp: entry.stamp };
      return { name, sizeBytes: entry.sizeBytes, source };
    }
    case "empty-folder": {
      const source: UploadSource = { kind: "folder" };
      return spec.emptyFolders ? { name: `${name}/`, sizeBytes: 0, source } : null;
    }
    case "skipped":
      return { name, sizeBytes: 0, source: null, phase: "skipped", note: SKIP_NOTES[entry.reason] };
    case "failed":
      return failedItem(name, entry.path, entry.error);
    default:
      return entry satisfies never;
  }
}

function failedItem(name: string, path: string, error: LonghaulError): Omit<NewItem, "index"> {
  const source: UploadSource = { kind: "unread", path };
  return { name, sizeBytes: 0, source, phase: "failed", error: toErrorInfo(error) };
}

/** Orders two names as a walk finds them: level by level, by the bytes of each component. */
export function compareInWalk(a: string, b: string): number {
  const [left, right] = [a.split("/"), b.split("/")];
  for (let level = 0; level < Math.min(left.length, right.length); level += 1) {
    const order = Buffer.compare(Buffer.from(left[level] ?? ""), Buffer.from(right[level] ?? ""));
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
