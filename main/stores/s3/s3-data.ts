import { LonghaulError } from "#shared/errors.ts";
import { lengthOf } from "../../bytes/byte-range.ts";
import type { Expectation, WireRequest, WireResponse } from "../../wire/wire.ts";
import type { DataOperation, GetOperation, PutOperation } from "../store.ts";
import type { SignedOrder, Stored, WholeCrc, WriteCondition } from "../store.ts";
import type { RequestSigner, Stamp } from "./request-signer.ts";
import { attributeHeaders } from "./attribute-headers.ts";
import { pathOf, urlOf } from "./s3-address.ts";
import type { S3Address } from "./s3-address.ts";
import { crcsInHeaders, wholeCrcOf } from "./s3-crcs.ts";
import type { LearnedLimits } from "./learned-limits.ts";
import type { S3Control, Subject } from "./s3-control.ts";
import { isChecksumRefusal, isConditionRefusal } from "./s3-errors.ts";
import { EMPTY_SHA256 } from "./sigv4.ts";
import { partCountOf, sha256FromBase64 } from "./s3-names.ts";
import type { PlainRequest, QueryPair } from "./sigv4.ts";

/** What the endpoint turned out not to do; learned from its refusals, forgotten with the store. */
export type Quirks = {
  /** Requests with `x-amz-checksum-*` or `x-amz-checksum-algorithm` are refused. */
  refusesChecksums: boolean;
  /** Writes with a condition are refused for having one: the key is looked at first instead. */
  refusesConditions: boolean;
  /** These keys may read objects, but not by version. */
  deniesVersions: boolean;
};

/** The data plane's half of a store: signs what the wire sends, reads what it brings back. */
export class S3Data {
  readonly #address: S3Address;
  readonly #signer: RequestSigner;
  readonly #control: S3Control;
  readonly #quirks: Quirks;
  readonly #accessHeaders: Readonly<Record<string, string>>;
  readonly #limits: LearnedLimits;
  /** What an operation was last signed with; gone with the operation. */
  readonly #stamps = new WeakMap<DataOperation, Stamp>();
  /** Signed before the endpoint was known to refuse them: several may be under way then. */
  readonly #withChecksums = new WeakSet<DataOperation>();
  readonly #withCondition = new WeakSet<DataOperation>();

  constructor(parts: {
    address: S3Address;
    signer: RequestSigner;
    control: S3Control;
    quirks: Quirks;
    /** Sent with every request. */
    accessHeaders: Readonly<Record<string, string>>;
    limits: LearnedLimits;
  }) {
    this.#address = parts.address;
    this.#signer = parts.signer;
    this.#control = parts.control;
    this.#quirks = parts.quirks;
    this.#accessHeaders = parts.accessHeaders;
    this.#limits = parts.limits;
  }

