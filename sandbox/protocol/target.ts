import { S3Error } from "./s3-error.ts";

/** What a request line names, decoded. Path style only: `/bucket/key?query`. */
export type Target = {
  /** Empty for the service itself. */
  readonly bucket: string;
  /** Any UTF-8, opaque: `..` and `//` mean nothing here. Empty for the bucket itself. */
  readonly key: string;
  /** Path as a whole, decoded, for the signature. */
  readonly path: string;
  /** In the order sent; a name may repeat. */
  readonly query: readonly QueryPair[];
};
export type QueryPair = readonly [name: string, value: string];

/**
 * @param url The request line's target as Node gives it: one character per byte.
 * @throws {S3Error} InvalidURI for a broken escape or bytes that are not UTF-8.
 */
export function parseTarget(url: string): Target {
  const mark = url.indexOf("?");
  const rawPath = mark === -1 ? url : url.slice(0, mark);
  if (!rawPath.startsWith("/")) throw new S3Error("InvalidURI");
  const slash = rawPath.indexOf("/", 1);
  const rawBucket = slash === -1 ? rawPath.slice(1) : rawPath.slice(1, slash);
  return {
    bucket: percentDecode(rawBucket),
    key: slash === -1 ? "" : percentDecode(rawPath.slice(slash + 1)),
    path: percentDecode(rawPath),
    query: mark === -1 ? [] : parseQuery(url.slice(mark + 1)),
  };
}

function parseQuery(text: string): QueryPair[] {
  return text
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      const name = equals === -1 ? pair : pair.slice(0, equals);
      const value = equals === -1 ? "" : pair.slice(equals + 1);
      return [decodeQuery(name), decodeQuery(value)] as const;
    });
}

function decodeQuery(text: string): string {
  return percentDecode(text.replaceAll("+", "%20"));
}

export function percentDecode(text: string): string {
  if (/%(?![0-9a-f]{2})/i.test(text)) throw new S3Error("InvalidURI");
  const bytes = text.replace(/%(..)/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  try {
    return strictUtf8.decode(Buffer.from(bytes, "latin1"));
  } catch (cause) {
    throw new S3Error("InvalidURI", `Not UTF-8: ${String(cause)}`);
  }
}

// ignoreBOM keeps a leading U+FEFF, which is part of a key like any other character.
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Escapes all but RFC 3986's unreserved characters, as SigV4 and `encoding-type=url` want. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The same with `/` kept. */
export function percentEncodePath(text: string): string {
  return percentEncode(text).replaceAll("%2F", "/");
}
