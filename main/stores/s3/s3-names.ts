import { createHash } from "node:crypto";
import { LonghaulError } from "#shared/errors.ts";
import type { StoredPart } from "../store.ts";

/**
 * A key as a listing says it. With `encoding-type=url`, which every listing asks for because XML
 * cannot hold all characters, `+` is a space; a server that ignores the wish says so by leaving
 * EncodingType out.
 *
 * @throws {LonghaulError} `protocol` for escapes that are none.
 */
export function decodeName(name: string, encodingType: string | undefined): string {
  if (encodingType?.toLowerCase() !== "url") return name;
  try {
    return decodeURIComponent(name.replaceAll("+", " "));
  } catch (thrown) {
    throw new LonghaulError("protocol", "a listing has a name that cannot be decoded", {
      cause: thrown,
    });
  }
}

/** Listings leave the quotes out on some servers, answers to GET never do. */
export function quoteEtag(etag: string): string {
  return etag.startsWith('"') || etag.startsWith("W/") ? etag : `"${etag}"`;
}

/** The number behind the dash: how many parts an object was uploaded in; null for a single PUT. */
export function partCountOf(etag: string): number | null {
  const count = /-(\d{1,5})"?$/.exec(etag)?.[1];
  return count === undefined ? null : Number(count);
}

/**
 * Whether an ETag is that of these parts: their number, and the MD5 of their MD5s where the parts'
 * ETags are MD5s.
 */
export function isEtagOfParts(etag: string, parts: readonly StoredPart[]): boolean {
  if (partCountOf(etag) !== parts.length) return false;
  const digests = parts.map((part) => /^"?([0-9a-f]{32})"?$/.exec(part.etag)?.[1]);
  if (digests.includes(undefined)) return true;
  const composite = createHash("md5")
    .update(Buffer.from(digests.join(""), "hex"))
    .digest("hex");
  return etag === `"${composite}-${parts.length}"`;
}

/** Hex of a base64 SHA-256; null for what is none, as the composite `…-3`. */
export function sha256FromBase64(value: string | undefined): string | null {
  const bytes = Buffer.from(value ?? "", "base64");
  return bytes.length === 32 && bytes.toString("base64") === value ? bytes.toString("hex") : null;
}
