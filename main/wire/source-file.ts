import { closeSync } from "node:fs";
import { LonghaulError } from "#shared/errors.ts";
import { toDiskError } from "../disk/disk-errors.ts";
import { isSameStamp, toFileStamp } from "../disk/file-stamp.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import { toFsPath } from "../disk/local-path.ts";
import { openPatiently, WHILE_HELD } from "../disk/open-patiently.ts";
import { BLOCK_BYTES } from "./block-pool.ts";
import type { BlockPool } from "./block-pool.ts";
import type { Digest } from "./digests.ts";
import { openFile, readFully, statFile, TO_READ } from "./file-access.ts";
import type { FileRange } from "./wire.ts";

/**
 * Opens a source file, and makes sure that it is the same before and after `read`.
 *
 * @param expected Its stamp when it was planned; null accepts any.
 * @throws {LonghaulError} `source-changed`, and as `readOpened`.
 */
export async function readUnchanged<T>(
  source: FileRange,
  expected: FileStamp | null,
  read: (fd: number) => Promise<T>,
): Promise<{ readonly stamp: FileStamp; readonly result: T }> {
  return await readOpened(source, async (fd) => {
    const stamp = checkStamp(fd, source, expected);
    const result = await read(fd);
    return { stamp: checkStamp(fd, source, stamp), result };
  });
}

/**
 * Opens a file that may change elsewhere meanwhile.
 *
 * @throws {LonghaulError} `path-unsafe` for what is no regular file, `source-changed` for one that is
 * too short, and as `toDiskError` for what is read.
 */
export async function readOpened<T>(
  source: FileRange,
  read: (fd: number) => Promise<T>,
): Promise<T> {
  const { path } = source;
  try {
    const fd = await openPatiently(() => openFile(toFsPath(path), TO_READ), WHILE_HELD);
    try {
      checkStamp(fd, source, null);
      return await read(fd);
    } finally {
      // A file that was only read has nothing left to say.
      closeSync(fd);
    }
  } catch (error) {
    throw toDiskError(error, path, "read");
  }
}

/** The bytes of a range in blocks of up to 1 MiB; each is the receiver's to give back. */
export async function* readBlocks(
  fd: number,
  range: FileRange,
  blocks: BlockPool,
): AsyncGenerator<Buffer> {
  for (let start = range.start; start < range.end; start += BLOCK_BYTES) {
    const block = blocks.take(Math.min(BLOCK_BYTES, range.end - start));
    const count = await readFully(fd, block, start);
    if (count < block.length) {
      blocks.giveBack(block);
      throw sourceChanged(range.path, "it became shorter");
    }
    yield block;
  }
}

/** Digests a range without keeping it. `onRead` is told the bytes of each block. */
export async function digestRange(
  fd: number,
  range: FileRange,
  digest: Digest,
  {
    blocks,
    signal,
    onRead,
  }: { blocks: BlockPool; signal: AbortSignal; onRead: (bytes: number) => void },
): Promise<string> {
  for await (const block of readBlocks(fd, range, blocks)) {
    digest.update(block);
    onRead(block.length);
    blocks.giveBack(block);
    signal.throwIfAborted();
  }
  return digest.digest();
}

export function sourceChanged(path: string, how: string): LonghaulError {
  return new LonghaulError("source-changed", `${path} changed: ${how}`, { details: { path } });
}

function checkStamp(fd: number, source: FileRange, expected: FileStamp | null): FileStamp {
  const stats = statFile(fd);
  const { path } = source;
  if (!stats.isFile()) {
    throw new LonghaulError("path-unsafe", `not a regular file: ${path}`, { details: { path } });
  }
  if (stats.size < BigInt(source.end)) throw sourceChanged(path, "it is shorter than planned");
  const stamp = toFileStamp(stats);
  if (expected !== null && !isSameStamp(stamp, expected)) throw sourceChanged(path, "its stamp");
  return stamp;
}
