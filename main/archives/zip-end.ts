import { badArchive, unsupportedArchive } from "./bad-archive.ts";
import type { FileWindow } from "./file-window.ts";

/** Where the list of entries lies in a zip, and how many there are. */
export type ZipEnd = {
  readonly entryCount: number;
  readonly startAt: number;
  readonly endAt: number;
};

const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const END64_BYTES = 56;
const MOST_COMMENT_BYTES = 0xff_ff;
const END_SIGNATURE = 0x06054b50;
const LOCATOR_SIGNATURE = 0x07064b50;
const END64_SIGNATURE = 0x06064b50;

/**
 * Reads the end of a zip strictly: it is the end of the file, there is one of it, its numbers fit,
 * and nothing is between the list and it. Then yauzl reads the same.
 *
 * @throws {LonghaulError} `bad-archive`; `unsupported` for one of several volumes.
 */
export function readZipEnd(file: FileWindow): ZipEnd {
  const at = findEnd(file);
  const end = file.bytes(at, END_BYTES);
  const plain = {
    entryCount: end.readUInt16LE(10),
    sizeBytes: end.readUInt32LE(12),
    startAt: end.readUInt32LE(16),
  };
  const end64 = readEnd64(file, at);
  assertOneVolume(end, end64 !== null);
  const isRight = end64 === null ? end.readUInt16LE(8) === plain.entryCount : agrees(plain, end64);
  if (!isRight) throw lies();
  const { entryCount, sizeBytes, startAt } = end64 ?? plain;
  if (startAt + sizeBytes !== (end64?.at ?? at)) throw lies();
  return { entryCount, startAt, endAt: startAt + sizeBytes };
}

/** All ones say that the number is among those of eight bytes. */
function assertOneVolume(end: Buffer, has64: boolean): void {
  for (const volume of [end.readUInt16LE(4), end.readUInt16LE(6)]) {
    if (volume !== 0 && !(has64 && volume === 0xff_ff)) throw split();
  }
}

/** The only signature whose comment fills the rest of the file. */
function findEnd(file: FileWindow): number {
  const tailBytes = Math.min(file.sizeBytes, END_BYTES + MOST_COMMENT_BYTES);
  if (tailBytes < END_BYTES) throw badArchive("is cut off: its list of entries is missing");
  const tailAt = file.sizeBytes - tailBytes;
  const tail = file.bytes(tailAt, tailBytes);
  const found: number[] = [];
  for (let at = tailBytes - END_BYTES; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== END_SIGNATURE) continue;
    if (tail.readUInt16LE(at + 20) === tailBytes - at - END_BYTES) found.push(tailAt + at);
  }
  const [at, other] = found;
  if (at === undefined) throw badArchive("is cut off, or something follows after its end");
  if (other !== undefined) throw badArchive("has two lists of entries");
  return at;
}

type Numbers = {
  readonly entryCount: number;
  readonly sizeBytes: number;
  readonly startAt: number;
};

function readEnd64(file: FileWindow, endAt: number): (Numbers & { readonly at: number }) | null {
  if (endAt < LOCATOR_BYTES) return null;
  const locator = file.bytes(endAt - LOCATOR_BYTES, LOCATOR_BYTES);
  if (locator.readUInt32LE(0) !== LOCATOR_SIGNATURE) return null;
  if (locator.readUInt32LE(4) !== 0 || locator.readUInt32LE(16) > 1) throw split();
  const at = numberAt(locator, 8);
  const end = file.bytes(at, END64_BYTES);
  const endBytes = numberAt(end, 4) + 12;
  if (end.readUInt32LE(0) !== END64_SIGNATURE) throw lies();
  if (at + endBytes !== endAt - LOCATOR_BYTES) throw lies();
  if (end.readUInt32LE(16) !== 0 || end.readUInt32LE(20) !== 0) throw split();
  const entryCount = numberAt(end, 32);
  if (numberAt(end, 24) !== entryCount) throw lies();
  return { at, entryCount, sizeBytes: numberAt(end, 40), startAt: numberAt(end, 48) };
}

/** What does not fit into the old fields is all ones there. */
function agrees(plain: Numbers, end64: Numbers): boolean {
  const isSame = (small: number, large: number, ones: number) => small === ones || small === large;
  return (
    isSame(plain.entryCount, end64.entryCount, 0xff_ff) &&
    isSame(plain.sizeBytes, end64.sizeBytes, 0xff_ff_ff_ff) &&
    isSame(plain.startAt, end64.startAt, 0xff_ff_ff_ff)
  );
}

function numberAt(buffer: Buffer, at: number): number {
  const number = buffer.readBigUInt64LE(at);
  if (number > BigInt(Number.MAX_SAFE_INTEGER)) throw lies();
  return Number(number);
}

function lies(): Error {
  return badArchive("is damaged: its list of entries is not what it says");
}

function split(): Error {
  return unsupportedArchive("the archive is one of several volumes, which are not unpacked");
}
