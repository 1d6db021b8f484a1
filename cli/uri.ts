import { LonghaulError } from "#shared/errors.ts";

/** What an argument of the command line names. */
export type Address =
  | { readonly kind: "local"; readonly path: string }
  | {
      readonly kind: "s3";
      readonly bucket: string;
      /** An object's key, a prefix ending in `/`, or empty for the whole bucket. */
      readonly key: string;
    };

export type S3Address = Extract<Address, { kind: "s3" }>;

/** Schemes that say what a thing is, but nothing here moves yet. */
const LATER_SCHEMES = ["oci", "ssh", "http", "https"];

/**
 * Reads `s3://bucket/key` or a path. A key is opaque: nothing in it is decoded or normalised.
 * A path that looks like a scheme is written `./s3:…`.
 *
 * @throws {LonghaulError} `invalid`, `unsupported`
 */
export function parseAddress(text: string): Address {
  if (text === "") throw new LonghaulError("invalid", "an empty argument names nothing");
  if (text.includes("\0")) throw new LonghaulError("invalid", "an argument holds a NUL character");
  if (text === "-") {
    throw new LonghaulError(
      "unsupported",
      "standard input and output are not supported; name a file",
    );
  }
  const [, scheme, rest = ""] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? [];
  if (scheme === undefined) return { kind: "local", path: text };
  if (scheme.toLowerCase() === "s3") return parseS3(rest, text);
  if (LATER_SCHEMES.includes(scheme.toLowerCase())) {
    throw new LonghaulError(
      "unsupported",
      `addresses with ${scheme}:// are not supported; use a path or s3://bucket/key`,
    );
  }
  throw new LonghaulError(
    "invalid",
    `addresses with ${scheme}:// are not known; use a path or s3://bucket/key`,
  );
}

function parseS3(rest: string, text: string): Address {
  const slash = rest.indexOf("/");
  const bucket = slash < 0 ? rest : rest.slice(0, slash);
  if (bucket === "")
    throw new LonghaulError(
      "invalid",
      `${JSON.stringify(text)} names no bucket; write s3://bucket/key`,
    );
  if (/[@?#\s]/.test(bucket)) {
    throw new LonghaulError("invalid", `${JSON.stringify(bucket)} is no bucket name`);
  }
  return { kind: "s3", bucket, key: slash < 0 ? "" : rest.slice(slash + 1) };
}

/**
 * An endpoint as it is kept and shown, so nothing of it may be a secret.
 *
 * @throws {LonghaulError} `invalid`
 */
export function parseEndpoint(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new LonghaulError("invalid", "an endpoint is a URL such as https://minio.lab:9000");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new LonghaulError(
      "invalid",
      "an endpoint has scheme, host, port and path only: keys do not belong in it",
    );
  }
  return text;
}

export function formatAddress(address: Address): string {
  return address.kind === "local" ? address.path : `s3://${address.bucket}/${address.key}`;
}

/** A whole bucket, or everything under a prefix. */
export function isPrefix(address: S3Address): boolean {
  return address.key === "" || address.key.endsWith("/");
}
