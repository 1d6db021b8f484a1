import { crc32, createInflateRaw } from "node:zlib";
import { MiB } from "../bytes/sizes.ts";
import { badArchive } from "./bad-archive.ts";
import type { ByteFeed } from "./byte-feed.ts";
import { runCodec } from "./run-codec.ts";

const DEFLATE = 8;
const HAS_HEADER_CRC = 0x02;
const HAS_EXTRA = 0x04;
const HAS_NAME = 0x08;
const HAS_COMMENT = 0x10;
const RESERVED = 0xe0;
/** Of a name or a comment. */
const MOST_TEXT_BYTES = 64 * 1024;

/** Of the start of a member, or of what there is of it. */
export function isGzip(bytes: Buffer): boolean {
  const magic = Buffer.of(0x1f, 0x8b);
  return magic.subarray(0, bytes.length).equals(bytes.subarray(0, 2));
}

/**
 * One member of a gzip file. Node's own reader takes what follows the last one for damage of it, or
 * leaves it without a word. The name in the header is of no use: it may be any path.
 *
 * @throws {LonghaulError} `bad-archive`.
 */
export async function* gzipMember(
  feed: ByteFeed,
  onUsed: (inBytes: number) => void,
): AsyncGenerator<Buffer> {
  await readHeader(feed);
  let [sum, outBytes] = [0, 0];
  for await (const chunk of runCodec(createInflateRaw({ chunkSize: MiB }), feed, onUsed)) {
    sum = crc32(chunk, sum);
    outBytes += chunk.length;
    yield chunk;
  }
  const trailer = await feed.take(8);
  const isRight = trailer.readUInt32LE(0) === sum && trailer.readUInt32LE(4) === outBytes % 2 ** 32;
  if (!isRight) throw badArchive("is damaged: its checksum is wrong");
}

async function readHeader(feed: ByteFeed): Promise<void> {
  const head = await feed.take(10);
  const flags = head[3] ?? 0;
  if (!isGzip(head) || head[2] !== DEFLATE || (flags & RESERVED) !== 0) {
    throw badArchive("is damaged: it does not go on as gzip does");
  }
  if ((flags & HAS_EXTRA) !== 0) await feed.take((await feed.take(2)).readUInt16LE(0));
  if ((flags & HAS_NAME) !== 0) await skipText(feed);
  if ((flags & HAS_COMMENT) !== 0) await skipText(feed);
  if ((flags & HAS_HEADER_CRC) !== 0) await feed.take(2);
}

async function skipText(feed: ByteFeed): Promise<void> {
  for (let length = 256; ; length *= 2) {
    const bytes = await feed.peek(length);
    const zero = bytes.indexOf(0);
    if (zero !== -1) return void (await feed.take(zero + 1));
    if (bytes.length < length) throw badArchive("is cut off");
    if (length >= MOST_TEXT_BYTES) throw badArchive("has a header that is too long");
  }
}
