import type { CrcAlgorithm } from "#shared/crc.ts";
import { CRC_ALGORITHMS, CRC_FIELDS } from "#shared/crc.ts";
import type { WholeCrc } from "../store.ts";
import { partCountOf } from "./s3-names.ts";

/** The checksums that an answer says, in base64, and what they are of. */
export type SaidCrcs = Readonly<Record<CrcAlgorithm, string | undefined>> & {
  /** `FULL_OBJECT` or `COMPOSITE`; servers older than the word leave it out. */
  readonly type: string | undefined;
};

export function crcsInHeaders(headers: Readonly<Record<string, string>>): SaidCrcs {
  return {
    crc64nvme: headers["x-amz-checksum-crc64nvme"],
    crc32c: headers["x-amz-checksum-crc32c"],
    crc32: headers["x-amz-checksum-crc32"],
    type: headers["x-amz-checksum-type"],
  };
}

/**
 * The best CRC of an object as a whole. A composite value, the checksum of the parts' checksums, is
 * none; of an object of parts only a value that is said to be of the full object counts.
 */
export function wholeCrcOf(said: SaidCrcs, etag: string): WholeCrc | null {
  const isOfWhole =
    said.type === undefined ? partCountOf(etag) === null : said.type === "FULL_OBJECT";
  if (!isOfWhole) return null;
  for (const algorithm of CRC_ALGORITHMS) {
    const crc = crcFromBase64(algorithm, said[algorithm]);
    if (crc !== null) return { algorithm, crc };
  }
  return null;
}

/** Hex; null for what is no such value, as the composite `…-3`. */
function crcFromBase64(algorithm: CrcAlgorithm, value: string | undefined): string | null {
  const bytes = Buffer.from(value ?? "", "base64");
  const isValue = bytes.length * 8 === CRC_FIELDS[algorithm].bits;
  return isValue && bytes.toString("base64") === value ? bytes.toString("hex") : null;
}
