import type { ErrorCode } from "./errors.ts";

type ErrorRow = {
  /** Exit code of the command line, `reference/ux.md` §5. */
  readonly exitCode: number;
  /** The name in the product's error catalogue. */
  readonly name: string;
};

/** What every code means outside the engine. A new code does not compile until it has a row. */
export const ERROR_TABLE: Readonly<Record<ErrorCode, ErrorRow>> = {
  invalid: { exitCode: 2, name: "USAGE" },
  unsupported: { exitCode: 2, name: "UNSUPPORTED" },
  "path-missing": { exitCode: 3, name: "PATH_MISSING" },
  "path-denied": { exitCode: 3, name: "PATH_DENIED" },
  "path-unsafe": { exitCode: 3, name: "PATH_UNSAFE" },
  "folder-missing": { exitCode: 3, name: "FOLDER_MISSING" },
  "folder-denied": { exitCode: 3, name: "FOLDER_DENIED" },
  "disk-full": { exitCode: 8, name: "DISK_LOW" },
  "disk-failed": { exitCode: 1, name: "DISK_FAILED" },
  "source-changed": { exitCode: 1, name: "SOURCE_CHANGED" },
  "profile-missing": { exitCode: 3, name: "PROFILE_MISSING" },
  "credentials-missing": { exitCode: 6, name: "AUTH_MISSING" },
  "credentials-wrong": { exitCode: 6, name: "AUTH_WRONG" },
  "credentials-expired": { exitCode: 6, name: "AUTH_EXPIRED" },
  "access-denied": { exitCode: 6, name: "AUTH_DENIED" },
  "clock-skewed": { exitCode: 6, name: "CLOCK_SKEW" },
  "wrong-region": { exitCode: 3, name: "REGION" },
  "bucket-missing": { exitCode: 4, name: "NO_BUCKET" },
  "object-missing": { exitCode: 4, name: "NO_OBJECT" },
  "object-changed": { exitCode: 1, name: "OBJECT_CHANGED" },
  archived: { exitCode: 1, name: "ARCHIVED" },
  "upload-gone": { exitCode: 5, name: "UPLOAD_GONE" },
  conflict: { exitCode: 11, name: "CONFLICT" },
  "unknown-host": { exitCode: 5, name: "NET_UNKNOWN_HOST" },
  unreachable: { exitCode: 5, name: "NET_UNREACHABLE" },
  "untrusted-certificate": { exitCode: 5, name: "TLS_UNTRUSTED" },
  "proxy-refused": { exitCode: 3, name: "PROXY" },
  throttled: { exitCode: 5, name: "THROTTLED" },
  "server-failed": { exitCode: 5, name: "SERVER_FAILED" },
  protocol: { exitCode: 5, name: "NOT_S3" },
  corrupt: { exitCode: 7, name: "CHECKSUM" },
  "bad-archive": { exitCode: 1, name: "BAD_ARCHIVE" },
  "items-failed": { exitCode: 1, name: "ITEMS_FAILED" },
  locked: { exitCode: 12, name: "LOCKED" },
  canceled: { exitCode: 130, name: "CANCELED" },
  internal: { exitCode: 1, name: "BUG" },
};
