import type { Transform } from "node:stream";
import { isAbort, LonghaulError } from "#shared/errors.ts";
import { badArchive } from "./bad-archive.ts";
import type { ByteFeed } from "./byte-feed.ts";

/** A decompressor of Node; `bytesWritten` is what it used of what it was given. */
export type Codec = Transform & { readonly bytesWritten: number };

/**
 * Runs a decompressor over what is fed until it says that its data is over, which is before the end
 * where something follows: that goes back to the feed. Node's own way drops it without a word.
 *
 * @param onUsed Told what it used so far, before each chunk is given.
 * @throws {LonghaulError} `bad-archive` for damage, and for data that ends too early.
 */
export async function* runCodec(
  codec: Codec,
  feed: ByteFeed,
  onUsed: (inBytes: number) => void,
): AsyncGenerator<Buffer> {
  const feeding = feedCodec(codec, feed);
  // It is waited for below; until then nobody minds.
  feeding.catch(() => undefined);
  try {
    for await (const chunk of codec) {
      onUsed(codec.bytesWritten);
      yield chunk;
    }
    await feeding;
  } catch (error) {
    throw toArchiveError(error);
  } finally {
    codec.destroy();
  }
}

async function feedCodec(codec: Codec, feed: ByteFeed): Promise<void> {
  const isOver = new Promise<void>((resolve) => {
    for (const event of ["end", "close", "error"]) codec.once(event, () => resolve());
  });
  let fedBytes = 0;
  try {
    for (;;) {
      const chunk = await feed.next();
      if (chunk === null) return void codec.end();
      fedBytes += chunk.length;
      const isTaken = new Promise<void>((resolve) => void codec.write(chunk, () => resolve()));
      await Promise.race([isTaken, isOver]);
      const unusedBytes = fedBytes - codec.bytesWritten;
      // It takes all of a chunk, unless its data ends in it.
      if (unusedBytes > 0) return feed.giveBack(chunk.subarray(chunk.length - unusedBytes));
    }
  } catch (error) {
    codec.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

function toArchiveError(error: unknown): unknown {
  if (error instanceof LonghaulError || isAbort(error) || !(error instanceof Error)) return error;
  const code = "code" in error ? String(error.code) : "";
  if (code === "Z_BUF_ERROR") return badArchive("is cut off");
  if (code === "ZSTD_error_frameParameter_windowTooLarge") {
    return badArchive("needs more memory than the 128 MiB that it may have");
  }
  if (/^(?:Z_|ZSTD_|ERR_)/u.test(code)) return badArchive(`is damaged: ${error.message}`);
  return error;
}
