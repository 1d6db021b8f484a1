import type { Receipt } from "#shared/transfer.ts";

/** What either way of sending knows at the end. */
export type SendOutcome = Pick<
  Receipt,
  "rung" | "sha256" | "etag" | "versionId" | "partCount" | "notes"
>;

/** On the receipt of what a server took that does not keep conditions. */
const NOTE_UNGUARDED =
  "not atomic: this server cannot refuse to replace an object, so the name was looked at just before";

export function notesOf({ isUnguarded = false }: { readonly isUnguarded?: boolean }): string[] {
  return isUnguarded ? [NOTE_UNGUARDED] : [];
}
