import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { ByteRange } from "../protocol/range.ts";
import { numberOf, optionalTextOf, textOf } from "./columns.ts";
import type { Row } from "./columns.ts";
import type { Garbage } from "./garbage.ts";

export type PartRecord = {
  /** From 1. */
  readonly number: number;
  /** Offset in the finished object; 0 until Complete. */
  readonly startBytes: number;
  readonly sizeBytes: number;
  readonly file: string;
  /** Hex. */
  readonly md5: string;
  /** Base64, by the algorithm of the upload or object. */
  readonly checksum: string | undefined;
  readonly modifiedMs: number;
};

/** The rows that say which files hold the bytes of an object, or of an upload, in which order. */
export class Parts {
  readonly #find: StatementSync;
  readonly #page: StatementSync;
  readonly #inRange: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #deleteAll: StatementSync;
  readonly #garbage: Garbage;

  constructor(db: DatabaseSync, garbage: Garbage) {
    this.#find = db.prepare("SELECT * FROM parts WHERE content = ? AND number = ?");
    this.#page = db.prepare(
      "SELECT * FROM parts WHERE content = ? AND number > ? ORDER BY number LIMIT ?",
    );
    this.#inRange = db.prepare(
      `SELECT * FROM parts WHERE content = :content AND start < :end
          AND start >= ifnull((SELECT max(start) FROM parts
                                WHERE content = :content AND start <= :start), 0)
        ORDER BY start`,
    );
    this.#put = db.prepare("INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    this.#delete = db.prepare("DELETE FROM parts WHERE content = ? AND number = ?");
    this.#deleteAll = db.prepare("DELETE FROM parts WHERE content = ?");
    this.#garbage = garbage;
  }

  find(content: string, number: number): PartRecord | undefined {
    const row = this.#find.get(content, number);
    return row === undefined ? undefined : readPart(row);
  }

  /** Up to `limit` parts with a number above `after`, in order. */
  page(content: string, after: number, limit: number): PartRecord[] {
    return this.#page.all(content, after, limit).map(readPart);
  }

  all(content: string): PartRecord[] {
    return this.page(content, 0, -1);
  }

  /** The parts of a finished object that hold bytes of `range`, in order. */
  inRange(content: string, range: ByteRange): PartRecord[] {
    return this.#inRange
      .all({ content, start: range.start, end: range.end })
      .map(readPart)
      .filter((part) => part.sizeBytes > 0);
  }

  /** Adds or replaces a part. Inside a transaction. */
  put(content: string, part: PartRecord): void {
    const previous = this.find(content, part.number);
    if (previous !== undefined && previous.file !== part.file) this.#garbage.add(previous.file);
    this.#put.run(
      content,
      part.number,
      part.startBytes,
      part.sizeBytes,
      part.file,
      part.md5,
      part.checksum ?? null,
      part.modifiedMs,
    );
  }

  /** Removes one part and lets its file go. Inside a transaction. */
  delete(content: string, part: PartRecord): void {
    this.#garbage.add(part.file);
    this.#delete.run(content, part.number);
  }

  /** Removes all parts and lets their files go. Inside a transaction. */
  deleteAll(content: string): void {
    for (const part of this.all(content)) this.#garbage.add(part.file);
    this.#deleteAll.run(content);
  }
}

function readPart(row: Row): PartRecord {
  return {
    number: numberOf(row, "number"),
    startBytes: numberOf(row, "start"),
    sizeBytes: numberOf(row, "size"),
    file: textOf(row, "file"),
    md5: textOf(row, "md5"),
    checksum: optionalTextOf(row, "checksum"),
    modifiedMs: numberOf(row, "modified_ms"),
  };
}
