import type { ByteRange } from "../bytes/byte-range.ts";

/** A stretch of a stream, as one request sends it. */
export type StreamPart = {
  /** Counted from 1. */
  readonly number: number;
  /** In the stream. */
  readonly start: number;
  readonly bytes: Uint8Array;
  /** Nothing follows. */
  readonly isLast: boolean;
  /** What of the source went into it, as far as `readBytes` says; may be empty. */
  readonly source: ByteRange;
};

/**
 * Cuts a stream into parts of one size, of which the last may be shorter, and is empty only where
 * the whole stream is. Asks for no more before the next part is asked for.
 *
 * @param readBytes How much of the source has been read by now.
 */
export async function* cutStream(
  stream: AsyncIterable<Uint8Array>,
  partSizeBytes: number,
  readBytes: () => number,
): AsyncGenerator<StreamPart, undefined> {
  let number = 0;
  let start = 0;
  let sourceStart = 0;
  let part = Buffer.allocUnsafe(partSizeBytes);
  let filled = 0;
  const cut = (isLast: boolean): StreamPart => {
    number += 1;
    const source = { start: sourceStart, end: Math.max(sourceStart, readBytes()) };
    const done = { number, start, bytes: part.subarray(0, filled), isLast, source };
    sourceStart = source.end;
    start += filled;
    return done;
  };
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.length;) {
      // A full part goes only when more follows: what ends here is the last one.
      if (filled === partSizeBytes) {
        yield cut(false);
        part = Buffer.allocUnsafe(partSizeBytes);
        filled = 0;
      }
      const piece = chunk.subarray(at, at + partSizeBytes - filled);
      part.set(piece, filled);
      filled += piece.length;
      at += piece.length;
    }
  }
  yield cut(true);
}
