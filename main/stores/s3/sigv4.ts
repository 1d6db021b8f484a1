import type { KeyObject } from "node:crypto";
import { createHmac, createSecretKey, hash } from "node:crypto";
import type { Credentials } from "../../profiles/credentials.ts";

/** A request before it is signed. */
export type PlainRequest = {
  readonly method: string;
  /** As the Host header will say it: with the port, unless it is the scheme's own. */
  readonly host: string;
  /** Percent-encoded, as it goes on the wire; never normalised, since keys are opaque. */
  readonly path: string;
  /** Not encoded. */
  readonly query: readonly QueryPair[];
  /** By lower-case name, without `host`. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body in hex. */
  readonly payloadSha256: string;
};

export type QueryPair = readonly [name: string, value: string];

export type SigningScope = {
  readonly credentials: Credentials;
  readonly region: string;
  /** The server's wall clock, milliseconds. */
  readonly wallMs: number;
};

export const EMPTY_SHA256 = hash("sha256", "");

/**
 * Signed besides `host` and `x-amz-*`. Others are left out because proxies and some servers rewrite
 * them: GCS breaks every signature over `accept-encoding`.
 */
const SIGNED_HEADERS = new Set([
  "content-md5",
  "content-type",
  "if-match",
  "if-none-match",
  "range",
]);

/** AWS Signature Version 4 for S3, in headers: the request's own headers and those that sign it. */
export function signHeaders(request: PlainRequest, scope: SigningScope): Record<string, string> {
  const { credentials } = scope;
  const timestamp = toTimestamp(scope.wallMs);
  const day = timestamp.slice(0, 8);
  const headers: Record<string, string> = {
    ...request.headers,
    "x-amz-content-sha256": request.payloadSha256,
    "x-amz-date": timestamp,
  };
  if (credentials.sessionToken !== null) headers["x-amz-security-token"] = credentials.sessionToken;

  const names = Object.keys(headers).filter(isSigned).concat("host").toSorted();
  const canonicalHeaders = names.map(
    (name) => `${name}:${collapseSpaces(name === "host" ? request.host : (headers[name] ?? ""))}\n`,
  );
  const signedHeaders = names.join(";");
  const canonicalRequest = [
    request.method,
    request.path,
    toQueryString(request.query),
    canonicalHeaders.join(""),
    signedHeaders,
    request.payloadSha256,
  ].join("\n");

  const credentialScope = `${day}/${scope.region}/s3/aws4_request`;
  const stringToSign = `AWS4-HMAC-SHA256\n${timestamp}\n${credentialScope}\n${sha256(canonicalRequest)}`;
  const key = signingKey(credentials.secretAccessKey, day, scope.region);
  const signature = createHmac("sha256", key).update(stringToSign).digest("hex");
  headers["authorization"] =
    `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${credentialScope}, ` +
    `SignedHeaders=${signedHeaders}, Signature=${signature}`;
  return headers;
}

/** Encoded and sorted as SigV4 wants it, which is also how it goes into the URL. */
export function toQueryString(query: readonly QueryPair[]): string {
  return query
    .map(([name, value]) => [encodeSegment(name), encodeSegment(value)] as const)
    .toSorted((a, b) => compareAscii(a[0], b[0]) || compareAscii(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function compareAscii(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Everything but RFC 3986's unreserved characters is percent-encoded, `/` too. */
export function encodeSegment(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function isSigned(name: string): boolean {
  return name.startsWith("x-amz-") || SIGNED_HEADERS.has(name);
}

/** `20260102T030405Z` */
function toTimestamp(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}

function collapseSpaces(value: string): string {
  return value.trim().replaceAll(/ +/g, " ");
}

function sha256(text: string): string {
  return hash("sha256", text);
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

/**
 * The last key derived; one profile signs thousands of requests with the same one in a day. A key
 * that Node has imported: with bytes, it would import them for each signature, which takes longer.
 */
let cached: { secret: string; day: string; region: string; key: KeyObject } | null = null;

function signingKey(secret: string, day: string, region: string): KeyObject {
  if (cached?.secret !== secret || cached.day !== day || cached.region !== region) {
    const dayKey = hmac(hmac(hmac(`AWS4${secret}`, day), region), "s3");
    cached = { secret, day, region, key: createSecretKey(hmac(dayKey, "aws4_request")) };
  }
  return cached.key;
}
