import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { LonghaulError } from "#shared/errors.ts";
import type { ByteRange } from "../bytes/byte-range.ts";
import { MiB } from "../bytes/sizes.ts";
import { onDisk } from "./disk-errors.ts";
import { toFsPath, toShownPath } from "./local-path.ts";

/** The system's threads move the bytes; this thread only says which. */
const BLOCK_BYTES = 4 * MiB;

/**
 * Copies stretches of one file to the same places of another, which must exist, and makes them
 * durable.
 *
 * @throws {LonghaulError} `source-changed` when the file is shorter; `path-missing`, `path-denied`,
 * `disk-full`, `disk-failed`; AbortError.
 */
export async function copyRanges(
  from: string,
  to: string,
  ranges: Iterable<ByteRange>,
  signal: AbortSignal,
): Promise<void> {
  const source = await onDisk(from, "read", () => open(toFsPath(from), "r"));
  try {
    // Neither made nor cut: it must be the very file that was intended.
    const flags = constants.O_RDWR | (constants.O_NOFOLLOW ?? 0);
    const target = await onDisk(to, "write", () => open(toFsPath(to), flags));
    try {
      const block = Buffer.allocUnsafe(BLOCK_BYTES);
      for (const { start, end } of ranges) {
        for (let at = start; at < end; at += BLOCK_BYTES) {
          signal.throwIfAborted();
          const bytes = block.subarray(0, Math.min(BLOCK_BYTES, end - at));
          await onDisk(from, "read", () => readWhole(source, bytes, { at, path: from }));
          await onDisk(to, "write", () => writeWhole(target, bytes, at));
        }
      }
      await onDisk(to, "write", () => target.datasync());
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function readWhole(
  file: FileHandle,
  bytes: Buffer,
  { at, path }: { readonly at: number; readonly path: string },
): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, at + done);
    if (bytesRead === 0) {
      throw new LonghaulError("source-changed", `${toShownPath(path)} is shorter than it was`, {
        details: { path: toShownPath(path) },
      });
    }
    done += bytesRead;
  }
}

async function writeWhole(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}
