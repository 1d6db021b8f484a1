import type { DatabaseSync, StatementSync } from "node:sqlite";

import { S3Error } from "../protocol/s3-error.ts";
import { numberOf, textOf } from "./columns.ts";
import { inTransaction } from "./database.ts";

export type Bucket = { readonly name: string; readonly createdMs: number };

export class Buckets {
  readonly #db: DatabaseSync;
  readonly #find: StatementSync;
  readonly #list: StatementSync;
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #forget: StatementSync;
  readonly #isUsed: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#find = db.prepare("SELECT name, created_ms FROM buckets WHERE name = ?");
    this.#list = db.prepare("SELECT name, created_ms FROM buckets ORDER BY name");
    this.#insert = db.prepare("INSERT OR IGNORE INTO buckets VALUES (?, ?)");
    this.#forget = db.prepare("DELETE FROM versioned_buckets WHERE bucket = ?");
    this.#delete = db.prepare("DELETE FROM buckets WHERE name = ?");
    this.#isUsed = db.prepare(
      `SELECT EXISTS (SELECT 1 FROM objects WHERE bucket = :name)
           OR EXISTS (SELECT 1 FROM uploads WHERE bucket = :name)
           OR EXISTS (SELECT 1 FROM versions WHERE bucket = :name) AS used`,
    );
  }

  list(): Bucket[] {
    return this.#list.all().map((row) => ({
      name: textOf(row, "name"),
      createdMs: numberOf(row, "created_ms"),
    }));
  }

  has(name: string): boolean {
    return this.#find.get(name) !== undefined;
  }

  /** @throws {S3Error} NoSuchBucket. */
  require(name: string): void {
    if (!this.has(name)) throw new S3Error("NoSuchBucket", undefined, { BucketName: name });
  }

  /** @returns false when it existed already. */
  create(name: string, createdMs: number): boolean {
    return this.#insert.run(name, createdMs).changes > 0;
  }

  /** @throws {S3Error} NoSuchBucket, BucketNotEmpty. */
  delete(name: string): void {
    inTransaction(this.#db, () => {
      this.require(name);
      const used = this.#isUsed.get({ name });
      if (used?.["used"] !== 0)
        throw new S3Error("BucketNotEmpty", undefined, { BucketName: name });
      this.#delete.run(name);
      this.#forget.run(name);
    });
  }
}

/** S3's rules for new names, less the reserved affixes. */
export function isBucketName(name: string): boolean {
  const isAddress = /^\d+\.\d+\.\d+\.\d+$/.test(name);
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes("..") && !isAddress;
}