  /** @param condition What the server itself is asked to keep, for a `put`. */
  async sign(
    operation: DataOperation,
    condition: WriteCondition,
    signal: AbortSignal,
  ): Promise<SignedOrder> {
    const unconditional = toRequest(operation, this.#address, this.#quirks);
    const plain = {
      ...unconditional,
      headers: {
        ...unconditional.headers,
        ...conditionHeaders(condition),
        ...this.#accessHeaders,
      },
    };
    const { headers, stamp } = await this.#signer.sign(plain, signal);
    this.#stamps.set(operation, stamp);
    if (this.#quirks.refusesChecksums) this.#withChecksums.delete(operation);
    else this.#withChecksums.add(operation);
    if (condition.kind === "any") this.#withCondition.delete(operation);
    else this.#withCondition.add(operation);
    const method: WireRequest["method"] = operation.kind === "get" ? "GET" : "PUT";
    const url = urlOf(this.#address, plain.path, plain.query);
    return { request: { method, url, headers }, expect: expectationOf(operation) };
  }

  readStored(operation: PutOperation, response: WireResponse): Stored {
    this.#signer.clock.observe(response.headers["date"]);
    const etag = response.headers["etag"];
    if (response.status !== 200) throw this.#explain(operation, response);
    if (etag === undefined || etag === "") throw this.#control.unreadable(subjectOf(operation));
    const echo = response.headers["x-amz-checksum-sha256"];
    const sent = hexToBase64(operation.sha256);
    if (echo !== undefined && echo !== sent) {
      throw new LonghaulError("corrupt", "the store has another SHA-256 than was sent");
    }
    return { etag, versionId: pinnable(response.headers), isSha256Kept: echo === sent };
  }

  explainRefusal(operation: GetOperation, response: WireResponse): LonghaulError {
    this.#signer.clock.observe(response.headers["date"]);
    const { status, headers } = response;
    if (status < 200 || status > 299) return this.#explain(operation, response);
    // The server ignored If-Match, or the range; its bytes must not be mixed in.
    const subject = subjectOf(operation);
    if (isOfOther(operation, headers)) {
      return this.#control.explain({ ...response, status: 412 }, subject);
    }
    return this.#control.unreadable(
      subject,
      `${status}, ${headers["content-range"] ?? "no range"}`,
    );
  }

  #explain(operation: DataOperation, response: WireResponse): LonghaulError {
    const subject = subjectOf(operation);
    const refusal = this.#control.explain(response, subject);
    if (this.#learnQuirk(operation, refusal, response)) return retryable(refusal);
    if (operation.kind === "put-part") {
      const explained = this.#limits.explainPart(refusal, operation.number);
      if (explained !== refusal) return explained;
    }
    const stamp = this.#stamps.get(operation);
    return stamp && this.#signer.canSignBetter(refusal, stamp) ? retryable(refusal) : refusal;
  }

  /** True when the next request of this kind will be another one. */
  #learnQuirk(operation: DataOperation, refusal: LonghaulError, response: WireResponse): boolean {
    if (this.#withChecksums.has(operation) && isChecksumRefusal(response)) {
      this.#quirks.refusesChecksums = true;
      return true;
    }
    if (this.#withCondition.has(operation) && isConditionRefusal(response)) {
      this.#quirks.refusesConditions = true;
      return true;
    }
    if (operation.kind === "get") {
      if (refusal.code !== "access-denied" || operation.object.versionId === null) return false;
      if (this.#quirks.deniesVersions) return false;
      this.#quirks.deniesVersions = true;
      return true;
    }
    return false;
  }
}

/** Of a range the answer may say the digest of the whole object, or nothing: only the whole counts. */
export function readSha256(
  { object, range }: GetOperation,
  headers: WireResponse["headers"],
): string | null {
  const isWhole = range === null && partCountOf(object.etag) === null;
  return isWhole ? sha256FromBase64(headers["x-amz-checksum-sha256"]) : null;
}

/** As `readSha256`: what servers say of a range may be of the whole, or of nothing. */
export function readCrc(
  { object, range }: GetOperation,
  headers: WireResponse["headers"],
): WholeCrc | null {
  return range === null ? wholeCrcOf(crcsInHeaders(headers), object.etag) : null;
}

function toRequest(operation: DataOperation, address: S3Address, quirks: Quirks): PlainRequest {
  return {
    method: operation.kind === "get" ? "GET" : "PUT",
    host: address.host,
    path: pathOf(address, keyOf(operation)),
    query: queryOf(operation, quirks),
    headers:
      operation.kind === "get" ? getHeaders(operation, quirks) : putHeaders(operation, quirks),
    payloadSha256: operation.kind === "get" ? EMPTY_SHA256 : operation.sha256,
  };
}

function queryOf(operation: DataOperation, quirks: Quirks): QueryPair[] {
  if (operation.kind === "put") return [];
  if (operation.kind === "get") {
    const { versionId } = operation.object;
    return versionId === null || quirks.deniesVersions ? [] : [["versionId", versionId]];
  }
  return [
    ["partNumber", String(operation.number)],
    ["uploadId", operation.upload.uploadId],
  ];
}

function getHeaders({ object, range }: GetOperation, quirks: Quirks): Record<string, string> {
  return {
    // Bytes as they are stored: a proxy that compresses would change their number.
    "accept-encoding": "identity",
    // A weak ETag matches nothing; the answer's ETag is compared all the same.
    ...(!object.etag.startsWith("W/") && { "if-match": object.etag }),
    ...(range && { range: `bytes=${range.start}-${range.end - 1}` }),
    ...(!range && !quirks.refusesChecksums && { "x-amz-checksum-mode": "ENABLED" }),
  };
}

function putHeaders(operation: PutOperation, quirks: Quirks): Record<string, string> {
  return {
    ...(operation.kind === "put"
      ? attributeHeaders(operation.attributes)
      : { "content-type": "application/octet-stream" }),
    ...(!quirks.refusesChecksums && { "x-amz-checksum-sha256": hexToBase64(operation.sha256) }),
  };
}

function conditionHeaders(condition: WriteCondition): Record<string, string> {
  if (condition.kind === "any") return {};
  return condition.kind === "absent" ? { "if-none-match": "*" } : { "if-match": condition.etag };
}

function expectationOf(operation: DataOperation): Expectation {
  if (operation.kind !== "get") return { status: 200, contentLength: 0, headers: {} };
  const { object, range } = operation;
  const headers = { etag: object.etag };
  if (!range) return { status: 200, contentLength: object.sizeBytes, headers };
  const contentRange = `bytes ${range.start}-${range.end - 1}/${object.sizeBytes}`;
  return {
    status: 206,
    contentLength: lengthOf(range),
    headers: { ...headers, "content-range": contentRange },
  };
}

/** The answer is about another version than the pinned one. */
function isOfOther({ object }: GetOperation, headers: WireResponse["headers"]): boolean {
  const total = /\/(\d+)$/.exec(headers["content-range"] ?? "")?.[1];
  const isOtherSize = total !== undefined && Number(total) !== object.sizeBytes;
  return isOtherSize || (headers["etag"] !== undefined && headers["etag"] !== object.etag);
}

function keyOf(operation: DataOperation): string {
  if (operation.kind === "get") return operation.object.key;
  return operation.kind === "put" ? operation.key : operation.upload.key;
}

function subjectOf(operation: DataOperation): Subject {
  const key = keyOf(operation);
  if (operation.kind === "get") {
    return { action: "s3:GetObject", target: "object", key, isPinned: true };
  }
  // S3 has one permission for both.
  return {
    action: "s3:PutObject",
    target: operation.kind === "put" ? "bucket" : "upload",
    key,
    isReplacing: operation.kind === "put" && operation.condition.kind === "same",
  };
}

/** The version to pin: a bucket without versions says nothing, or the word null. */
export function pinnable(headers: Readonly<Record<string, string>>): string | null {
  const versionId = headers["x-amz-version-id"];
  return versionId === undefined || versionId === "" || versionId === "null" ? null : versionId;
}

export function hexToBase64(hex: string): string {
  return Buffer.from(hex, "hex").toString("base64");
}

/** The same failure as one that the next attempt, sent otherwise, may not meet. */
function retryable(refusal: LonghaulError): LonghaulError {
  return new LonghaulError("server-failed", `${refusal.message}; will be sent otherwise`, {
    details: refusal.details,
    cause: refusal,
  });
}
