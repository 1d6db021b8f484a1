import type { BigIntStats } from "node:fs";
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { lstat, open } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline, Readable } from "node:stream";
import { createGzip, createZstdCompress } from "node:zlib";
import type { PackFormat } from "#shared/archive.ts";
import { LonghaulError } from "#shared/errors.ts";
import { MiB } from "../bytes/sizes.ts";
import { systemCode, toDiskError } from "../disk/disk-errors.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import { isSameStamp, toFileStamp } from "../disk/file-stamp.ts";
import { toFsPath, toShownPath } from "../disk/local-path.ts";
import type { NameFilter } from "../disk/name-filter.ts";
import { openPatiently, WITHOUT_DESCRIPTOR } from "../disk/open-patiently.ts";
import type { SkipReason, WalkEntry } from "../disk/walk.ts";
import { walkFolder } from "../disk/walk.ts";
import { TAR_END, tarHead, tarPadding } from "./tar-head.ts";

export type PackOptions = { readonly filter?: NameFilter };

export type PackProgress = {
  readonly entryCount: number;
  /** Of the files, before they are compressed. */
  readonly readBytes: number;
};

export type Packing = {
  /**
   * The archive, made as it is read.
   *
   * @throws {LonghaulError} `source-changed` for what changes or goes meanwhile, `path-missing`,
   * `path-denied`; AbortError.
   */
  readonly stream: Readable;
  /** As of now. */
  readonly progress: PackProgress;
  /** What was left out so far, by why. */
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
};

type Tally = { entryCount: number; readBytes: number; readonly skipped: Map<SkipReason, number> };

const READ_BYTES = MiB;
/** Fast enough for a line of 1 Gbit/s on two cores; the next level costs twice as much. */
const GZIP_LEVEL = 4;

/**
 * Packs what is in a folder, without it being written anywhere: the same folder gives the same bytes
 * again. Links and what is no file or folder are left out, and counted. Holds one piece of one file.
 */
export function packFolder(
  folder: string,
  format: PackFormat,
  options: PackOptions,
  signal: AbortSignal,
): Packing {
  const tally: Tally = { entryCount: 0, readBytes: 0, skipped: new Map() };
  const tar = Readable.from(pack(folder, options, { tally, signal }), { objectMode: false });
  return {
    stream: compressed(tar, format),
    get progress() {
      return { entryCount: tally.entryCount, readBytes: tally.readBytes };
    },
    get skipped() {
      return Object.fromEntries(tally.skipped);
    },
  };
}

function compressed(tar: Readable, format: PackFormat): Readable {
  if (format === "tar") return tar;
  const options = { chunkSize: MiB };
  const codec =
    format === "tar.gz"
      ? createGzip({ ...options, level: GZIP_LEVEL })
      : createZstdCompress(options);
  // What goes wrong comes out of the stream that is given away.
  return pipeline(tar, codec, () => undefined);
}

type Context = { readonly tally: Tally; readonly signal: AbortSignal };

async function* pack(
  folder: string,
  { filter }: PackOptions,
  context: Context,
): AsyncGenerator<Buffer> {
  const { signal, tally } = context;
  const walk = { followSymlinks: false, ...(filter === undefined ? {} : { filter }) };
  const folders = new FolderTrail();
  for await (const entry of walkFolder(folder, walk, signal)) {
    if (entry.kind === "failed") throw changedIfGone(entry.error, entry.path);
    if (entry.kind === "skipped") {
      tally.skipped.set(entry.reason, (tally.skipped.get(entry.reason) ?? 0) + 1);
      continue;
    }
    for (const above of folders.enter(entry)) yield await folderHead(above, tally);
    if (entry.kind === "empty-folder") yield await folderHead(entry, tally);
    else yield* fileBytes(entry, context);
  }
  signal.throwIfAborted();
  yield TAR_END;
}

type Placed = { readonly path: string; readonly name: string };

/** The folders that the walk is in. */
class FolderTrail {
  #names: readonly string[] = [];

  /** Those on the way to an entry that it was not in before, topmost first. */
  enter({ path, name }: Placed): readonly Placed[] {
    const names = name.split("/").slice(0, -1);
    const known = names.findIndex((each, index) => each !== this.#names[index]);
    this.#names = names;
    if (known === -1) return [];
    return names.slice(known).map((_, index) => {
      const depth = known + index + 1;
      let above = path;
      for (let up = names.length + 1; up > depth; up -= 1) above = dirname(above);
      return { path: above, name: names.slice(0, depth).join("/") };
    });
  }
}

async function folderHead({ path, name }: Placed, tally: Tally): Promise<Buffer> {
  const stats = await source(path, () => lstat(toFsPath(path), { bigint: true }));
  if (!stats.isDirectory()) throw changed(path);
  tally.entryCount += 1;
  return tarHead({ name, kind: "folder", sizeBytes: 0, ...factsOf(stats) });
}

type FileEntry = Extract<WalkEntry, { kind: "file" }>;

async function* fileBytes(entry: FileEntry, { tally, signal }: Context): AsyncGenerator<Buffer> {
  const { path, name, sizeBytes, stamp } = entry;
  const file = await source(path, () => openFile(path));
  try {
    const stats = await assertSame(file, path, stamp);
    let chunk = tarHead({ name, kind: "file", sizeBytes, ...factsOf(stats) });
    for (let at = 0; at < sizeBytes;) {
      signal.throwIfAborted();
      yield chunk;
      chunk = await readAt(file, path, { at, length: Math.min(READ_BYTES, sizeBytes - at) });
      at += chunk.length;
      tally.readBytes += chunk.length;
    }
    yield chunk;
    await assertSame(file, path, stamp);
    yield tarPadding(sizeBytes);
    tally.entryCount += 1;
  } finally {
    await file.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  // Undefined on Windows. A link that took its place is not followed, a pipe not waited for.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  return await openPatiently(() => open(toFsPath(path), flags), WITHOUT_DESCRIPTOR);
}

async function readAt(
  file: FileHandle,
  path: string,
  { at, length }: { readonly at: number; readonly length: number },
): Promise<Buffer> {
  const { bytesRead, buffer } = await source(path, () =>
    file.read(Buffer.allocUnsafe(length), 0, length, at),
  );
  // It became shorter than it was.
  if (bytesRead === 0) throw changed(path);
  return buffer.subarray(0, bytesRead);
}

async function assertSame(file: FileHandle, path: string, stamp: FileStamp): Promise<BigIntStats> {
  const stats = await source(path, () => file.stat({ bigint: true }));
  if (!isSameStamp(toFileStamp(stats), stamp)) throw changed(path);
  return stats;
}

function factsOf(stats: BigIntStats): { mode: number; modifiedAtMs: number } {
  return { mode: Number(stats.mode) & 0o777, modifiedAtMs: Number(stats.mtimeMs) };
}

async function source<T>(path: string, effect: () => Promise<T>): Promise<T> {
  try {
    return await effect();
  } catch (error) {
    throw changedIfGone(toDiskError(error, path, "read"), path);
  }
}

/** It was there a moment ago. */
function changedIfGone(error: unknown, path: string): unknown {
  const cause = error instanceof LonghaulError ? error.details.cause : systemCode(error);
  return ["ENOENT", "ENOTDIR", "ELOOP"].includes(cause ?? "") ? changed(path) : error;
}

function changed(path: string): LonghaulError {
  const shown = toShownPath(path);
  return new LonghaulError("source-changed", `${shown} changed while it was packed`, {
    details: { path: shown },
  });
}
