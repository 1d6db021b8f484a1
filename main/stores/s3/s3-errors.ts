import { LonghaulError } from "#shared/errors.ts";
import type { ErrorCode, ErrorDetails } from "#shared/errors.ts";
import { redactShapes } from "../../profiles/redactor.ts";
import { readErrorBody } from "./s3-error-body.ts";
import type { ErrorBody } from "./s3-error-body.ts";
import { BY_CODE, REGION_CODES } from "./s3-error-codes.ts";

/** An answer that was no success, from either plane. */
export type ServerAnswer = {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The start of it; empty for HEAD. */
  readonly body: Uint8Array;
};

/** What was asked. Decides what a bare 404 or 412 is about. */
export type ErrorContext = {
  /** As IAM names it: `s3:PutObject`. */
  readonly action: string;
  readonly target: "account" | "bucket" | "object" | "upload";
  /** A read of exactly one version: whatever else is there, or nothing, is a change of it. */
  readonly isPinned?: boolean;
  /** A write over exactly one version: nothing there is a change of it, too. */
  readonly isReplacing?: boolean;
  /** Scheme, host and port. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly key?: string;
  readonly askedRegion: string;
  /** This machine's wall clock when the answer came, milliseconds. */
  readonly localMs: number;
};

/**
 * Why the server did not do it. By the error document's code where there is one, else by status:
 * HEAD has no body, and proxies answer in HTML.
 *
 * S3's own body is never kept: `SignatureDoesNotMatch` repeats the string to sign.
 */
export function classifyAnswer(answer: ServerAnswer, context: ErrorContext): LonghaulError {
  const body = readErrorBody(answer.body);
  const region = answer.headers["x-amz-bucket-region"] ?? body.region;
  const code = codeOf(answer, context, body, region);
  const said = body.code ?? "no reason";
  return new LonghaulError(code, `${context.action}: ${answer.status}, ${said}`, {
    details: detailsOf(answer, context, { body, region, code }),
  });
}

/** The server refused a request because of checksum headers that it does not know. */
export function isChecksumRefusal(answer: ServerAnswer): boolean {
  if (answer.status !== 400 && answer.status !== 501) return false;
  const body = readErrorBody(answer.body);
  if (body.isAboutConditions) return false;
  return body.code === "NotImplemented" || body.isAboutChecksums;
}

/** The server refused a write because of a condition that it does not know, rather than kept it. */
export function isConditionRefusal(answer: ServerAnswer): boolean {
  if (answer.status !== 400 && answer.status !== 501) return false;
  const body = readErrorBody(answer.body);
  return body.code === "NotImplemented" || body.isAboutConditions;
}

/** The body is an error document, whatever the status: some come with 200. */
export function isErrorDocument(body: Uint8Array): boolean {
  return readErrorBody(body).code !== null;
}

function codeOf(
  answer: ServerAnswer,
  context: ErrorContext,
  body: ErrorBody,
  region: string | null,
): ErrorCode {
  const isAboutRegion = body.code !== null && REGION_CODES.has(body.code);
  const mayBeElsewhere = isAboutRegion || body.code === null;
  const isRefusal = answer.status >= 300 && answer.status < 500;
  if (isRefusal && mayBeElsewhere && region !== null && region !== context.askedRegion) {
    return "wrong-region";
  }
  if (isAboutRegion) return codeOfUnknownRegion(answer);
  return inContext(codeBySaying(answer, context, body), answer.status, context);
}

/** What a missing or changed object means to who asked. */
function inContext(code: ErrorCode, status: number, context: ErrorContext): ErrorCode {
  if (context.isPinned === true) {
    const isChange = code === "object-missing" || code === "conflict" || status === 416;
    return isChange ? "object-changed" : code;
  }
  if (code !== "object-missing" || context.target === "object") return code;
  if (context.isReplacing === true) return "conflict";
  // Ceph says NoSuchKey where the parts of an unknown upload are asked for.
  return context.target === "upload" ? "upload-gone" : code;
}

function codeBySaying(answer: ServerAnswer, context: ErrorContext, body: ErrorBody): ErrorCode {
  if (body.code === "ConditionalRequestConflict") {
    // Someone wrote the key meanwhile. A single PUT may be asked again and is then told who won.
    return context.target === "upload" ? "conflict" : "server-failed";
  }
  return (
    (body.code === null ? undefined : BY_CODE[body.code]) ??
    codeByStatus(answer.status, context, body.code !== null)
  );
}

