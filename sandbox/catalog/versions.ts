import type { DatabaseSync, StatementSync } from "node:sqlite";

import { keyOf, numberOf, textOf } from "./columns.ts";
import type { Row } from "./columns.ts";
import { readObject } from "./objects.ts";
import type { ObjectRecord } from "./objects.ts";
import type { Parts } from "./parts.ts";

/** Stands behind every other of its key. */
const NEWEST_SEQ = Number.MAX_SAFE_INTEGER;

export type ListedVersion = {
  readonly key: string;
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly isMarker: boolean;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly modifiedMs: number;
};

export type VersionMarker = { readonly key: string; readonly versionId: string | undefined };

/**
 * What is no longer the newest of its key in a bucket that keeps versions, and the marks of what was
 * deleted there. A version's id is its content's: new with every write. Writers call all but the reads inside
 * a transaction.
 */
export class Versions {
  readonly #parts: Parts;
  readonly #isKept: StatementSync;
  readonly #enable: StatementSync;
  readonly #add: StatementSync;
  readonly #find: StatementSync;
  readonly #remove: StatementSync;
  readonly #newest: StatementSync;
  readonly #page: StatementSync;

  constructor(db: DatabaseSync, parts: Parts) {
    this.#parts = parts;
    this.#isKept = db.prepare("SELECT 1 FROM versioned_buckets WHERE bucket = ?");
    this.#enable = db.prepare("INSERT OR IGNORE INTO versioned_buckets VALUES (?)");
    this.#add = db.prepare("INSERT INTO versions VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    this.#find = db.prepare("SELECT * FROM versions WHERE bucket = ? AND key = ? AND content = ?");
    this.#remove = db.prepare("DELETE FROM versions WHERE seq = ?");
    this.#newest = db.prepare(
      "SELECT * FROM versions WHERE bucket = ? AND key = ? ORDER BY seq DESC LIMIT 1",
    );
    this.#page = db.prepare(PAGE);
  }

  isKept(bucket: string): boolean {
    return this.#isKept.get(bucket) !== undefined;
  }

  enable(bucket: string): void {
    this.#enable.run(bucket);
  }

  /** An object that another takes the place of, or that is deleted: kept, or its bytes let go. */
  retire(bucket: string, key: string, object: ObjectRecord): void {
    if (!this.isKept(bucket)) this.#parts.deleteAll(object.content);
    else this.#insert(bucket, key, object, false);
  }

  mark(bucket: string, key: string, versionId: string, nowMs: number): void {
    const nothing = { sizeBytes: 0, etag: "", partCount: 0, headers: {}, checksum: undefined };
    this.#insert(bucket, key, { ...nothing, content: versionId, modifiedMs: nowMs }, true);
  }

  find(bucket: string, key: string, versionId: string): ObjectRecord | "marker" | undefined {
    const row = this.#find.get(bucket, Buffer.from(key), versionId);
    return row === undefined ? undefined : toVersion(row);
  }

  /** Removes a version that is not the newest object. */
  remove(bucket: string, key: string, versionId: string): void {
    const row = this.#find.get(bucket, Buffer.from(key), versionId);
    if (row === undefined) return;
    this.#remove.run(numberOf(row, "seq"));
    this.#parts.deleteAll(versionId);
  }

  /** Takes out what becomes the object of the key again; a mark stays, and keeps the key deleted. */
  takeNewest(bucket: string, key: string): ObjectRecord | undefined {
    const row = this.#newest.get(bucket, Buffer.from(key));
    const version = row === undefined ? undefined : toVersion(row);
    if (row === undefined || version === undefined || version === "marker") return undefined;
    this.#remove.run(numberOf(row, "seq"));
    return version;
  }

  /** By key, the newest first. */
  page(bucket: string, prefix: string, after: VersionMarker, limit: number): ListedVersion[] {
    const rows = this.#page.all({
      bucket,
      prefix: Buffer.from(prefix),
      key: Buffer.from(after.key),
      id: after.versionId ?? "",
      newest: NEWEST_SEQ,
      limit,
    });
    return rows.map((row) => ({
      key: keyOf(row, "key"),
      versionId: textOf(row, "content"),
      isLatest: numberOf(row, "place") === 1,
      isMarker: numberOf(row, "is_marker") === 1,
      sizeBytes: numberOf(row, "size"),
      etag: textOf(row, "etag"),
      modifiedMs: numberOf(row, "modified_ms"),
    }));
  }

  #insert(bucket: string, key: string, object: ObjectRecord, isMarker: boolean): void {
    this.#add.run(
      bucket,
      Buffer.from(key),
      isMarker ? 1 : 0,
      object.content,
      object.sizeBytes,
      object.etag,
      object.modifiedMs,
      object.partCount,
      JSON.stringify(object.headers),
      object.checksum === undefined ? null : JSON.stringify(object.checksum),
    );
  }
}

const PAGE = `
  WITH every AS (
    SELECT key, content, size, etag, modified_ms, 0 AS is_marker, :newest AS seq FROM objects
      WHERE bucket = :bucket AND substr(key, 1, length(:prefix)) = :prefix
    UNION ALL
    SELECT key, content, size, etag, modified_ms, is_marker, seq FROM versions
      WHERE bucket = :bucket AND substr(key, 1, length(:prefix)) = :prefix
  ), placed AS (
    SELECT *, row_number() OVER (PARTITION BY key ORDER BY seq DESC) AS place FROM every
  )
  SELECT * FROM placed
    WHERE key > :key
      OR (key = :key AND seq < (SELECT seq FROM every WHERE key = :key AND content = :id))
    ORDER BY key, seq DESC LIMIT :limit`;

function toVersion(row: Row): ObjectRecord | "marker" {
  return numberOf(row, "is_marker") === 1 ? "marker" : readObject(row);
}
