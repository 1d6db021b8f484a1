import type { Direction, Rung } from "#shared/transfer.ts";

/** From the least to the most that a receipt can claim. */
export const RUNGS = ["size", "md5-etag", "full-crc", "signed-sha256", "part-sha256"] as const;

/** What was compared with what. */
export function rungText(rung: Rung, direction: Direction): string {
  switch (rung) {
    case "part-sha256":
      return direction === "download"
        ? "SHA-256 of every part, from the bucket"
        : "SHA-256 of every part, given back by the bucket";
    case "signed-sha256":
      return "SHA-256 of every part, signed and checked on receipt";
    case "full-crc":
      return "CRC of the whole, from the bucket";
    case "md5-etag":
      return "MD5, from the ETag";
    case "size":
      return "Size only: this bucket gives no checksum";
    default:
      return rung satisfies never;
  }
}
