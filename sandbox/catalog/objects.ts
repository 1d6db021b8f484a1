import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { Checksum } from "../bodies/checksums.ts";
import { numberOf, optionalTextOf, textOf } from "./columns.ts";
import type { Row } from "./columns.ts";
import { parseChecksum, parseHeaders } from "./json-columns.ts";
import type { StoredHeaders } from "./json-columns.ts";

export type ObjectRecord = {
  /** Id of the parts that hold its bytes; new with every write. */
  readonly content: string;
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
  readonly modifiedMs: number;
  /** 0 for a single PUT, which has one part all the same. */
  readonly partCount: number;
  readonly headers: StoredHeaders;
  readonly checksum: Checksum | undefined;
};

/** The rows of visible objects. Writers call `put` and `delete` inside a transaction. */
export class Objects {
  readonly #find: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;

  constructor(db: DatabaseSync) {
    this.#find = db.prepare("SELECT * FROM objects WHERE bucket = ? AND key = ?");
    this.#put = db.prepare("INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    this.#delete = db.prepare("DELETE FROM objects WHERE bucket = ? AND key = ?");
  }

  find(bucket: string, key: string): ObjectRecord | undefined {
    const row = this.#find.get(bucket, Buffer.from(key));
    return row === undefined ? undefined : readObject(row);
  }

  put(bucket: string, key: string, object: ObjectRecord): void {
    this.#put.run(
      bucket,
      Buffer.from(key),
      object.content,
      object.sizeBytes,
      object.etag,
      object.modifiedMs,
      object.partCount,
      JSON.stringify(object.headers),
      object.checksum === undefined ? null : JSON.stringify(object.checksum),
    );
  }

  delete(bucket: string, key: string): void {
    this.#delete.run(bucket, Buffer.from(key));
  }
}

export function readObject(row: Row): ObjectRecord {
  return {
    content: textOf(row, "content"),
    sizeBytes: numberOf(row, "size"),
    etag: textOf(row, "etag"),
    modifiedMs: numberOf(row, "modified_ms"),
    partCount: numberOf(row, "part_count"),
    headers: parseHeaders(textOf(row, "headers")),
    checksum: parseChecksum(optionalTextOf(row, "checksum")),
  };
}
