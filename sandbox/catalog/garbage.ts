import type { DatabaseSync, StatementSync } from "node:sqlite";

import { textOf } from "./columns.ts";
import { inTransaction } from "./database.ts";

const PAGE = 1000;

/** Files that no row names any more. They stay a while for responses that still read them. */
export class Garbage {
  readonly #db: DatabaseSync;
  readonly #nowMs: () => number;
  readonly #add: StatementSync;
  readonly #list: StatementSync;
  readonly #drop: StatementSync;

  constructor(db: DatabaseSync, nowMs: () => number) {
    this.#db = db;
    this.#nowMs = nowMs;
    this.#add = db.prepare("INSERT OR IGNORE INTO garbage VALUES (?, ?)");
    this.#list = db.prepare("SELECT file FROM garbage WHERE since_ms <= ? LIMIT ?");
    this.#drop = db.prepare("DELETE FROM garbage WHERE file = ?");
  }

  /** Inside the transaction that takes the file's last name away. */
  add(file: string): void {
    this.#add.run(file, this.#nowMs());
  }

  /** Up to 1,000 files let go at least `ageMs` ago. */
  list(ageMs: number): string[] {
    return this.#list.all(this.#nowMs() - ageMs, PAGE).map((row) => textOf(row, "file"));
  }

  /** Forgets files that have been unlinked. */
  drop(files: readonly string[]): void {
    inTransaction(this.#db, () => {
      for (const file of files) this.#drop.run(file);
    });
  }
}
