import { isUtf8 } from "node:buffer";
import { badArchive, badEntry, unsupportedArchive } from "./bad-archive.ts";

export const BLOCK_BYTES = 512;

/** What one header block says, read strictly; node-tar's reading must agree with it. */
export type TarHeader = {
  readonly type: TarType;
  /** With the prefix of ustar; "" for headers about other headers. */
  readonly name: string;
  readonly target: string;
  readonly sizeBytes: number;
};

/** `meta` describes the next entry, `label` the whole archive. */
export type TarType =
  | "file"
  | "folder"
  | "symlink"
  | "hardlink"
  | "device"
  | "fifo"
  | "label"
  | MetaType;
export type MetaType = "pax" | "global-pax" | "long-name" | "long-target";

const TYPES: Readonly<Record<string, TarType>> = {
  "": "file",
  "0": "file",
  "7": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "device",
  "4": "device",
  "5": "folder",
  "6": "fifo",
  V: "label",
  x: "pax",
  g: "global-pax",
  L: "long-name",
  K: "long-target",
};

export function isMeta(type: TarType): type is MetaType {
  return type === "pax" || type === "global-pax" || type === "long-name" || type === "long-target";
}

export function isZeroBlock(block: Buffer): boolean {
  return block.equals(ZEROS);
}
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/** Whether a block is a header of tar, of any dialect: its checksum is right. */
export function isTarHeader(block: Buffer): boolean {
  if (block.length < BLOCK_BYTES || isZeroBlock(block)) return false;
  const stored = Number.parseInt(block.toString("latin1", 148, 156).replaceAll("\0", " "), 8);
  let sum = 8 * 0x20;
  for (let at = 0; at < BLOCK_BYTES; at += 1) sum += at >= 148 && at < 156 ? 0 : (block[at] ?? 0);
  return stored === sum;
}

/**
 * @throws {LonghaulError} `bad-archive` where programs could read it in different ways;
 * `unsupported`.
 */
export function readTarHeader(block: Buffer): TarHeader {
  if (!isTarHeader(block)) throw badArchive("is damaged: the checksum of a header is wrong");
  const code = block.toString("latin1", 156, 157).replace("\0", "");
  const type = TYPES[code];
  // These names are of no use, and writers cut them off anywhere.
  const isOfMeta = type !== undefined && isMeta(type);
  const name = isOfMeta ? "" : nameOf(block);
  if (type === undefined) {
    throw unsupportedArchive(
      `the entry ${JSON.stringify(name)} is of a kind that is not unpacked: ${WORDS[code] ?? `type ${JSON.stringify(code)}`}`,
      name,
    );
  }
  const sizeBytes = sizeOf(block, name);
  if (type !== "file" && !isOfMeta && sizeBytes > 0) {
    throw badEntry(name, "has content, which its kind cannot have");
  }
  if (type === "file" && name.endsWith("/")) return { type: "folder", name, target: "", sizeBytes };
  return { type, name, target: isOfMeta ? "" : textOf(block, 157, 100), sizeBytes };
}

const WORDS: Readonly<Record<string, string>> = {
  S: "a file with holes in the way of old GNU tar",
  M: "the rest of a file from another volume",
  D: "a folder of an incremental backup",
};

function nameOf(block: Buffer): string {
  const name = textOf(block, 0, 100);
  // Only ustar has a prefix there; GNU keeps times in its place.
  if (block.toString("latin1", 257, 265) !== "ustar\x0000") return name;
  // With a byte set there it is longer than where star keeps times.
  const prefix = textOf(block, 345, block[475] === 0 ? 130 : 155);
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** A field that ends at its first zero byte; what is after it would be read by some and not by others. */
function textOf(block: Buffer, start: number, length: number): string {
  const field = block.subarray(start, start + length);
  const zero = field.indexOf(0);
  const text = zero === -1 ? field : field.subarray(0, zero);
  if (!isUtf8(text)) throw badEntry(text.toString("latin1"), "has a name that is no UTF-8");
  if (zero !== -1 && field.subarray(zero).some((byte) => byte !== 0)) {
    throw badEntry(text.toString(), "has something after the end of its name");
  }
  return text.toString();
}

/** Octal, or a number in base 256 whose first bit is set. */
function sizeOf(block: Buffer, name: string): number {
  const field = block.subarray(124, 136);
  const isBinary = ((field[0] ?? 0) & 0x80) !== 0;
  const sizeBytes = isBinary ? binaryOf(field) : octalOf(field);
  if (!Number.isSafeInteger(sizeBytes))
    throw badEntry(name, "has a size that is no number of bytes");
  return sizeBytes;
}

function binaryOf(field: Buffer): number {
  if (field[0] !== 0x80) return Number.NaN;
  return field.subarray(1).reduce((number, byte) => number * 256 + byte, 0);
}

function octalOf(field: Buffer): number {
  const text = field.toString("latin1");
  const [, digits] = /^ *([0-7]*)[ \0]*$/u.exec(text) ?? [];
  return digits === undefined ? Number.NaN : Number.parseInt(digits === "" ? "0" : digits, 8);
}
