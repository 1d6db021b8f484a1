import type { ErrorCode, ErrorInfo } from "#shared/errors.ts";
import type { Cause, ConflictAnswer, Direction, Receipt } from "#shared/transfer.ts";
import type { Entry } from "../cache/entry.ts";
import { isHeld } from "#shared/disk-words.ts";
import { NO_DESCRIPTOR_CODES } from "../disk/open-patiently.ts";

/** What a sync counts of an item: it moved or would, it was deleted or would be, it was equal. */
export type SyncDeed = "move" | "delete" | "same";

/** How one item ended this time. */
export type ItemOutcome =
  | {
      readonly kind: "done";
      readonly receipt: Receipt;
      readonly note: string | null;
      readonly entry?: Entry | null;
    }
  | {
      readonly kind: "skipped";
      readonly note: string;
      /** The file that was found to be a copy of the object. */
      readonly entry?: Entry | null;
      /** Something else has its place, and that is to be left. */
      readonly isOther?: true;
    }
  /** Of a dry run: it would move. */
  | { readonly kind: "would-move"; readonly note: string }
  | { readonly kind: "asking" }
  | { readonly kind: "failed"; readonly error: ErrorInfo };

/** How a run of a transfer ended, when nobody stopped it. */
export type RunOutcome =
  | { readonly kind: "finished" }
  /** Items came back to waiting just when all seemed to be over. */
  | { readonly kind: "unfinished" }
  | { readonly kind: "paused"; readonly cause: Cause; readonly error: ErrorInfo | null }
  | { readonly kind: "failed"; readonly error: ErrorInfo };

/** Failures that rest the whole transfer, because every other item would meet them too. */
const PAUSES: ReadonlyMap<ErrorCode, Cause> = new Map([
  ["disk-full", "disk"],
  ["folder-missing", "folder-missing"],
  ["folder-denied", "disk"],
  ["credentials-missing", "credentials"],
  ["credentials-wrong", "credentials"],
  ["credentials-expired", "credentials"],
]);

/** Failures that end the whole transfer. Those of the network get here only when given up. */
const ENDS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "access-denied",
  "bucket-missing",
  "clock-skewed",
  "profile-missing",
  "protocol",
  "proxy-refused",
  "server-failed",
  "throttled",
  "unknown-host",
  "unreachable",
  "unsupported",
  "untrusted-certificate",
  "wrong-region",
  "disk-failed",
]);

/** What an item's failure means for the whole transfer; null: the others go on. */
export function outcomeForAll(error: ErrorInfo, direction: Direction): RunOutcome | null {
  const cause = isOfDisk(error, direction) ? "disk" : PAUSES.get(error.code);
  if (cause !== undefined) return { kind: "paused", cause, error };
  if (isOfOneFile(error)) return null;
  return ENDS.has(error.code) ? { kind: "failed", error } : null;
}

/** A disk that does not write now may do so later; so may what another program holds be let go of. */
function isOfDisk(error: ErrorInfo, direction: Direction): boolean {
  if (error.code === "path-denied") return isHeld(error.details);
  if (error.code !== "disk-failed") return false;
  const code = error.details.cause ?? "";
  // The disk did not give the bytes: it may when asked again, and nothing is made up meanwhile.
  const isPassing = NO_DESCRIPTOR_CODES.has(code) || code === "EIO";
  return isPassing || (direction === "download" && !isOfOneFile(error));
}

/** A file that is too long for the file system says nothing of the others. */
function isOfOneFile({ code, details }: ErrorInfo): boolean {
  return code === "disk-failed" && details.cause === "EFBIG";
}

const GO_ON: ReadonlySet<Cause> = new Set([
  "schedule",
  "limit",
  "offline",
  "disk",
  "folder-missing",
  "credentials",
  "crashed",
]);

/** Whether a pause for it may end without a word of a person. */
export function endsByItself(cause: Cause): boolean {
  return GO_ON.has(cause);
}

/** Pauses that end by themselves once the disk can: `DiskWatch` looks. */
export function isForDisk(cause: Cause): boolean {
  return cause === "disk" || cause === "folder-missing";
}

export type ConflictDecision = "ask" | "skip" | "replace" | "keep-both" | "fail";

/** What to do about other content at the destination: an answer counts before the rule. */
export function decideConflict(
  rule: ConflictDecision,
  answer: ConflictAnswer | null,
): ConflictDecision {
  return answer ?? rule;
}

/** `model.bin` → `model (2).bin`; keeps a folder part and a double suffix such as `.tar.gz` whole. */
export function otherName(name: string, n: number): string {
  const slash = name.lastIndexOf("/") + 1;
  const base = name.slice(slash);
  const suffix = /(?:\.tar)?\.[^.]{1,12}$/u.exec(base.slice(1))?.[0] ?? "";
  return `${name.slice(0, slash)}${base.slice(0, base.length - suffix.length)} (${n})${suffix}`;
}
