import type { DatabaseSync, StatementSync } from "node:sqlite";

import { z } from "zod";

import { CHECKSUM_ALGORITHMS } from "../bodies/checksums.ts";
import type { ChecksumAlgorithm, ChecksumType } from "../bodies/checksums.ts";
import { keyOf, numberOf, optionalTextOf, textOf } from "./columns.ts";
import type { Row } from "./columns.ts";
import { parseHeaders } from "./json-columns.ts";
import type { StoredHeaders } from "./json-columns.ts";

/** How the checksums of an upload are made, as Create declared it. */
export type ChecksumPlan = { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType };

export type UploadRecord = {
  /** Also the `content` of its parts. Sorts by time of creation. */
  readonly id: string;
  readonly key: string;
  readonly createdMs: number;
  readonly headers: StoredHeaders;
  readonly checksum: ChecksumPlan | undefined;
};

/** Where a page of uploads begins: after this upload, or after all of this key without one. */
export type UploadMarker = { readonly key: string; readonly id: string | undefined };

/** The rows of uploads in progress. Writers call `put` and `delete` inside a transaction. */
export class Uploads {
  readonly #find: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #page: StatementSync;

  constructor(db: DatabaseSync) {
    this.#find = db.prepare("SELECT * FROM uploads WHERE id = ? AND bucket = ? AND key = ?");
    this.#put = db.prepare("INSERT INTO uploads VALUES (?, ?, ?, ?, ?, ?, ?)");
    this.#delete = db.prepare("DELETE FROM uploads WHERE id = ?");
    this.#page = db.prepare(
      `SELECT * FROM uploads
        WHERE bucket = :bucket AND substr(key, 1, length(:prefix)) = :prefix
          AND (key > :key OR (key = :key AND id > :id))
        ORDER BY key, id LIMIT :limit`,
    );
  }

  find(bucket: string, key: string, id: string): UploadRecord | undefined {
    const row = this.#find.get(id, bucket, Buffer.from(key));
    return row === undefined ? undefined : readUpload(row);
  }

  put(bucket: string, upload: UploadRecord): void {
    this.#put.run(
      upload.id,
      bucket,
      Buffer.from(upload.key),
      upload.createdMs,
      JSON.stringify(upload.headers),
      upload.checksum?.algorithm ?? null,
      upload.checksum?.type ?? null,
    );
  }

  delete(id: string): void {
    this.#delete.run(id);
  }

  /** Up to `limit` uploads whose keys begin with `prefix`, by key and age. */
  page(bucket: string, prefix: string, marker: UploadMarker, limit: number): UploadRecord[] {
    const rows = this.#page.all({
      bucket,
      prefix: Buffer.from(prefix),
      key: Buffer.from(marker.key),
      // Ids are ASCII, so nothing sorts behind this one.
      id: marker.id ?? "\u{10FFFF}",
      limit,
    });
    return rows.map(readUpload);
  }
}

const Algorithm = z.enum(CHECKSUM_ALGORITHMS);
const Type = z.enum(["COMPOSITE", "FULL_OBJECT"]);

function readUpload(row: Row): UploadRecord {
  const algorithm = optionalTextOf(row, "checksum_algorithm");
  const type = optionalTextOf(row, "checksum_type");
  return {
    id: textOf(row, "id"),
    key: keyOf(row, "key"),
    createdMs: numberOf(row, "created_ms"),
    headers: parseHeaders(textOf(row, "headers")),
    checksum:
      algorithm === undefined
        ? undefined
        : { algorithm: Algorithm.parse(algorithm), type: Type.parse(type) },
  };
}
