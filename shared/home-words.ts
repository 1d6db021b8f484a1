import type { ErrorInfo } from "./errors.ts";

/** Why nothing goes on, when the list of transfers itself cannot be written, and what comes next. */
export function homeTroubleWords({ code, details }: ErrorInfo): {
  readonly what: string;
  readonly next: string;
} {
  const disk = details.path === undefined ? "its disk" : `the disk of ${details.path}`;
  return code === "disk-full"
    ? {
        what: `The list of transfers cannot be written, ${disk} is full.`,
        next: "What was moved is kept. All goes on by itself when there is room; free up space there.",
      }
    : {
        what: `The list of transfers cannot be written, ${disk} does not take it.`,
        next: "What was moved is kept. It is tried again by itself; see to that disk.",
      };
}
