import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { CRC_FIELDS } from "#shared/crc.ts";
import type { IHasher } from "hash-wasm";
import type { DigestAlgorithm } from "./wire.ts";

/** Digests one run of bytes. */
export interface Digest {
  update(bytes: Buffer): void;
  /** Hex; the end of it. */
  digest(): string;
}

/** Makes digests one after the other: the next one only when the one before has ended. */
export type DigestMaker = () => Digest;

/** CRC-32C and CRC-64/NVME are WASM's: JavaScript computes them at a tenth of its speed. */
export async function digestMaker(algorithm: DigestAlgorithm): Promise<DigestMaker> {
  switch (algorithm) {
    case "sha256":
      return sha256;
    case "md5":
      return () => fromHash(createHash("md5"));
    case "crc32":
      return plainCrc32;
    case "crc32c":
      return wrapWasm(
        await (await import("hash-wasm")).createCRC32(Number(CRC_FIELDS.crc32c.polynomial)),
      );
    case "crc64nvme":
      return wrapWasm(
        await (await import("hash-wasm")).createCRC64(CRC_FIELDS.crc64nvme.polynomial.toString(16)),
      );
    default:
      return algorithm satisfies never;
  }
}

export function sha256(): Digest {
  return fromHash(createHash("sha256"));
}

function fromHash(hash: ReturnType<typeof createHash>): Digest {
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest("hex") };
}

function plainCrc32(): Digest {
  let value = 0;
  return {
    update(bytes) {
      value = crc32(bytes, value);
    },
    digest: () => value.toString(16).padStart(8, "0"),
  };
}

function wrapWasm(hasher: IHasher): DigestMaker {
  return () => {
    hasher.init();
    return { update: (bytes) => void hasher.update(bytes), digest: () => hasher.digest("hex") };
  };
}
