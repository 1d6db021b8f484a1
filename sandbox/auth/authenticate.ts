import { S3Error } from "../protocol/s3-error.ts";
import type { QueryPair, Target } from "../protocol/target.ts";
import type { ChunkSigning } from "./chunk-signing.ts";
import {
  canonicalRequest,
  isSameSecret,
  parseTimestamp,
  scopeText,
  signature,
  signingKey,
  stringToSign,
} from "./sigv4.ts";
import type { Scope } from "./sigv4.ts";

export type Keys = { readonly accessKeyId: string; readonly secretAccessKey: string };

/** What the server checks requests against. */
export type Gate = {
  readonly keys: Keys;
  readonly region: string;
  readonly nowMs: () => number;
  /** How far a signature's time may be off; 15 minutes unless told. */
  readonly maxSkewMs?: number | undefined;
};

export type UnauthenticatedRequest = {
  readonly method: string;
  readonly target: Target;
  /** Lower-case names; repeated headers joined with commas. */
  readonly headers: ReadonlyMap<string, string>;
};

/** What the signature said about the body. */
export type Authenticated = {
  /** Value of `x-amz-content-sha256`: 64 hex digits or a placeholder. */
  readonly payloadHash: string;
  /** Where the chain of chunk signatures starts, for the STREAMING-… placeholders. */
  readonly chunks: ChunkSigning;
};

const MAX_SKEW_MS = 15 * 60_000;
const MAX_EXPIRES_SECONDS = 7 * 24 * 3600;
const ALGORITHM = "AWS4-HMAC-SHA256";
const UNSIGNED = "UNSIGNED-PAYLOAD";

/** One claim to be who the key says, wherever it was written. */
type Claim = {
  readonly accessKeyId: string;
  readonly scope: Scope;
  readonly timestamp: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly payloadHash: string;
  /** The query less the signature itself. */
  readonly query: readonly QueryPair[];
  readonly expiresSeconds: number | undefined;
};

/**
 * Checks SigV4 in the Authorization header or in the query.
 *
 * @throws {S3Error} AccessDenied, InvalidAccessKeyId, SignatureDoesNotMatch,
 *   RequestTimeTooSkewed, AuthorizationHeaderMalformed, AuthorizationQueryParametersError.
 */
export function authenticate(request: UnauthenticatedRequest, gate: Gate): Authenticated {
  const claim = readClaim(request);
  if (!isSameSecret(claim.accessKeyId, gate.keys.accessKeyId)) {
    throw new S3Error("InvalidAccessKeyId", undefined, { AWSAccessKeyId: claim.accessKeyId });
  }
  checkScope(claim, gate.region);
  checkTime(claim, gate);
  checkSignedHeaders(claim, request.headers);
  const key = signingKey(gate.keys.secretAccessKey, claim.scope);
  const canonical = canonicalRequest({
    method: request.method,
    path: request.target.path,
    query: claim.query,
    headers: request.headers,
    signedHeaders: claim.signedHeaders,
    payloadHash: claim.payloadHash,
  });
  const text = stringToSign(claim.timestamp, claim.scope, canonical);
  if (!isSameSecret(signature(key, text), claim.signature)) {
    throw new S3Error("SignatureDoesNotMatch", undefined, {
      AWSAccessKeyId: claim.accessKeyId,
      StringToSign: text,
      SignatureProvided: claim.signature,
      CanonicalRequest: canonical,
    });
  }
  return {
    payloadHash: claim.payloadHash,
    chunks: {
      key,
      timestamp: claim.timestamp,
      scope: scopeText(claim.scope),
      seed: claim.signature,
    },
  };
}

function readClaim(request: UnauthenticatedRequest): Claim {
  const header = request.headers.get("authorization");
  const query = new Map(request.target.query);
  if (header !== undefined) return readHeaderClaim(header, request);
  if (query.has("X-Amz-Algorithm") || query.has("X-Amz-Signature")) {
    return readQueryClaim(query, request);
  }
  throw new S3Error("AccessDenied");
}

/** `AWS4-HMAC-SHA256 Credential=AK/20130524/us-east-1/s3/aws4_request, SignedHeaders=…, Signature=…` */
function readHeaderClaim(header: string, request: UnauthenticatedRequest): Claim {
  const [algorithm, rest = ""] = header.split(/ (.*)/s);
  if (algorithm !== ALGORITHM) {
    throw new S3Error("InvalidRequest", `Please use ${ALGORITHM}; older signatures are refused.`);
  }
  const fields = new Map(
    rest.split(",").map((field): [string, string] => {
      const [name = "", value = ""] = field.trim().split(/=(.*)/s);
      return [name, value];
    }),
  );
  const payloadHash = request.headers.get("x-amz-content-sha256");
  if (payloadHash === undefined) {
    throw new S3Error("InvalidRequest", "Missing required header: x-amz-content-sha256");
  }
  const malformed = (what: string): S3Error =>
    new S3Error("AuthorizationHeaderMalformed", `The authorization header is malformed: ${what}.`);
  return {
    ...readCredential(fields.get("Credential") ?? "", malformed),
    timestamp: headerTimestamp(request.headers),
    signedHeaders: readSignedHeaders(fields.get("SignedHeaders"), malformed),
    signature: fields.get("Signature") ?? "",
    payloadHash,
    query: request.target.query,
    expiresSeconds: undefined,
  };
}

