import { S3Error } from "./s3-error.ts";

/** What a precondition is compared with. `etag` without quotes. */
export type Validators = { readonly etag: string; readonly modifiedMs: number };
type Headers = ReadonlyMap<string, string>;

/**
 * Whether GET or HEAD should answer with the object, in RFC 9110's order of precedence.
 *
 * @throws {S3Error} PreconditionFailed for If-Match and If-Unmodified-Since.
 */
export function checkRead(headers: Headers, current: Validators): "send" | "not-modified" {
  const ifMatch = headers.get("if-match");
  const unmodifiedSince = headers.get("if-unmodified-since");
  if (ifMatch !== undefined) {
    if (!matchesEtag(ifMatch, current.etag)) throw failed("If-Match");
  } else if (unmodifiedSince !== undefined && isAfter(current, unmodifiedSince)) {
    throw failed("If-Unmodified-Since");
  }
  const ifNoneMatch = headers.get("if-none-match");
  const modifiedSince = headers.get("if-modified-since");
  if (ifNoneMatch !== undefined) {
    return matchesEtag(ifNoneMatch, current.etag) ? "not-modified" : "send";
  }
  if (modifiedSince === undefined || Number.isNaN(Date.parse(modifiedSince))) return "send";
  return isAfter(current, modifiedSince) ? "send" : "not-modified";
}

/**
 * Whether a write may replace what is there now (`undefined`: nothing is).
 *
 * @throws {S3Error} PreconditionFailed; NoSuchKey for If-Match on nothing; NotImplemented for
 *   an If-None-Match other than `*`, as S3 has it.
 */
export function checkWrite(headers: Headers, current: Validators | undefined): void {
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch !== "*") {
      throw new S3Error("NotImplemented", "Only If-None-Match: * is implemented for writes.");
    }
    if (current !== undefined) throw failed("If-None-Match");
  }
  const ifMatch = headers.get("if-match");
  if (ifMatch === undefined) return;
  if (current === undefined) throw new S3Error("NoSuchKey");
  if (!matchesEtag(ifMatch, current.etag)) throw failed("If-Match");
}

function matchesEtag(header: string, etag: string): boolean {
  return header
    .split(",")
    .map((tag) => tag.trim().replace(/^W\//, "").replaceAll('"', ""))
    .some((tag) => tag === "*" || tag === etag);
}

/** HTTP dates have whole seconds; the object's own time is cut to that. */
function isAfter(current: Validators, httpDate: string): boolean {
  return Math.floor(current.modifiedMs / 1000) * 1000 > Date.parse(httpDate);
}

function failed(condition: string): S3Error {
  return new S3Error("PreconditionFailed", undefined, { Condition: condition });
}
