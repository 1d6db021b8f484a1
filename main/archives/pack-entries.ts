import type { BigIntStats } from "node:fs";
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { createGzip, createZstdCompress } from "node:zlib";
import type { PackFormat } from "#shared/archive.ts";
import { LonghaulError } from "#shared/errors.ts";
import { MiB } from "../bytes/sizes.ts";
import { systemCode, toDiskError } from "../disk/disk-errors.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import { isSameStamp, toFileStamp } from "../disk/file-stamp.ts";
import { toFsPath, toShownPath } from "../disk/local-path.ts";
import { openPatiently, WITHOUT_DESCRIPTOR } from "../disk/open-patiently.ts";
import type { FileFacts } from "../disk/stat-file.ts";
import type { TarHead } from "./tar-head.ts";
import { TAR_END, tarHead, tarPadding } from "./tar-head.ts";

type Facts = Pick<TarHead, "mode" | "modifiedAtMs">;

/** What becomes one entry; `name` is the one inside the archive, `/` between folders. */
export type PackEntry =
  | ({ readonly kind: "folder"; readonly name: string } & Facts)
  | ({
      readonly kind: "file";
      readonly name: string;
      readonly path: string;
      /** Null: what the file itself says. */
      readonly facts: Facts | null;
    } & Pick<FileFacts, "sizeBytes" | "stamp">);

export type PackedStream = {
  /**
   * The archive, made as it is read.
   *
   * @throws {LonghaulError} `source-changed` for what changes or goes meanwhile, `path-missing`,
   * `path-denied`, what the entries throw; AbortError.
   */
  readonly stream: Readable;
  /** As of now. */
  readonly progress: PackProgress;
};

export type PackProgress = {
  readonly entryCount: number;
  /** Of the files, before they are compressed. */
  readonly readBytes: number;
};

type Tally = { entryCount: number; readBytes: number };

const READ_BYTES = MiB;
/** Fast enough for a line of 1 Gbit/s on two cores; the next level costs twice as much. */
const GZIP_LEVEL = 4;

/** Packs entries in the order in which they come, and holds one piece of one file. */
export function packEntries(
  entries: AsyncIterable<PackEntry>,
  format: PackFormat,
  signal: AbortSignal,
): PackedStream {
  const tally: Tally = { entryCount: 0, readBytes: 0 };
  const tar = Readable.from(pack(entries, { tally, signal }), { objectMode: false });
  return {
    stream: compressed(tar, format),
    get progress() {
      return { ...tally };
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

async function* pack(entries: AsyncIterable<PackEntry>, context: Context): AsyncGenerator<Buffer> {
  for await (const entry of entries) {
    if (entry.kind === "file") yield* fileBytes(entry, context);
    else yield tarHead({ ...entry, sizeBytes: 0 });
    context.tally.entryCount += 1;
  }
  context.signal.throwIfAborted();
  yield TAR_END;
}

type FileEntry = Extract<PackEntry, { kind: "file" }>;

async function* fileBytes(entry: FileEntry, { tally, signal }: Context): AsyncGenerator<Buffer> {
  const { path, name, sizeBytes, stamp } = entry;
  const file = await fromSource(path, () => openFile(path));
  try {
    const stats = await assertSame(file, path, stamp);
    const facts = entry.facts ?? factsOf(stats);
    let chunk = tarHead({ name, kind: "file", sizeBytes, ...facts });
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
  const { bytesRead, buffer } = await fromSource(path, () =>
    file.read(Buffer.allocUnsafe(length), 0, length, at),
  );
  // It became shorter than it was.
  if (bytesRead === 0) throw changed(path);
  return buffer.subarray(0, bytesRead);
}

async function assertSame(file: FileHandle, path: string, stamp: FileStamp): Promise<BigIntStats> {
  const stats = await fromSource(path, () => file.stat({ bigint: true }));
  if (!isSameStamp(toFileStamp(stats), stamp)) throw changed(path);
  return stats;
}

export function factsOf(stats: BigIntStats): Facts {
  return { mode: Number(stats.mode) & 0o777, modifiedAtMs: Number(stats.mtimeMs) };
}

/** @throws {LonghaulError} `source-changed` where it is not there any more; what the disk says. */
export async function fromSource<T>(path: string, effect: () => Promise<T>): Promise<T> {
  try {
    return await effect();
  } catch (error) {
    throw changedIfGone(toDiskError(error, path, "read"), path);
  }
}

/** It was there a moment ago. */
export function changedIfGone(error: unknown, path: string): unknown {
  const cause = error instanceof LonghaulError ? error.details.cause : systemCode(error);
  return ["ENOENT", "ENOTDIR", "ELOOP"].includes(cause ?? "") ? changed(path) : error;
}

export function changed(path: string): LonghaulError {
  const shown = toShownPath(path);
  return new LonghaulError("source-changed", `${shown} changed while it was packed`, {
    details: { path: shown },
  });
}