function codeByStatus(status: number, context: ErrorContext, isS3: boolean): ErrorCode {
  if (status === 429 || status === 503) return "throttled";
  if (status === 501) return "unsupported";
  if (status >= 500) return "server-failed";
  switch (status) {
    case 401:
      return "credentials-wrong";
    case 403:
      return "access-denied";
    case 404:
      return MISSING[context.target];
    case 408:
      return "unreachable";
    case 412:
      return "conflict";
    case 405:
    case 411:
    case 413:
      return "unsupported";
    default:
      // Without an S3 error document, whoever answered may be a proxy rather than the store.
      return isS3 && status >= 400 ? "unsupported" : "protocol";
  }
}

/** What a 404 without a reason is about. Of an upload it may be a proxy's: that one is asked again. */
const MISSING: Readonly<Record<ErrorContext["target"], ErrorCode>> = {
  account: "protocol",
  bucket: "bucket-missing",
  object: "object-missing",
  upload: "protocol",
};

/** A redirect that names no other region: of a new bucket, or of a server that is not at home here. */
function codeOfUnknownRegion(answer: ServerAnswer): ErrorCode {
  if (answer.status === 307) return "server-failed";
  return answer.status === 400 ? "credentials-wrong" : "wrong-region";
}

function detailsOf(
  answer: ServerAnswer,
  context: ErrorContext,
  found: { body: ErrorBody; region: string | null; code: ErrorCode },
): ErrorDetails {
  const requestId = answer.headers["x-amz-request-id"] ?? found.body.requestId;
  const retryAfterMs = readRetryAfter(answer.headers["retry-after"], context.localMs);
  const aheadSeconds = clockAheadSeconds(answer.headers["date"], context.localMs);
  const isAboutRegion = found.code === "wrong-region";
  return {
    endpoint: context.endpoint,
    ...(context.bucket !== "" && { bucket: context.bucket }),
    ...(context.key !== undefined && { key: context.key }),
    action: context.action,
    status: answer.status,
    ...(found.body.code !== null && { cause: found.body.code }),
    ...(requestId !== null && { requestId }),
    ...evidenceOf(answer, found.body),
    ...limitsIn(found.body),
    ...(isAboutRegion && { askedRegion: context.askedRegion }),
    ...(isAboutRegion && found.region !== null && { region: found.region }),
    ...(retryAfterMs !== null && { retryAfterMs }),
    ...(found.code === "clock-skewed" &&
      aheadSeconds !== null && { clockAheadSeconds: aheadSeconds }),
  };
}

function limitsIn({ mostParts, leastBytes }: ErrorBody): ErrorDetails {
  return {
    ...(mostParts !== null && { mostParts }),
    ...(leastBytes !== null && { neededBytes: leastBytes }),
  };
}

const EVIDENCE_BYTES = 512;
/** Nothing that long is a word; a token or a signature may be. */
const LONG_RUN = /[\w+/=.~-]{40,}/g;

/** The start of a body that is no error document of S3's, for whoever asks what answered there. */
function evidenceOf({ body }: ServerAnswer, { code }: ErrorBody): { readonly evidence?: string } {
  if (code !== null || body.length === 0) return {};
  const start = Buffer.from(body.subarray(0, EVIDENCE_BYTES)).toString("utf8");
  const line = start.replace(/[\p{C}\s]+/gu, " ").trim();
  const evidence = redactShapes(line).replace(LONG_RUN, "[removed]");
  return evidence === "" ? {} : { evidence };
}

/** Seconds by which this machine is ahead of a `Date` header; null without one. */
export function clockAheadSeconds(date: string | undefined, localMs: number): number | null {
  const serverMs = Date.parse(date ?? "");
  return Number.isNaN(serverMs) ? null : Math.round((localMs - serverMs) / 1000);
}

/** Seconds or an HTTP date. */
function readRetryAfter(value: string | undefined, localMs: number): number | null {
  if (value === undefined) return null;
  if (/^\d{1,6}$/.test(value.trim())) return Number(value) * 1000;
  const untilMs = Date.parse(value);
  return Number.isNaN(untilMs) ? null : Math.max(0, untilMs - localMs);
}
