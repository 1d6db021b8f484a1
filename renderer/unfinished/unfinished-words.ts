import type { HostInfo } from "#shared/contract.ts";
import type { UnfinishedTransfer } from "#shared/unfinished.ts";
import { formatCount } from "../common/byte-figures.ts";
import { clockText } from "../common/clock-text.ts";
import { homePath } from "../common/home-path.ts";

const DAY_MS = 24 * 3_600_000;

/** What all pieces together hold and would be; `isOpen`: there are more than are named. */
export function amountHeld({ pieces, pieceCount }: UnfinishedTransfer) {
  return {
    heldBytes: pieces.reduce((sum, piece) => sum + piece.heldBytes, 0),
    sizeBytes: pieces.reduce((sum, piece) => sum + piece.sizeBytes, 0),
    isOpen: pieceCount > pieces.length,
  };
}

/** `checkpoints/step/optimizer.pt`: of several, the first. */
export function placeOf({ pieces }: UnfinishedTransfer, host: HostInfo | null): string {
  const [first] = pieces;
  if (!first) return "";
  return first.kind === "upload" ? `${first.bucket}/${first.key}` : homePath(first.path, host);
}

/** ` and 3 more`, after the place; empty where that is all. */
export function othersOf({ pieceCount }: UnfinishedTransfer): string {
  return pieceCount > 1 ? ` and ${formatCount(pieceCount - 1)} more` : "";
}

const STATE_WORDS = {
  queued: "in the queue",
  paused: "paused",
  failed: "failed",
  canceled: "canceled, kept",
} as const;

export function stateOf({ phase, isRemoving }: UnfinishedTransfer): string {
  return isRemoving ? "canceled, waits for the store to let go of it" : STATE_WORDS[phase];
}

/** `today`, `2 days`, `6 weeks`, by its oldest piece. */
export function ageOf({ pieces, createdAtMs }: UnfinishedTransfer, nowMs: number): string {
  const begun = pieces.map((piece) => (piece.kind === "upload" ? piece.startedAtMs : createdAtMs));
  const days = Math.floor(Math.max(0, nowMs - Math.min(...begun, createdAtMs)) / DAY_MS);
  if (days === 0) return "today";
  if (days < 14) return days === 1 ? "1 day" : `${days} days`;
  return `${Math.floor(days / 7)} weeks`;
}

/** When the store aborts the first of it by itself; null where it does not, or did not say. */
export function expiryOf({ pieces }: UnfinishedTransfer, nowMs: number): string | null {
  const ends = pieces.flatMap((piece) =>
    piece.kind === "upload" && piece.expiresAtMs !== null ? [piece.expiresAtMs] : [],
  );
  if (ends.length === 0) return null;
  const endMs = Math.min(...ends);
  return endMs > nowMs ? `expires ${clockText(endMs, nowMs)}` : "may have expired";
}
