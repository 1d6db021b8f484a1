import { emptyStretch, joinCrcs } from "#shared/crc.ts";
import type { CrcStretch } from "#shared/crc.ts";
import type { CRC_POLYNOMIALS } from "./checksums.ts";

export type CrcAlgorithm = keyof typeof CRC_POLYNOMIALS;
export type CrcPart = { readonly crc: Buffer; readonly sizeBytes: number };

const NAMES = { CRC32: "crc32", CRC32C: "crc32c", CRC64NVME: "crc64nvme" } as const;

/** The CRC of consecutive parts put together, from theirs alone. */
export function combineCrcs(algorithm: CrcAlgorithm, parts: readonly CrcPart[]): Buffer {
  const name = NAMES[algorithm];
  const whole = parts.reduce<CrcStretch>(
    (before, { crc, sizeBytes }) => joinCrcs(name, before, { crc: crc.toString("hex"), sizeBytes }),
    emptyStretch(name),
  );
  return Buffer.from(whole.crc, "hex");
}
