import { copyFileSync, existsSync, renameSync, rmSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import { LonghaulError } from "#shared/errors.ts";
import type { Prepare } from "./journal-columns.ts";
import { isDamage, toJournalError } from "./journal-errors.ts";
import { MIGRATIONS } from "./journal-schema.ts";

/** An open journal file, with its statements prepared once. */
export type JournalFile = {
  readonly path: string;
  readonly database: DatabaseSync;
  readonly prepare: Prepare;
  /** Where a damaged file was moved; null when all was well. */
  readonly recoveredFrom: string | null;
  /** In place of the damaged file is an older copy of it: what came later is not in it. */
  readonly isOldCopy: boolean;
  /** The schema is newer than ours. */
  readonly isReadOnly: boolean;
};

/** Copies that are kept, the newest first. */
const COPIES_KEPT = 3;
const COPY_EVERY_MS = 3_600_000;

/** Older ones have a bug that can corrupt a write-ahead log when it is reset (sqlite.org, 3.51.3). */
const FIRST_SAFE_WAL: readonly number[] = [3, 51, 3];

/** Enough for a write-ahead log between checkpoints; without it the file stays as large as it ever was. */
const LOG_FILE_MAX_BYTES = 64 * 1024 * 1024;

/**
 * Opens the journal, or makes one. Synchronous, as everything of the journal's thread.
 *
 * A damaged file is moved aside, never deleted. Its newest copy that is whole takes its place, or an
 * empty one: an app that does not start helps nobody.
 *
 * @param migrations a shorter or longer list stands for an older or newer Longhaul, in tests.
 * @throws {LonghaulError} `disk-full`, `disk-failed`, `path-denied`.
 */
export function openJournalFile(
  path: string,
  nowMs: number,
  migrations: readonly string[] = MIGRATIONS,
): JournalFile {
  try {
    return openChecked(path, migrations, null);
  } catch (error) {
    if (!isDamage(error)) throw toJournalError(error, path);
    return openInstead(path, migrations, moveAside(path, nowMs));
  }
}

function openInstead(path: string, migrations: readonly string[], aside: string): JournalFile {
  for (let age = 1; age <= COPIES_KEPT; age += 1) {
    if (!existsSync(copyPath(path, age))) continue;
    copyFileSync(copyPath(path, age), path);
    try {
      return { ...openChecked(path, migrations, aside), isOldCopy: true };
    } catch (error) {
      if (!isDamage(error)) throw toJournalError(error, path);
      rmSync(path);
    }
  }
  return openChecked(path, migrations, aside);
}

function copyPath(path: string, age: number): string {
  return `${path}.copy-${age}`;
}

/**
 * Keeps a copy of the journal, unless there is one of the last hour. Takes as long as reading all
 * of it.
 */
export function copyHourly({ path, database, isReadOnly }: JournalFile): void {
  if (isReadOnly) return;
  const [newest, changed] = [copyPath(path, 1), path].map(
    (each) => statSync(each, { throwIfNoEntry: false })?.mtimeMs,
  );
  if (newest !== undefined && (changed ?? 0) - newest < COPY_EVERY_MS) return;
  const unfinished = `${path}.copy.tmp`;
  rmSync(unfinished, { force: true });
  database.prepare("VACUUM INTO ?").run(unfinished);
  for (let age = COPIES_KEPT - 1; age >= 1; age -= 1) {
    if (existsSync(copyPath(path, age))) renameSync(copyPath(path, age), copyPath(path, age + 1));
  }
  renameSync(unfinished, copyPath(path, 1));
}

function openChecked(
  path: string,
  migrations: readonly string[],
  recoveredFrom: string | null,
): JournalFile {
  const database = new DatabaseSync(path, { timeout: 5000 });
  try {
    checkWhole(database);
    const isReadOnly = userVersion(database) > migrations.length;
    if (isReadOnly) database.exec("PRAGMA query_only = ON");
    else prepareForWriting(database, path, migrations);
    const prepare = statementCache(database);
    return { path, database, prepare, recoveredFrom, isOldCopy: false, isReadOnly };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Also reads the whole write-ahead log, so what a crash left is either used or found damaged here. */
function checkWhole(database: DatabaseSync): void {
  const found = String(database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"]);
  if (found !== "ok") {
    throw new LonghaulError("disk-failed", `the journal is damaged: ${found}`, {
      details: { cause: "SQLITE_CORRUPT" },
    });
  }
}

function prepareForWriting(
  database: DatabaseSync,
  path: string,
  migrations: readonly string[],
): void {
  const mode = canUseWal(sqliteVersion(database)) ? "WAL" : "DELETE";
  database.exec(`PRAGMA journal_mode = ${mode}`);
  // FULL: a commit that was answered survives a power cut. WAL with NORMAL would lose the last ones.
  database.exec("PRAGMA synchronous = FULL");
  database.exec(`PRAGMA journal_size_limit = ${LOG_FILE_MAX_BYTES}`);
  migrate(database, path, migrations);
}

function migrate(database: DatabaseSync, path: string, migrations: readonly string[]): void {
  const from = userVersion(database);
  if (from === migrations.length) return;
  if (from > 0) backUp(database, `${path}.v${from}`);
  database.exec("BEGIN IMMEDIATE");
  for (const step of migrations.slice(from)) database.exec(step);
  database.exec(`PRAGMA user_version = ${migrations.length}`);
  database.exec("COMMIT");
}

/** One whole copy before the first change of a new version; an earlier attempt's copy is as good. */
function backUp(database: DatabaseSync, target: string): void {
  if (existsSync(target)) return;
  const unfinished = `${target}.tmp`;
  rmSync(unfinished, { force: true });
  database.prepare("VACUUM INTO ?").run(unfinished);
  renameSync(unfinished, target);
}

function moveAside(path: string, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replaceAll(":", "-");
  const aside = `${path}.damaged-${stamp}`;
  // The log first: were it left behind by a crash here, SQLite would apply it to the new file.
  for (const suffix of ["-wal", "-shm", "-journal", ""]) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  return aside;
}

function userVersion(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
}

function sqliteVersion(database: DatabaseSync): string {
  return String(database.prepare("SELECT sqlite_version() AS version").get()?.["version"]);
}

/** @param version as SQLite says it: `3.53.4`. */
export function canUseWal(version: string): boolean {
  const numbers = version.split(".").map(Number);
  for (const [place, least] of FIRST_SAFE_WAL.entries()) {
    const number = numbers[place] ?? 0;
    if (number !== least) return number > least;
  }
  return true;
}

function statementCache(database: DatabaseSync): Prepare {
  const prepared = new Map<string, StatementSync>();
  return (sql) => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    const statement = database.prepare(sql);
    prepared.set(sql, statement);
    return statement;
  };
}
