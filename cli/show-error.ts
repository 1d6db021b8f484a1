import { ERROR_TABLE } from "#shared/error-table.ts";
import { explainError } from "#shared/error-words.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import { showText } from "./quote.ts";
import type { Terminal } from "./terminal.ts";

/** What happened, why, and what to do, on standard error; or one JSON line on standard output. */
export function showError(info: ErrorInfo, terminal: Terminal, json: boolean): void {
  if (json) terminal.out(JSON.stringify({ type: "error", ...describeError(info) }));
  else terminal.err(sentencesOf(info));
}

/** One line: `NO_BUCKET: There is no bucket … .` */
export function sentencesOf(info: ErrorInfo): string {
  const { what, why, todo } = explainError(info);
  const sentences = [what, why, todo].filter((sentence) => sentence !== "").join(" ");
  return showText(`${ERROR_TABLE[info.code].name}: ${sentences}`);
}

/** An error for scripts; fields are added to, never changed. */
export function describeError(info: ErrorInfo): Record<string, unknown> {
  const { what, why, todo } = explainError(info);
  return {
    code: info.code,
    name: ERROR_TABLE[info.code].name,
    what,
    why,
    todo,
    details: info.details,
  };
}
