import { createHash, createHmac, timingSafeEqual } from "node:crypto";

import { percentEncode, percentEncodePath } from "../protocol/target.ts";
import type { QueryPair } from "../protocol/target.ts";

/** What of a request is signed. `path`, `query` and header names are decoded and lower case. */
export type SignedRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: readonly QueryPair[];
  readonly headers: ReadonlyMap<string, string>;
  readonly signedHeaders: readonly string[];
  /** Value of `x-amz-content-sha256`: a digest in hex or one of AWS's placeholders. */
  readonly payloadHash: string;
};

/** `<date>/<region>/<service>/aws4_request`; date as `YYYYMMDD`. */
export type Scope = { readonly date: string; readonly region: string; readonly service: string };

export const EMPTY_SHA256 = sha256Hex("");

export function canonicalRequest(request: SignedRequest): string {
  const query = request.query
    .map(([name, value]) => [percentEncode(name), percentEncode(value)] as const)
    .toSorted(comparePairs)
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  const headers = request.signedHeaders.map((name) => {
    const value = request.headers.get(name) ?? "";
    return `${name}:${value.trim().replace(/ +/g, " ")}\n`;
  });
  return [
    request.method,
    percentEncodePath(request.path),
    query,
    headers.join(""),
    request.signedHeaders.join(";"),
    request.payloadHash,
  ].join("\n");
}

/** Escaped text is ASCII, so order of code units is the order of bytes that AWS asks for. */
function comparePairs(a: readonly [string, string], b: readonly [string, string]): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  if (a[1] === b[1]) return 0;
  return a[1] < b[1] ? -1 : 1;
}

/** @param timestamp As in `x-amz-date`: `20130524T000000Z`. */
export function stringToSign(timestamp: string, scope: Scope, canonical: string): string {
  // Node hands header bytes over as Latin-1, so Latin-1 gives back the bytes that were signed.
  const digest = createHash("sha256").update(canonical, "latin1").digest("hex");
  return ["AWS4-HMAC-SHA256", timestamp, scopeText(scope), digest].join("\n");
}

export function scopeText(scope: Scope): string {
  return `${scope.date}/${scope.region}/${scope.service}/aws4_request`;
}

export function signingKey(secret: string, scope: Scope): Buffer {
  return [scope.date, scope.region, scope.service, "aws4_request"].reduce(
    (key, part) => createHmac("sha256", key).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );
}

/** @returns 64 hex digits. */
export function signature(key: Buffer, text: string): string {
  return createHmac("sha256", key).update(text).digest("hex");
}

/** Takes the same time wherever the difference lies. */
export function isSameSecret(a: string, b: string): boolean {
  const left = createHash("sha256").update(a).digest();
  const right = createHash("sha256").update(b).digest();
  return timingSafeEqual(left, right);
}

export function sha256Hex(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** Milliseconds since the epoch of `20130524T000000Z`; NaN when it is not such a time. */
export function parseTimestamp(text: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return Number.NaN;
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
