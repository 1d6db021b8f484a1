import { Readable } from "node:stream";
import { LonghaulError } from "#shared/errors.ts";
import { lengthOf } from "../bytes/byte-range.ts";
import { KiB } from "../bytes/sizes.ts";
import {
  afterFreeChunk,
  chunkBytesUnderCap,
  FIRST_FREE_PACE,
  isChunkTooLarge,
} from "../flow/cap-sizes.ts";
import type { BucketChain } from "../flow/bucket-chain.ts";
import { systemClock } from "../flow/clock.ts";
import type { BlockPool } from "./block-pool.ts";
import { AnswerCollector } from "./collect-answer.ts";
import { sha256 } from "./digests.ts";
import { exchange } from "./exchange.ts";
import type { Call, Network } from "./exchange.ts";
import type { MeterCells } from "./meters.ts";
import type { SendSource } from "./orders.ts";
import { readBlocks, readUnchanged, sourceChanged } from "./source-file.ts";
import type { Watch } from "./watchdog.ts";
import type { WireRequest, WireResponse } from "./wire.ts";

/** A body up to this size goes out in one write with its head, when no cap slows it. */
const ONE_WRITE_BYTES = 64 * KiB;

const CONDITIONS = ["if-match", "if-none-match"] as const;

export type SendContext = {
  readonly network: Network;
  readonly bucket: BucketChain;
  readonly meters: MeterCells;
  readonly blocks: BlockPool;
};

export type Sending = { readonly request: WireRequest; readonly slot: number };

/** Sends blocks that are in memory. Any status is an answer. @throws as `exchange`. */
export async function sendBlocks(
  sending: Sending,
  blocks: readonly Buffer[],
  context: SendContext,
  signal: AbortSignal,
): Promise<WireResponse> {
  const sizeBytes = blocks.reduce((sum, block) => sum + block.length, 0);
  const whole = blocks[0];
  return await sendBody(sending, sizeBytes, context, {
    signal,
    body: (watch, ended) => {
      const isFree = context.bucket.perSecond === null;
      if (whole === undefined) return null;
      if (isFree && sizeBytes <= ONE_WRITE_BYTES) return whole;
      return asStream(payFor(blocks, context.bucket, watch, ended));
    },
  });
}

/**
 * Sends a range straight from its file, digesting it again on the way. The last block is held back
 * until the digest is known to be the signed one, so that a changed file is never a whole body.
 *
 * @throws {LonghaulError} as `exchange` and `readUnchanged`; `source-changed`.
 */
export async function sendFile(
  sending: Sending,
  source: SendSource & { readonly kind: "file" },
  context: SendContext,
  signal: AbortSignal,
): Promise<WireResponse> {
  const sizeBytes = lengthOf(source.range);
  const { result } = await readUnchanged(source.range, source.stamp, (fd) =>
    sendBody(sending, sizeBytes, context, {
      signal,
      body: (watch, ended) =>
        asStream(payFor(readDigested(fd, source, context.blocks), context.bucket, watch, ended)),
    }),
  );
  return result;
}

async function sendBody(
  { request, slot }: Sending,
  sizeBytes: number,
  { network, meters }: SendContext,
  { body, signal }: { body: Call["body"]; signal: AbortSignal },
): Promise<WireResponse> {
  const reader = new AnswerCollector();
  const onSent = (bytes: number) => meters.addMoved(slot, bytes);
  // Its sender must know that there was a first one: the second may be refused for what that wrote.
  const isRepeatable = !CONDITIONS.some((name) => name in request.headers);
  const call = { request, contentLength: sizeBytes, body, reader, onSent, isRepeatable };
  try {
    await exchange(call, network, signal);
  } catch (error) {
    // A status says more than the end of the connection that carried it.
    if (!reader.hasHead || !(error instanceof LonghaulError)) throw error;
  }
  return reader.response();
}

/** The body in chunks, each paid for before it is handed on. */
async function* payFor(
  blocks: Iterable<Buffer> | AsyncIterable<Buffer>,
  bucket: BucketChain,
  watch: Watch,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let pace = FIRST_FREE_PACE;
  for await (const block of blocks) {
    let start = 0;
    while (start < block.length) {
      const { perSecond } = bucket;
      const mostBytes = perSecond === null ? pace.chunkBytes : chunkBytesUnderCap(perSecond);
      const chunk = block.subarray(start, start + mostBytes);
      if (perSecond !== null && !(await pay(bucket, chunk.length, watch, signal))) continue;
      const sinceMs = systemClock.nowMs();
      yield chunk;
      pace = afterFreeChunk(pace, systemClock.nowMs() - sinceMs);
      start += chunk.length;
    }
  }
}

/** @returns false where the cap fell so far meanwhile that less should be paid for at a time. */
async function pay(
  bucket: BucketChain,
  bytes: number,
  watch: Watch,
  signal: AbortSignal,
): Promise<boolean> {
  watch.suspend();
  try {
    return await bucket.take(bytes, signal, (rate) => !isChunkTooLarge(bytes, rate));
  } finally {
    watch.resume();
  }
}

async function* readDigested(
  fd: number,
  source: SendSource & { readonly kind: "file" },
  blocks: BlockPool,
): AsyncGenerator<Buffer> {
  const { range } = source;
  const digest = sha256();
  let sentBytes = 0;
  let before: Buffer | null = null;
  for await (const block of readBlocks(fd, range, blocks)) {
    digest.update(block);
    sentBytes += block.length;
    const isLast = sentBytes === lengthOf(range);
    if (isLast && digest.digest() !== source.sha256) {
      throw sourceChanged(range.path, "its bytes differ from those that were signed");
    }
    yield block;
    // By now the socket took all of the block before: it holds less than one block at a time.
    if (before !== null) blocks.giveBack(before);
    before = block;
  }
}

/** One chunk ahead at most, so that what is read and paid for is on its way. */
function asStream(chunks: AsyncGenerator<Buffer>): Readable {
  return Readable.from(chunks, { objectMode: true, highWaterMark: 1 });
}
