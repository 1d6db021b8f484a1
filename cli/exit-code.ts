import { ERROR_TABLE } from "#shared/error-table.ts";
import type { ErrorCode, ErrorInfo } from "#shared/errors.ts";

export function exitCodeOf(code: ErrorCode): number {
  return ERROR_TABLE[code].exitCode;
}

/**
 * The exit code of a transfer that failed in some of its items: what they have in common, else the
 * transfer's own.
 */
export function exitCodeOfItems(own: ErrorInfo, items: readonly (ErrorInfo | null)[]): number {
  const codes = new Set(items.flatMap((error) => (error === null ? [] : [exitCodeOf(error.code)])));
  const [only] = codes;
  return codes.size === 1 && only !== undefined ? only : exitCodeOf(own.code);
}
