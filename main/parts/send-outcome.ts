import type { Receipt } from "#shared/transfer.ts";

/** What either way of sending knows at the end. */
export type SendOutcome = Pick<Receipt, "rung" | "sha256" | "etag" | "versionId" | "partCount">;
