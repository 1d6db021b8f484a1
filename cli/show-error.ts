import { ERROR_TABLE } from "#shared/error-table.ts";
import type { ErrorContext } from "#shared/error-words.ts";
import { explainError } from "#shared/error-words.ts";
import type { ErrorCode, ErrorInfo } from "#shared/errors.ts";
import { showText } from "./quote.ts";
import type { Terminal } from "./terminal.ts";

/** What happened, why, and what to do, on standard error; or one JSON line on standard output. */
export function showError(
  info: ErrorInfo,
  terminal: Terminal,
  json: boolean,
  context: ErrorContext = {},
): void {
  if (json) terminal.out(JSON.stringify({ type: "error", ...describeError(info, context) }));
  else terminal.err(sentencesOf(info, context));
}

/** Of a wrong command the first sentence says all that there is to say. */
const SAID_AT_ONCE: ReadonlySet<ErrorCode> = new Set(["invalid", "unsupported"]);

/** One line: `NO_BUCKET: There is no bucket … .` */
export function sentencesOf(info: ErrorInfo, context: ErrorContext = {}): string {
  const { what, why, todo } = explainError(info, context);
  const sentences = (SAID_AT_ONCE.has(info.code) ? [what] : [what, why, todo])
    .filter((sentence) => sentence !== "")
    .join(" ");
  return showText(`${ERROR_TABLE[info.code].name}: ${sentences}`);
}

/** An error for scripts; fields are added to, never changed. */
export function describeError(
  info: ErrorInfo,
  context: ErrorContext = {},
): Record<string, unknown> {
  const { what, why, todo } = explainError(info, context);
  return {
    code: info.code,
    name: ERROR_TABLE[info.code].name,
    what,
    why,
    todo,
    details: info.details,
  };
}
