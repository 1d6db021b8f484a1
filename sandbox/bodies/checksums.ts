import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

import { createCRC32, createCRC64 } from "hash-wasm";

import { S3Error } from "../protocol/s3-error.ts";

export const CHECKSUM_ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA256"] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

/** How the checksum of a multipart object comes from its parts. */
export type ChecksumType = "COMPOSITE" | "FULL_OBJECT";

/** A checksum as S3 writes it: base64, and `-<parts>` behind a composite one. */
export type Checksum = {
  readonly algorithm: ChecksumAlgorithm;
  readonly type: ChecksumType;
  readonly value: string;
};

/** Reversed generator polynomials, as reflected CRCs use them. */
export const CRC_POLYNOMIALS = {
  CRC32: { polynomial: 0xedb88320n, bits: 32 },
  CRC32C: { polynomial: 0x82f63b78n, bits: 32 },
  CRC64NVME: { polynomial: 0x9a6c9329ac4bc9b5n, bits: 64 },
} as const;

/** Bytes of a digest before base64. */
const DIGEST_BYTES = { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA256: 32 } as const;

export interface Digester {
  update(bytes: Buffer): void;
  digest(): Buffer;
}

export async function createDigester(algorithm: ChecksumAlgorithm): Promise<Digester> {
  return DIGESTERS[algorithm]();
}

const DIGESTERS: Readonly<Record<ChecksumAlgorithm, () => Digester | Promise<Digester>>> = {
  CRC32: createCrc32,
  CRC32C: async () => wrapWasm(await createCRC32(Number(CRC_POLYNOMIALS.CRC32C.polynomial))),
  CRC64NVME: async () =>
    wrapWasm(await createCRC64(CRC_POLYNOMIALS.CRC64NVME.polynomial.toString(16))),
  SHA256: () => createHash("sha256"),
};

function createCrc32(): Digester {
  let value = 0;
  return {
    update(bytes) {
      value = crc32(bytes, value);
    },
    digest() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    },
  };
}

function wrapWasm(hasher: Awaited<ReturnType<typeof createCRC32>>): Digester {
  hasher.init();
  return {
    update: (bytes) => void hasher.update(bytes),
    digest: () => Buffer.from(hasher.digest("binary")),
  };
}

/** `x-amz-checksum-crc32`: header, trailer. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** `ChecksumCRC32`: element. */
export function checksumElement(algorithm: ChecksumAlgorithm): string {
  return `Checksum${algorithm}`;
}

/** @throws {S3Error} InvalidRequest for an algorithm that this server does not compute. */
export function parseAlgorithm(name: string | undefined): ChecksumAlgorithm | undefined {
  if (name === undefined) return undefined;
  const algorithm = CHECKSUM_ALGORITHMS.find((known) => known === name.toUpperCase());
  if (algorithm === undefined) {
    throw new S3Error("InvalidRequest", `Checksum algorithm ${name} is not supported.`);
  }
  return algorithm;
}

/** What a client says about the bytes it sends; `value` is absent while it is a trailer. */
export type ChecksumClaim = {
  readonly algorithm: ChecksumAlgorithm;
  readonly value: string | undefined;
};

/**
 * The one checksum that a request claims in its headers, or announces as a trailer.
 *
 * @throws {S3Error} InvalidRequest for two of them, or an unknown one.
 */
export function findClaim(headers: ReadonlyMap<string, string>): ChecksumClaim | undefined {
  const inHeaders = [...headers.keys()].filter((name) =>
    /^x-amz-checksum-(?!algorithm$|type$|mode$)/.test(name),
  );
  const trailer = headers.get("x-amz-trailer")?.trim().toLowerCase();
  const names = trailer === undefined ? inHeaders : [...inHeaders, trailer];
  const [name, ...others] = names;
  if (name === undefined) return undefined;
  if (others.length > 0) {
    const message = "Expecting a single x-amz-checksum- header. Multiple are not allowed.";
    throw new S3Error("InvalidRequest", message);
  }
  const algorithm = parseAlgorithm(name.replace(/^x-amz-checksum-/, ""));
  if (algorithm === undefined) return undefined;
  const value = headers.get(name);
  if (value !== undefined) assertDigest(algorithm, value);
  return { algorithm, value };
}

function assertDigest(algorithm: ChecksumAlgorithm, value: string): void {
  const bytes = Buffer.from(value, "base64");
  if (bytes.length === DIGEST_BYTES[algorithm] && bytes.toString("base64") === value) return;
  const header = checksumHeader(algorithm);
  throw new S3Error("InvalidRequest", `Value for ${header} header is invalid.`);
}

/** Digest of the parts' digests, in order. Parts are base64. */
export async function compositeChecksum(
  algorithm: ChecksumAlgorithm,
  parts: readonly string[],
): Promise<Checksum> {
  const digester = await createDigester(algorithm);
  for (const part of parts) digester.update(Buffer.from(part, "base64"));
  const value = `${digester.digest().toString("base64")}-${parts.length}`;
  return { algorithm, type: "COMPOSITE", value };
}
