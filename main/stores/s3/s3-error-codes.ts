import type { ErrorCode } from "#shared/errors.ts";

/**
 * Codes that mean one thing whatever the status; several servers disagree on statuses.
 * Source: the S3 error list, and the codes of Ceph, MinIO and GCS.
 */
export const BY_CODE: Readonly<Record<string, ErrorCode>> = {
  AccessDenied: "access-denied",
  AccountProblem: "access-denied",
  AllAccessDisabled: "access-denied",
  QuotaExceeded: "access-denied",
  UserSuspended: "access-denied",
  InvalidAccessKeyId: "credentials-wrong",
  InvalidSecurity: "credentials-wrong",
  InvalidToken: "credentials-wrong",
  NotSignedUp: "credentials-wrong",
  SignatureDoesNotMatch: "credentials-wrong",
  ExpiredToken: "credentials-expired",
  ExpiredTokenException: "credentials-expired",
  TokenRefreshRequired: "credentials-expired",
  RequestTimeTooSkewed: "clock-skewed",
  RequestExpired: "clock-skewed",
  NoSuchBucket: "bucket-missing",
  NoSuchKey: "object-missing",
  NoSuchVersion: "object-missing",
  InvalidObjectState: "archived",
  NoSuchUpload: "upload-gone",
  InvalidPart: "upload-gone",
  PreconditionFailed: "conflict",
  BadDigest: "corrupt",
  IncompleteBody: "corrupt",
  InvalidDigest: "corrupt",
  XAmzContentChecksumMismatch: "corrupt",
  XAmzContentSHA256Mismatch: "corrupt",
  BandwidthLimitExceeded: "throttled",
  ReducedRate: "throttled",
  RequestLimitExceeded: "throttled",
  SlowDown: "throttled",
  Throttling: "throttled",
  ThrottlingException: "throttled",
  TooManyRequests: "throttled",
  InternalError: "server-failed",
  OperationAborted: "server-failed",
  ServiceUnavailable: "throttled",
  // The server waited too long for bytes of the body: the line, not the request, was at fault.
  RequestTimeout: "unreachable",
  InvalidBucketName: "invalid",
  KeyTooLongError: "invalid",
};

/** Codes that say, in one way or another, that the bucket lives elsewhere. */
export const REGION_CODES: ReadonlySet<string> = new Set([
  "AuthorizationHeaderMalformed",
  "IllegalLocationConstraintException",
  "PermanentRedirect",
  "TemporaryRedirect",
]);
