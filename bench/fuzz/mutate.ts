import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { isTarHeader } from "#main/archives/tar-header.ts";
import type { Random } from "./random.ts";

/** What breaks readers: edges of numbers, separators, signatures. */
const SPECIAL = [
  "../",
  "/",
  "\\",
  "C:",
  "\0",
  "./",
  "..",
  "PK\u0003\u0004",
  "PK\u0001\u0002",
  "PK\u0005\u0006",

  "PK\u0006\u0006",
  "PK\u0006\u0007",
  "ustar\u000000",
  "path=../x\n",
  "size=99999999\n",
  "7777777777",
].map((text) => Buffer.from(text, "latin1"));
const EDGES = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff, 0x30, 0x37, 0x20];
const MOST_CHANGES = 6;

/** A good archive with a few things changed; every other compressed one below its compression. */
export function mutate(good: Buffer, random: Random): Buffer {
  const isInside = random.below(2) === 0;
  if (isInside && good[0] === 0x1f) return gzipSync(changed(gunzipSync(good), random));
  if (isInside && good[0] === 0x28)
    return zstdCompressSync(changed(zstdDecompressSync(good), random));
  return changed(good, random);
}

function changed(good: Buffer, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(good);
  const count = 1 + random.below(MOST_CHANGES);
  for (let turn = 0; turn < count; turn += 1) {
    const change = CHANGES[random.below(CHANGES.length)];
    bytes = change?.(bytes, random) ?? bytes;
  }
  // Half of them with right sums, or hardly any would come past the first header.
  return random.below(2) === 0 ? withRightSums(bytes) : bytes;
}

const CHANGES: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  flipBit,
  setEdge,
  putSpecial,
  putNumber,
  cutOut,
  repeat,
  swap,
  cutEnd,
  rename,
  retarget,
];

/** Names of the good archives, and how hostile ones begin. */
const NAMES = [
  "d/a.txt",
  "stored",
  "other",
  "short",
  "later",
  "link",
  "long/nnnn",
  "gnu/mmmm",
  "copy",
];
const HOSTILE = [
  "../",
  "/",
  "..",
  "a/../../",
  "C:",
  "..\\",
  "./../",
  "link/",
  "d",
  "D/A",
  "B",
  "\0",
];

/** Everywhere and of the same length, so that headers still agree. */
function rename(bytes: Buffer, random: Random): Buffer {
  const name = NAMES[random.below(NAMES.length)] ?? "";
  const hostile = `${HOSTILE[random.below(HOSTILE.length)]}${"x".repeat(name.length)}`;
  const text = bytes.toString("latin1").replaceAll(name, hostile.slice(0, name.length));
  return withRightSums(Buffer.from(text, "latin1"));
}

/** Where the target of a link is in a block of a tar. */
function retarget(bytes: Buffer, random: Random): Buffer {
  const at = 512 * random.below(Math.ceil(bytes.length / 512));
  if (at + 512 > bytes.length) return bytes;
  const hostile = HOSTILE[random.below(HOSTILE.length)] ?? "";
  bytes.fill(0, at + 157, at + 257);
  bytes.write(`${hostile}canary`, at + 157, "latin1");
  bytes.write(random.below(2) === 0 ? "2" : "1", at + 156, "latin1");
  return withRightSums(bytes);
}

function flipBit(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return bytes;
}

function setEdge(bytes: Buffer, random: Random): Buffer {
  bytes[random.below(bytes.length)] = EDGES[random.below(EDGES.length)] ?? 0;
  return bytes;
}

function putSpecial(bytes: Buffer, random: Random): Buffer {
  SPECIAL[random.below(SPECIAL.length)]?.copy(bytes, random.below(bytes.length));
  return bytes;
}

/** Where a number of four bytes may be, one of an edge. */
function putNumber(bytes: Buffer, random: Random): Buffer {
  if (bytes.length < 4) return bytes;
  const numbers = [
    0,
    1,
    0xff_ff,
    0x1_00_00,
    0x7f_ff_ff_ff,
    0xff_ff_ff_ff,
    bytes.length,
    random.below(5000),
  ];
  bytes.writeUInt32LE(numbers[random.below(numbers.length)] ?? 0, random.below(bytes.length - 3));
  return bytes;
}

function cutOut(bytes: Buffer, random: Random): Buffer {
  const { start, end } = pieceOf(bytes, random);
  return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
}

function repeat(bytes: Buffer, random: Random): Buffer {
  const { start, end } = pieceOf(bytes, random);
  return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
}

function swap(bytes: Buffer, random: Random): Buffer {
  const { start, end } = pieceOf(bytes, random);
  bytes.copy(bytes, random.below(bytes.length), start, end);
  return bytes;
}

function cutEnd(bytes: Buffer, random: Random): Buffer {
  return bytes.subarray(0, bytes.length - random.below(Math.min(bytes.length, 600)));
}

/** Often whole blocks of a tar. */
function pieceOf(bytes: Buffer, random: Random): { readonly start: number; readonly end: number } {
  const unit = random.below(2) === 0 ? 512 : 1;
  const start = unit * random.below(Math.ceil(bytes.length / unit));
  return { start, end: Math.min(bytes.length, start + unit * (1 + random.below(4))) };
}

function withRightSums(bytes: Buffer): Buffer {
  for (let at = 0; at + 512 <= bytes.length; at += 512) {
    const block = bytes.subarray(at, at + 512);
    if (
      isTarHeader(block) ||
      block[156] === undefined ||
      block.toString("latin1", 257, 262) !== "ustar"
    )
      continue;
    block.fill(0x20, 148, 156);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  }
  return bytes;
}
