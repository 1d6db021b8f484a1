import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

import type { BodyFiles, FileId } from "./body-files.ts";
import { createDigester } from "./checksums.ts";
import type { ChecksumAlgorithm, Digester } from "./checksums.ts";

/** A body in a staged file, closed and digested. */
export type ReceivedBody = {
  readonly file: FileId;
  readonly sizeBytes: number;
  /** Hex. */
  readonly md5: string;
  /** By algorithm, those asked for. */
  readonly digests: ReadonlyMap<ChecksumAlgorithm, Buffer>;
};

/** Bytes gathered before one write: large writes cost least, and two of these are all it holds. */
const WRITE_BYTES = 1 << 20;

/**
 * Writes a body to a staged file in constant memory, digesting it on the way once per algorithm.
 * The file is gone again when this throws.
 */
export async function receiveBody(
  source: AsyncIterable<Buffer>,
  files: BodyFiles,
  algorithms: ReadonlySet<ChecksumAlgorithm>,
): Promise<ReceivedBody> {
  const digesters = new Map<ChecksumAlgorithm, Digester>();
  for (const algorithm of algorithms) digesters.set(algorithm, await createDigester(algorithm));
  const md5 = createHash("md5");
  const staged = await files.stage();
  try {
    const sizeBytes = await writeAll(source, staged.handle, [md5, ...digesters.values()]);
    await staged.handle.close();
    return {
      file: staged.id,
      sizeBytes,
      md5: md5.digest("hex"),
      digests: new Map([...digesters].map(([name, digester]) => [name, digester.digest()])),
    };
  } catch (error) {
    await staged.handle.close();
    await files.discard(staged.id);
    throw error;
  }
}

/** One write is under way while the next is gathered and digested. */
async function writeAll(
  source: AsyncIterable<Buffer>,
  handle: FileHandle,
  digesters: readonly { update(bytes: Buffer): void }[],
): Promise<number> {
  let sizeBytes = 0;
  let gathered: Buffer[] = [];
  let gatheredBytes = 0;
  let written = Promise.resolve();
  const flush = async (): Promise<void> => {
    await written;
    written = writeWhole(handle, gathered, sizeBytes - gatheredBytes);
    // Its failure is thrown by the next await; until then it must not count as unhandled.
    written.catch(() => undefined);
    gathered = [];
    gatheredBytes = 0;
  };
  try {
    for await (const chunk of source) {
      for (const digester of digesters) digester.update(chunk);
      gathered.push(chunk);
      gatheredBytes += chunk.length;
      sizeBytes += chunk.length;
      if (gatheredBytes >= WRITE_BYTES) await flush();
    }
    if (gatheredBytes > 0) await flush();
  } finally {
    await written;
  }
  return sizeBytes;
}

/** A write may be short without an error, so it is repeated for what is left. */
async function writeWhole(handle: FileHandle, chunks: Buffer[], position: number): Promise<void> {
  let rest = chunks;
  let at = position;
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(rest, at);
    at += bytesWritten;
    rest = dropBytes(rest, bytesWritten);
  }
}

function dropBytes(chunks: readonly Buffer[], count: number): Buffer[] {
  let left = count;
  const rest: Buffer[] = [];
  for (const chunk of chunks) {
    if (left < chunk.length) rest.push(chunk.subarray(left));
    left = Math.max(0, left - chunk.length);
  }
  return rest;
}
