import type { TransferId } from "#shared/transfer.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import { LonghaulError, toErrorInfo } from "#shared/errors.ts";
import type { JournalFile } from "./journal-file.ts";
import type { CommitCalls, Committed } from "./journal-link.ts";
import type { JournalChange, TransferRow } from "./journal.ts";
import { assignments, toColumns, TRANSFER_COLUMNS } from "./journal-columns.ts";
import { applyToCache } from "./journal-entries.ts";
import { toJournalError } from "./journal-errors.ts";
import { addItems, changeItem, dropParts, moveItems, storePart } from "./journal-items.ts";

type Change<T extends JournalChange["type"]> = Extract<JournalChange, { type: T }>;

const LOG_LINES_KEPT = 500;
const ROWS_PER_SWEEP = 5000;

/** Applies changes to an open journal file. Synchronous: it lives in the journal's thread. */
export class JournalWriter {
  readonly #file: JournalFile;
  /** Of transfers that are there; emptied whenever something is rolled back. */
  readonly #keys = new Map<string, number>();

  constructor(file: JournalFile) {
    this.#file = file;
  }

  /**
   * Commits all calls in one transaction, with one wait for the disk. A call that cannot be applied
   * fails alone.
   */
  commitAll(calls: CommitCalls): Committed {
    try {
      this.#checkWritable();
      this.#file.database.exec("BEGIN IMMEDIATE");
      const failures = calls.map((changes) => this.#applyAlone(changes));
      const startMs = performance.now();
      this.#file.database.exec("COMMIT");
      return { failures, diskMs: performance.now() - startMs };
    } catch (error) {
      this.#rollBack();
      const failure = toErrorInfo(toJournalError(error, this.#file.path));
      return { failures: calls.map(() => failure), diskMs: 0 };
    }
  }

  /** Deletes a bounded number of rows of removed transfers. @returns whether more may be left. */
  sweep(): boolean {
    if (this.#file.isReadOnly) return false;
    const removed = this.#prepare("SELECT key FROM transfers WHERE id IS NULL LIMIT 1").get();
    if (removed === undefined) return false;
    try {
      this.#file.database.exec("BEGIN IMMEDIATE");
      this.#sweepOne(Number(removed["key"]));
      this.#file.database.exec("COMMIT");
      return true;
    } catch {
      // Nobody waits for it, and the rows are still marked: the next start tries again.
      this.#rollBack();
      return false;
    }
  }

  #sweepOne(key: number): void {
    const tables = [
      ["parts", "transfer, item, number"],
      ["items", "transfer, idx"],
      ["log", "seq"],
    ] as const;
    for (const [table, rowKey] of tables) {
      const { changes } = this.#prepare(
        `DELETE FROM ${table} WHERE (${rowKey}) IN
           (SELECT ${rowKey} FROM ${table} WHERE transfer = ? LIMIT ${ROWS_PER_SWEEP})`,
      ).run(key);
      if (changes === ROWS_PER_SWEEP) return;
    }
    this.#prepare("DELETE FROM totals WHERE transfer = ?").run(key);
    this.#prepare("DELETE FROM transfers WHERE key = ?").run(key);
  }

  #applyAlone(changes: readonly JournalChange[]): ErrorInfo | null {
    const { database, path } = this.#file;
    database.exec("SAVEPOINT one");
    try {
      for (const change of changes) this.#apply(change);
      database.exec("RELEASE one");
      return null;
    } catch (error) {
      // A full or failing disk ends the whole transaction; then every call of it has failed.
      if (!database.isTransaction) throw error;
      this.#keys.clear();
      database.exec("ROLLBACK TO one");
      database.exec("RELEASE one");
      return toErrorInfo(toJournalError(error, path));
    }
  }

  #rollBack(): void {
    this.#keys.clear();
    const { database } = this.#file;
    if (database.isOpen && database.isTransaction) database.exec("ROLLBACK");
  }

  #checkWritable(): void {
    if (!this.#file.isReadOnly) return;
    throw new LonghaulError(
      "unsupported",
      "The list of transfers was written by a newer version of Longhaul, so it can only be read.",
    );
  }

  #apply(change: JournalChange): void {
    if (change.type === "transfer-put") return this.#putTransfer(change.row);
    if (change.type === "transfer-changed") return this.#changeTransfer(change);
    if (change.type === "transfer-removed") return this.#removeTransfer(change.id);
    if (!("transferId" in change)) return applyToCache(this.#file.prepare, change);
    const key = this.#findKey(change.transferId);
    if (key === undefined) return;
    const prepare = this.#file.prepare;
    switch (change.type) {
      case "items-added":
        return addItems(prepare, key, change.items);
      case "item-changed":
        return changeItem(prepare, key, change);
      case "items-moved":
        return moveItems(prepare, key, change);
      case "part-stored":
        return storePart(prepare, key, change);
      case "parts-dropped":
        return dropParts(prepare, key, change);
      case "logged":
        return this.#log(key, change);
      default:
        return change satisfies never;
    }
  }

  #findKey(id: TransferId): number | undefined {
    const known = this.#keys.get(id);
    if (known !== undefined) return known;
    const row = this.#prepare("SELECT key FROM transfers WHERE id = ?").get(id);
    if (row === undefined) return undefined;
    const key = Number(row["key"]);
    this.#keys.set(id, key);
    return key;
  }

  #putTransfer({ id, ...rest }: TransferRow): void {
    const [columns, values] = toColumns(rest, TRANSFER_COLUMNS);
    const marks = columns.map(() => "?").join(", ");
    const updates = columns.map((column) => `${column} = excluded.${column}`).join(", ");
    this.#prepare(
      `INSERT INTO transfers (id, ${columns.join(", ")}) VALUES (?, ${marks})
         ON CONFLICT (id) DO UPDATE SET ${updates}`,
    ).run(id, ...values);
  }

  #changeTransfer(change: Change<"transfer-changed">): void {
    const [columns, values] = toColumns(change, TRANSFER_COLUMNS);
    if (columns.length === 0) return;
    this.#prepare(`UPDATE transfers SET ${assignments(columns)} WHERE id = ?`).run(
      ...values,
      change.id,
    );
  }

  #removeTransfer(id: TransferId): void {
    this.#keys.delete(id);
    this.#prepare("UPDATE transfers SET id = NULL WHERE id = ?").run(id);
  }

  #log(key: number, { line }: Change<"logged">): void {
    this.#prepare("INSERT INTO log (transfer, atMs, level, text) VALUES (?, ?, ?, ?)").run(
      key,
      line.atMs,
      line.level,
      line.text,
    );
    this.#prepare(
      `DELETE FROM log WHERE transfer = ? AND seq <=
         (SELECT seq FROM log WHERE transfer = ? ORDER BY seq DESC LIMIT 1 OFFSET ${LOG_LINES_KEPT})`,
    ).run(key, key);
  }

  #prepare(sql: string): ReturnType<JournalFile["prepare"]> {
    return this.#file.prepare(sql);
  }
}
