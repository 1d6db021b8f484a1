import { badArchive, badEntry } from "./bad-archive.ts";
import type { FileWindow } from "./file-window.ts";
import type { ZipRecord } from "./zip-list.ts";

const LOCAL_BYTES = 30;
const LOCAL_SIGNATURE = 0x04034b50;
const DESCRIPTOR_SIGNATURE = 0x08074b50;
const HAS_DESCRIPTOR = 0x08;
const ZIP64 = 0x0001;
const ONES = 0xff_ff_ff_ff;

/** Where the content of an entry lies; `endAt` is after all that belongs to it. */
export type ZipContent = { readonly startAt: number; readonly endAt: number };

/**
 * Finds the content of an entry, and makes sure that what stands before and after it says the same
 * as the list: programs that read a zip from its start would unpack something else.
 *
 * @throws {LonghaulError} `bad-archive`.
 */
export function findContent(file: FileWindow, record: ZipRecord): ZipContent {
  const { headerAt, name, rawName, flags, method } = record;
  const head = file.bytes(headerAt, LOCAL_BYTES);
  if (head.readUInt32LE(0) !== LOCAL_SIGNATURE) throw badEntry(name, "is not where the list says");
  const [nameBytes, extraBytes] = [head.readUInt16LE(26), head.readUInt16LE(28)];
  const numbers = [head.readUInt32LE(14), head.readUInt32LE(18), head.readUInt32LE(22)];
  const isSame = head.readUInt16LE(6) === flags && head.readUInt16LE(8) === method;
  const rest = file.bytes(headerAt + LOCAL_BYTES, nameBytes + extraBytes);
  if (!isSame || !rest.subarray(0, nameBytes).equals(rawName)) throw differs(name);
  assertNumbers(record, numbers, rest.subarray(nameBytes));
  const startAt = headerAt + LOCAL_BYTES + nameBytes + extraBytes;
  const dataEndAt = startAt + record.compressedBytes;
  if (dataEndAt > file.sizeBytes) throw badArchive("is cut off, or points outside of itself");
  const hasDescriptor = (flags & HAS_DESCRIPTOR) !== 0;
  return { startAt, endAt: hasDescriptor ? descriptorEnd(file, dataEndAt, record) : dataEndAt };
}

/** With a descriptor after the content they may be left empty before it. */
function assertNumbers(record: ZipRecord, numbers: readonly number[], extra: Buffer): void {
  const { name, crc, compressedBytes, sizeBytes, flags } = record;
  const isLater = (flags & HAS_DESCRIPTOR) !== 0;
  const [localCrc, localCompressed = 0, localSize = 0] = numbers;
  const zip64 = localSize === ONES || localCompressed === ONES ? zip64Of(extra) : [];
  const size = localSize === ONES ? zip64.shift() : localSize;
  const compressed = localCompressed === ONES ? zip64.shift() : localCompressed;
  const fits = (local: number | undefined, listed: number) =>
    local === listed || (isLater && local === 0);
  if (!fits(localCrc, crc) || !fits(size, sizeBytes) || !fits(compressed, compressedBytes)) {
    throw differs(name);
  }
}

/** The numbers of eight bytes in the field of that kind. */
function zip64Of(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== ZIP64) continue;
    const field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
    const count = Math.floor(field.length / 8);
    return Array.from({ length: count }, (_, index) => Number(field.readBigUInt64LE(index * 8)));
  }
  return [];
}

/** With or without a signature, with numbers of four bytes or of eight: one of them must fit. */
function descriptorEnd(file: FileWindow, at: number, record: ZipRecord): number {
  const { crc, compressedBytes, sizeBytes, name } = record;
  const bytes = file.bytes(at, Math.min(24, file.sizeBytes - at));
  for (const signed of [true, false]) {
    for (const width of [8, 4]) {
      const start = signed ? 4 : 0;
      const length = start + 4 + 2 * width;
      if (bytes.length < length) continue;
      const number = (index: number) =>
        width === 8
          ? Number(bytes.readBigUInt64LE(start + 4 + index * 8))
          : bytes.readUInt32LE(start + 4 + index * 4);
      const isSigned = !signed || bytes.readUInt32LE(0) === DESCRIPTOR_SIGNATURE;
      const isRight = bytes.readUInt32LE(start) === crc;
      if (isSigned && isRight && number(0) === compressedBytes && number(1) === sizeBytes) {
        return at + length;
      }
    }
  }
  throw differs(name);
}

function differs(name: string): Error {
  return badEntry(name, "is described in two ways");
}
