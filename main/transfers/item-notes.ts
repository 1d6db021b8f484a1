import type { ItemAtWork } from "./item-at-work.ts";
import type { ItemResume } from "./item-record.ts";

/** The note of an item that was read back and is the same. */
export const READ_BACK = "read back, equal";

/** The note of an item whose place something else has, which is to be left. */
export const OTHER_THERE = "other content is there";

/** Notes of what a dry run finds. */
export const WOULD_SEND = "would be uploaded";
export const WOULD_FETCH = "would be downloaded";
export const WOULD_DELETE = "would be deleted";

/** Notes of what a sync deleted, or left because it is another one by now. */
export const DELETED = "deleted";
export const DELETED_KEEPING_VERSIONS = "deleted; earlier versions stay";
export const CHANGED_SINCE = "changed since it was to be deleted, left as it is";
export const ARRIVED_SINCE = "came from there since, left as it is";
export const BACK_AGAIN = "is at the source again, left as it is";

/** A note of a file that was made of a copy, and what is said of it where nobody may know which. */
export const MADE_OF = "Made of the copy at ";
export const MADE_OF_SOME = "Made of a copy on this machine, and compared.";

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
