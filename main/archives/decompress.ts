import { constants, createZstdDecompress } from "node:zlib";
import { MiB } from "../bytes/sizes.ts";
import { badArchive } from "./bad-archive.ts";
import type { ByteFeed } from "./byte-feed.ts";
import { gzipMember, isGzip } from "./gzip-member.ts";
import { runCodec } from "./run-codec.ts";

export type Compression = "gz" | "zst";

export type Watch = {
  /** Bytes used and made so far; may throw. */
  readonly onRatio: (inBytes: number, outBytes: number) => void;
  readonly warn: (warning: string) => void;
};

/** Made in one go: fewer goes, each to another thread and back, are a fifth of the time of a fast format. */
const OUT_BYTES = 4 * MiB;

/** 128 MiB: what zstd takes by default, and all that its highest levels need. */
const MOST_WINDOW_LOG = 27;

/**
 * All members of a gzip file, or frames of a zstd file, one after the other. What follows the last
 * one and is none is told of and left.
 *
 * @throws {LonghaulError} `bad-archive` for damage, a wrong checksum, an end that comes too early.
 */
export async function* decompress(
  feed: ByteFeed,
  compression: Compression,
  { onRatio, warn }: Watch,
): AsyncGenerator<Buffer> {
  const { isNext, readOne } = compression === "gz" ? GZIP : ZSTD;
  let outBytes = 0;
  for (;;) {
    const startBytes = feed.takenBytes;
    let inBytes = startBytes;
    const chunks = readOne(feed, (usedBytes) => {
      inBytes = startBytes + usedBytes;
    });
    for await (const chunk of chunks) {
      outBytes += chunk.length;
      onRatio(inBytes, outBytes);
      yield chunk;
    }
    const next = await feed.peek(4);
    if (next.length === 0) return;
    if (isNext(next)) continue;
    warn("Something that is no part of it follows after its end.");
    return;
  }
}

type Format = {
  /** Whether four bytes, or the fewer that are left, are the start of another one. */
  readonly isNext: (bytes: Buffer) => boolean;
  readonly readOne: (feed: ByteFeed, onUsed: (inBytes: number) => void) => AsyncGenerator<Buffer>;
};

const GZIP: Format = { isNext: isGzip, readOne: gzipMember };
const ZSTD: Format = { isNext: isZstd, readOne: zstdFrame };

const FRAME = Buffer.of(0x28, 0xb5, 0x2f, 0xfd);

/** Of a frame, or of one that holds nothing and is skipped. */
export function isZstd(bytes: Buffer): boolean {
  return FRAME.subarray(0, bytes.length).equals(bytes) || isSkippable(bytes);
}

function isSkippable(bytes: Buffer): boolean {
  const [first = 0, ...rest] = bytes;
  const isRest = rest.every((byte, index) => byte === [0x2a, 0x4d, 0x18][index]);
  return first >> 4 === 5 && isRest;
}

async function* zstdFrame(
  feed: ByteFeed,
  onUsed: (inBytes: number) => void,
): AsyncGenerator<Buffer> {
  const magic = await feed.peek(4);
  if (magic.length < 4) throw badArchive("is cut off");
  if (isSkippable(magic)) {
    await skipFrame(feed);
    return;
  }
  const params = { [constants.ZSTD_d_windowLogMax]: MOST_WINDOW_LOG };
  yield* runCodec(createZstdDecompress({ chunkSize: OUT_BYTES, params }), feed, onUsed);
}

async function skipFrame(feed: ByteFeed): Promise<void> {
  let leftBytes = (await feed.take(8)).readUInt32LE(4);
  while (leftBytes > 0) {
    const chunk = await feed.next();
    if (chunk === null) throw badArchive("is cut off");
    if (chunk.length > leftBytes) feed.giveBack(chunk.subarray(leftBytes));
    leftBytes -= Math.min(leftBytes, chunk.length);
  }
}
