import { z } from "zod";

/**
 * Every failure a person can meet: one code for each thing a person, or a retry, can do differently.
 * The code is the contract; `error-words.ts` has the words, `error-table.ts` the exit codes.
 */
export const ErrorCode = z.enum([
  "invalid",
  "unsupported",
  "path-missing",
  "path-denied",
  "path-unsafe",
  "folder-missing",
  /** The folder takes nothing: the disk or its permissions let it only be read. */
  "folder-denied",
  "disk-full",
  "disk-failed",
  "source-changed",
  "profile-missing",
  "credentials-missing",
  "credentials-wrong",
  "credentials-expired",
  "access-denied",
  "clock-skewed",
  "wrong-region",
  "bucket-missing",
  "object-missing",
  "object-changed",
  "archived",
  "upload-gone",
  "conflict",
  "unknown-host",
  "unreachable",
  "untrusted-certificate",
  "proxy-refused",
  "throttled",
  "server-failed",
  "protocol",
  "corrupt",
  /** An archive that is broken, or that unpacking must not trust: nothing of it was put in place. */
  "bad-archive",
  "items-failed",
  "locked",
  "canceled",
  "internal",
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

/** What an error is about, as far as it is known; the words are made from it. Never a secret. */
export const ErrorDetails = z.strictObject({
  profile: z.string().optional(),
  /** Scheme, host and port, without user information. */
  endpoint: z.string().optional(),
  bucket: z.string().optional(),
  key: z.string().optional(),
  /** Local path. */
  path: z.string().optional(),
  /** The name of what is in an archive, as the archive has it. */
  entry: z.string().optional(),
  /** What was attempted, as the server names it: `s3:PutObject`. */
  action: z.string().optional(),
  /** The region the bucket lives in. */
  region: z.string().optional(),
  /** The region that was asked. */
  askedRegion: z.string().optional(),
  neededBytes: z.number().optional(),
  freeBytes: z.number().optional(),
  /** Seconds by which this machine's clock is ahead of the server's; negative is behind. */
  clockAheadSeconds: z.number().optional(),
  /** Milliseconds the server asked to wait. */
  retryAfterMs: z.number().optional(),
  /** HTTP status. */
  status: z.int().optional(),
  /** The server's own code, `SlowDown`, or the system's, `ECONNREFUSED`. */
  cause: z.string().optional(),
  requestId: z.string().optional(),
  /** How an answer began that is not the server's own: a proxy's page, say. Without secrets. */
  evidence: z.string().optional(),
  /** How many items, of a transfer that failed in part. */
  count: z.int().optional(),
  /** The highest number of a part that the server takes, where it says so. */
  mostParts: z.int().optional(),
  /** Who holds the home's lock. */
  holder: z.string().optional(),
});
export type ErrorDetails = z.infer<typeof ErrorDetails>;

/** An error as it crosses a process boundary, where classes do not survive. */
export const ErrorInfo = z.strictObject({
  code: ErrorCode,
  /** For logs, in English, without secrets; people are shown `explainError`. */
  message: z.string(),
  details: ErrorDetails,
});
export type ErrorInfo = z.infer<typeof ErrorInfo>;

/** Every error Longhaul throws on purpose. Anything else is a bug. */
export class LonghaulError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: ErrorDetails; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }

  /** Built from the code, because a bundler may rename the class. */
  override get name(): string {
    return `LonghaulError [${this.code}]`;
  }

  /** The same failure, with what the thrower could not know. What is already said stays. */
  withDetails(details: ErrorDetails): LonghaulError {
    return new LonghaulError(this.code, this.message, {
      details: { ...details, ...this.details },
      cause: this.cause,
    });
  }
}

/** Codes after which the same request may succeed later without anyone changing anything. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set([
  "unknown-host",
  "unreachable",
  "throttled",
  "server-failed",
  "protocol",
  "corrupt",
]);

export function isRetryable(code: ErrorCode): boolean {
  return RETRYABLE.has(code);
}

/** True for what an `AbortSignal` throws: a wish, not a failure. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === "AbortError";
}

/** Flattens any thrown value to data. What is not ours is a bug, and is never retried. */
export function toErrorInfo(thrown: unknown): ErrorInfo {
  if (thrown instanceof LonghaulError) {
    return { code: thrown.code, message: thrown.message, details: thrown.details };
  }
  if (isAbort(thrown)) return { code: "canceled", message: "canceled", details: {} };
  return { code: "internal", message: String(thrown), details: {} };
}

/** Back from data, at the caller's side of a boundary. */
export function fromErrorInfo(info: ErrorInfo): LonghaulError {
  return new LonghaulError(info.code, info.message, { details: info.details });
}
