import type { UnpackMethod } from "#shared/archive.ts";
import { badArchive, unsupportedArchive } from "./bad-archive.ts";
import type { Compression } from "./decompress.ts";
import { isZstd } from "./decompress.ts";
import { isGzip } from "./gzip-member.ts";
import { BLOCK_BYTES, isTarHeader, isZeroBlock } from "./tar-header.ts";

export type Format = Exclude<UnpackMethod, "auto">;

/** What the outside of an archive is; what is in a compressed one shows once it is unpacked. */
export type Outside = "tar" | "zip" | Compression;

/** As many first bytes as are needed to tell. */
export const HEAD_BYTES = BLOCK_BYTES;

const ZIP_ENTRY = Buffer.from("PK\u0003\u0004", "latin1");
const ZIP_EMPTY = Buffer.from("PK\u0005\u0006", "latin1");
const ZIP_SPLIT = Buffer.from("PK\u0007\u0008", "latin1");

/**
 * Tells by its content, whatever its name.
 *
 * @param head The first `HEAD_BYTES`, or all of a shorter file.
 * @throws {LonghaulError} `unsupported` for what is none of them; `bad-archive` where another one
 * was asked for.
 */
export function outsideOf(head: Buffer, method: UnpackMethod, name: string): Outside {
  const found = find(head, method, name);
  if (found === null && method === "auto") {
    throw unsupportedArchive("it is no archive that can be unpacked: tar, zip, gz and zst can");
  }
  if (found === null || (method !== "auto" && OUTSIDES[method] !== found)) {
    throw badArchive(`is not ${method}, as which it was to be unpacked`);
  }
  return found;
}

const OUTSIDES: Readonly<Record<Format, Outside>> = {
  tar: "tar",
  "tar.gz": "gz",
  "tar.zst": "zst",
  zip: "zip",
  gz: "gz",
  zst: "zst",
};

function find(head: Buffer, method: UnpackMethod, name: string): Outside | null {
  const magic = head.subarray(0, 4);
  if (magic.equals(ZIP_SPLIT)) {
    throw unsupportedArchive("the archive is one of several volumes, which are not unpacked");
  }
  if (magic.equals(ZIP_ENTRY) || magic.equals(ZIP_EMPTY)) return "zip";
  if (magic.length >= 3 && isGzip(magic) && magic[2] === 8) return "gz";
  if (magic.length === 4 && isZstd(magic)) return "zst";
  return isTar(head, method, name) ? "tar" : null;
}

/** An empty one is nothing but zeros, of which only its name says that it is a tar. */
export function isTar(head: Buffer, method: UnpackMethod, name: string): boolean {
  if (head.length < BLOCK_BYTES) return false;
  if (isTarHeader(head)) return true;
  const isNamed = /\.(?:tar|tgz|tzst)(?:\.gz|\.zst)?$/iu.test(name) || method.startsWith("tar");
  return isNamed && isZeroBlock(head);
}
