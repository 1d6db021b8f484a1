import type { DatabaseSync, StatementSync } from "node:sqlite";

import { bytesOf, numberOf, textOf } from "./columns.ts";

export type ListingQuery = {
  readonly bucket: string;
  readonly prefix: string;
  /** Empty: none. Any string, not only one character. */
  readonly delimiter: string;
  /** Lists what sorts behind this, in UTF-8 bytes. Empty: from the beginning. */
  readonly after: string;
  readonly limit: number;
};

export type ListedObject = {
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly modifiedMs: number;
};

export type Listing = {
  readonly objects: readonly ListedObject[];
  /** Groups of keys that share everything up to the delimiter, which they include. */
  readonly prefixes: readonly string[];
  /** What the next page comes after; absent on the last page. */
  readonly next: string | undefined;
};

/** Lists keys in the order of their UTF-8 bytes, seeking over each group instead of reading it. */
export class Listings {
  readonly #rows: StatementSync;

  constructor(db: DatabaseSync) {
    this.#rows = db.prepare(
      `SELECT key, size, etag, modified_ms FROM objects
        WHERE bucket = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?`,
    );
  }

  page(query: ListingQuery): Listing {
    const objects: ListedObject[] = [];
    const prefixes: string[] = [];
    let last = "";
    // One more than asked for tells whether there is another page.
    for (const found of this.#walk(query)) {
      if (objects.length + prefixes.length === query.limit)
        return { objects, prefixes, next: last };
      if (typeof found === "string") prefixes.push(found);
      else objects.push(found);
      last = typeof found === "string" ? found : found.key;
    }
    return { objects, prefixes, next: undefined };
  }

  /** Objects and groups in order, from `after` on. */
  *#walk(query: ListingQuery): Generator<ListedObject | string> {
    const prefix = Buffer.from(query.prefix);
    const end = query.prefix === "" ? PAST_ALL_KEYS : successor(prefix);
    let seek: Buffer | undefined = firstKey(query, prefix);
    while (seek !== undefined) {
      const start: Buffer = seek;
      seek = undefined;
      for (const row of this.#rows.iterate(query.bucket, start, end, query.limit + 1)) {
        const key = bytesOf(row, "key");
        const group = groupOf(key, prefix.length, query.delimiter);
        if (group !== undefined) {
          yield group.toString("utf8");
          seek = successor(group);
          break;
        }
        yield {
          key: key.toString("utf8"),
          sizeBytes: numberOf(row, "size"),
          etag: textOf(row, "etag"),
          modifiedMs: numberOf(row, "modified_ms"),
        };
      }
    }
  }
}

/** 0xFF never begins UTF-8. */
const PAST_ALL_KEYS = Buffer.from([0xff]);

/** The smallest bytes that sort behind everything that begins with these. */
function successor(bytes: Buffer): Buffer {
  const next = Buffer.from(bytes);
  // No byte of UTF-8 is 0xFF, so the last one can always be raised.
  next.writeUInt8((next.at(-1) ?? 0) + 1, next.length - 1);
  return next;
}

/** A marker that is itself a group stands for all of it, as the last entry of a page does. */
function firstKey(query: ListingQuery, prefix: Buffer): Buffer {
  const after = Buffer.from(query.after);
  if (after.length === 0 || after.compare(prefix) < 0) return prefix;
  if (after.subarray(0, prefix.length).equals(prefix)) {
    const group = groupOf(after, prefix.length, query.delimiter);
    if (group !== undefined && group.equals(after)) return successor(group);
  }
  return Buffer.concat([after, Buffer.from([0])]);
}

function groupOf(key: Buffer, prefixLength: number, delimiter: string): Buffer | undefined {
  if (delimiter === "") return undefined;
  const at = key.indexOf(delimiter, prefixLength, "utf8");
  return at === -1 ? undefined : key.subarray(0, at + Buffer.byteLength(delimiter));
}
