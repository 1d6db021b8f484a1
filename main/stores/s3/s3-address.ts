import { LonghaulError } from "#shared/errors.ts";
import { encodeSegment, toQueryString } from "./sigv4.ts";
import type { QueryPair } from "./sigv4.ts";

export type S3Location = {
  /** Null is AWS's own endpoint of the region. */
  readonly endpoint: URL | null;
  readonly region: string;
  /** `auto`: path style for an own endpoint or a bucket name with dots, else virtual-host style. */
  readonly addressing: "auto" | "path" | "virtual";
};

/** Where the requests for one bucket go. */
export type S3Address = {
  /** Scheme, host and port of the endpoint itself, as people are told. */
  readonly endpointOrigin: string;
  /** The same with the endpoint's own path, for the SDK. */
  readonly endpointUrl: string;
  /** Scheme, host and port that a data request connects to; has the bucket in virtual-host style. */
  readonly origin: string;
  /** The Host header of a data request. */
  readonly host: string;
  /** What comes before the key: the endpoint's own path, then the bucket in path style; ends in `/`. */
  readonly basePath: string;
  readonly isPathStyle: boolean;
};

export function addressOf(location: S3Location, bucket: string): S3Address {
  const endpoint = location.endpoint ?? awsEndpoint(location.region);
  const isPathStyle = usesPathStyle(location, bucket);
  checkBucket(bucket, isPathStyle);
  const ownPath = endpoint.pathname.replace(/\/+$/, "");
  const host = isPathStyle ? endpoint.host : `${bucket}.${endpoint.host}`;
  return {
    endpointOrigin: endpoint.origin,
    endpointUrl: endpoint.origin + ownPath,
    origin: `${endpoint.protocol}//${host}`,
    host,
    basePath: isPathStyle ? `${ownPath}/${encodeSegment(bucket)}/` : `${ownPath}/`,
    isPathStyle,
  };
}

/** Where requests about no bucket in particular go. */
export function accountAddressOf(location: S3Location): S3Address {
  const endpoint = location.endpoint ?? awsEndpoint(location.region);
  const ownPath = endpoint.pathname.replace(/\/+$/, "");
  return {
    endpointOrigin: endpoint.origin,
    endpointUrl: endpoint.origin + ownPath,
    origin: endpoint.origin,
    host: endpoint.host,
    basePath: `${ownPath}/`,
    isPathStyle: true,
  };
}

/** The percent-encoded path of an object. Slashes stay, also doubled ones; dots are not resolved. */
export function pathOf(address: S3Address, key: string): string {
  return address.basePath + key.split("/").map(encodeSegment).join("/");
}

export function urlOf(address: S3Address, path: string, query: readonly QueryPair[]): string {
  return query.length === 0
    ? address.origin + path
    : `${address.origin}${path}?${toQueryString(query)}`;
}

/** @throws {LonghaulError} `invalid` for what no S3 server can hold. */
export function checkKey(key: string): void {
  const bytes = Buffer.byteLength(key);
  if (bytes >= 1 && bytes <= 1024 && key.isWellFormed()) return;
  throw new LonghaulError("invalid", "an object key has 1 to 1,024 bytes of UTF-8", {
    details: { key: key.toWellFormed() },
  });
}

/** @throws {LonghaulError} `invalid` when it is no http URL, or carries a user name or password. */
export function parseEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new LonghaulError("invalid", "the endpoint is not an http or https URL");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new LonghaulError("invalid", "the endpoint has more than scheme, host, port and path", {
      details: { endpoint: url.origin },
    });
  }
  return url;
}

function awsEndpoint(region: string): URL {
  if (!/^[a-z0-9-]+$/.test(region)) {
    throw new LonghaulError(
      "invalid",
      "a region of AWS has lower-case letters, digits and hyphens",
    );
  }
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return new URL(`https://s3.${region}.${domain}`);
}

function usesPathStyle(location: S3Location, bucket: string): boolean {
  if (location.addressing !== "auto") return location.addressing === "path";
  return location.endpoint !== null || bucket.includes(".");
}

/** Only names that cannot change the meaning of a URL; Ceph's `tenant:bucket` in a path alone. */
function checkBucket(bucket: string, isPathStyle: boolean): void {
  const pattern = isPathStyle ? /^[A-Za-z0-9][\w.:-]{0,254}$/ : /^[A-Za-z0-9][\w.-]{0,62}$/;
  if (pattern.test(bucket)) return;
  throw new LonghaulError("invalid", "a bucket name has letters, digits, dots and hyphens", {
    details: { bucket },
  });
}