function readQueryClaim(
  query: ReadonlyMap<string, string>,
  request: UnauthenticatedRequest,
): Claim {
  const malformed = (what: string): S3Error =>
    new S3Error("AuthorizationQueryParametersError", `Error in the query parameters: ${what}.`);
  if (query.get("X-Amz-Algorithm") !== ALGORITHM) {
    throw malformed(`X-Amz-Algorithm only supports ${ALGORITHM}`);
  }
  const expiresSeconds = Number(query.get("X-Amz-Expires") ?? Number.NaN);
  if (!(expiresSeconds >= 0 && expiresSeconds <= MAX_EXPIRES_SECONDS)) {
    throw malformed("X-Amz-Expires must be between 0 and 604800 seconds");
  }
  return {
    ...readCredential(query.get("X-Amz-Credential") ?? "", malformed),
    timestamp: query.get("X-Amz-Date") ?? "",
    signedHeaders: readSignedHeaders(query.get("X-Amz-SignedHeaders"), malformed),
    signature: query.get("X-Amz-Signature") ?? "",
    payloadHash:
      query.get("X-Amz-Content-Sha256") ?? request.headers.get("x-amz-content-sha256") ?? UNSIGNED,
    query: request.target.query.filter(([name]) => name !== "X-Amz-Signature"),
    expiresSeconds,
  };
}

type Malformed = (what: string) => S3Error;

/** Access key ids may hold slashes, so the scope is counted from the right. */
function readCredential(
  text: string,
  malformed: Malformed,
): { readonly accessKeyId: string; readonly scope: Scope } {
  const fields = text.split("/");
  const [date, region, service, terminator] = fields.slice(-4);
  if (fields.length < 5 || terminator !== "aws4_request" || service !== "s3") {
    throw malformed(
      "the Credential is mal-formed; expecting <key>/<date>/<region>/s3/aws4_request",
    );
  }
  return {
    accessKeyId: fields.slice(0, -4).join("/"),
    scope: { date: date ?? "", region: region ?? "", service },
  };
}

function readSignedHeaders(text: string | undefined, malformed: Malformed): readonly string[] {
  const names = (text ?? "").split(";").filter((name) => name !== "");
  if (!names.includes("host")) throw malformed("SignedHeaders must include host");
  return names;
}

function headerTimestamp(headers: ReadonlyMap<string, string>): string {
  const amzDate = headers.get("x-amz-date");
  if (amzDate !== undefined) return amzDate;
  const dateMs = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(dateMs)) {
    throw new S3Error("AccessDenied", "AWS authentication requires a valid Date or x-amz-date.");
  }
  return new Date(dateMs).toISOString().replace(/[-:]|\.\d{3}/g, "");
}

function checkScope(claim: Claim, region: string): void {
  const inQuery = claim.expiresSeconds !== undefined;
  const code = inQuery ? "AuthorizationQueryParametersError" : "AuthorizationHeaderMalformed";
  if (claim.scope.region !== region) {
    const message = `The region '${claim.scope.region}' is wrong; expecting '${region}'`;
    throw new S3Error(code, message, { Region: region });
  }
  if (!claim.timestamp.startsWith(claim.scope.date)) {
    throw new S3Error(code, "The date of the credential differs from the date of the request.");
  }
}

function checkTime(claim: Claim, { nowMs: readClock, maxSkewMs = MAX_SKEW_MS }: Gate): void {
  const nowMs = readClock();
  const requestMs = parseTimestamp(claim.timestamp);
  if (Number.isNaN(requestMs)) {
    throw new S3Error("AccessDenied", "AWS authentication requires a valid Date or x-amz-date.");
  }
  const skewed =
    requestMs - nowMs > maxSkewMs ||
    (claim.expiresSeconds === undefined && nowMs - requestMs > maxSkewMs);
  if (skewed) {
    throw new S3Error("RequestTimeTooSkewed", undefined, {
      RequestTime: claim.timestamp,
      ServerTime: new Date(nowMs).toISOString(),
      MaxAllowedSkewMilliseconds: String(maxSkewMs),
    });
  }
  if (claim.expiresSeconds !== undefined && nowMs > requestMs + claim.expiresSeconds * 1000) {
    throw new S3Error("AccessDenied", "Request has expired", {
      "X-Amz-Expires": String(claim.expiresSeconds),
      Expires: new Date(requestMs + claim.expiresSeconds * 1000).toISOString(),
      ServerTime: new Date(nowMs).toISOString(),
    });
  }
}

/** An x-amz- header outside the signature could have been added on the way. */
function checkSignedHeaders(claim: Claim, headers: ReadonlyMap<string, string>): void {
  const unsigned = [...headers.keys()]
    .filter((name) => name.startsWith("x-amz-") && name !== "x-amz-content-sha256")
    .filter((name) => !claim.signedHeaders.includes(name));
  if (unsigned.length === 0) return;
  throw new S3Error("AccessDenied", "There were headers present in the request not signed", {
    HeadersNotSigned: unsigned.join(", "),
  });
}
