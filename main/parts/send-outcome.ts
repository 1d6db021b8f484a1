import type { Receipt } from "#shared/transfer.ts";

/** What either way of sending knows at the end. */
export type SendOutcome = Pick<Receipt, "rung" | "sha256" | "etag" | "versionId" | "partCount"> & {
  /** See `Stored`. */
  readonly isCheckedBefore?: boolean;
};

/** What a receipt says where the store keeps no conditions of writes. */
export const NOTE_CHECKED_BEFORE =
  "not atomic: this store keeps no conditions of writes, so the key was looked at just before";
