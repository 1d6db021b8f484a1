import type { ItemAtWork } from "./item-at-work.ts";
import type { ItemResume } from "./item-record.ts";

/** The note of an item that was read back and is the same. */
export const READ_BACK = "read back, equal";

export function isReadBackWished({ run, row }: ItemAtWork): boolean {
  return run.ports.book.get(row.transferId).counters.isReadBack;
}

export function savedAs({ otherName }: Pick<ItemResume, "otherName">): string | null {
  return otherName === null ? null : `saved as ${otherName}`;
}

/** What is to be said of one item, in one note. */
export function joinNotes(...notes: readonly (string | null)[]): string | null {
  return notes.filter((note) => note !== null).join("; ") || null;
}
