import { DatabaseSync } from "node:sqlite";

/**
 * One row per object, upload and part. Keys are BLOBs, so their order is the order of UTF-8 bytes
 * that S3 lists in. An object's bytes are the parts of its `content`, a single PUT being one part;
 * Complete only moves a row, whatever the size.
 */
const SCHEMA = `
  CREATE TABLE buckets (
    name TEXT PRIMARY KEY,
    created_ms INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE objects (
    bucket TEXT NOT NULL,
    key BLOB NOT NULL,
    content TEXT NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    modified_ms INTEGER NOT NULL,
    part_count INTEGER NOT NULL,
    headers TEXT NOT NULL,
    checksum TEXT,
    PRIMARY KEY (bucket, key)
  ) WITHOUT ROWID;

  CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    bucket TEXT NOT NULL,
    key BLOB NOT NULL,
    created_ms INTEGER NOT NULL,
    headers TEXT NOT NULL,
    checksum_algorithm TEXT,
    checksum_type TEXT
  ) WITHOUT ROWID;
  CREATE INDEX uploads_by_key ON uploads (bucket, key, id);

  CREATE TABLE parts (
    content TEXT NOT NULL,
    number INTEGER NOT NULL,
    start INTEGER NOT NULL,
    size INTEGER NOT NULL,
    file TEXT NOT NULL,
    md5 TEXT NOT NULL,
    checksum TEXT,
    modified_ms INTEGER NOT NULL,
    PRIMARY KEY (content, number)
  ) WITHOUT ROWID;
  CREATE INDEX parts_by_start ON parts (content, start);

  -- Files that no row names any more and that are still to be unlinked.
  CREATE TABLE garbage (
    file TEXT PRIMARY KEY,
    since_ms INTEGER NOT NULL
  ) WITHOUT ROWID;
`;
/** Added to catalogs that are there: it changes nothing of what they hold. */
const VERSIONS_SCHEMA = `
  CREATE TABLE IF NOT EXISTS versioned_buckets (bucket TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS versions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    bucket TEXT NOT NULL,
    key BLOB NOT NULL,
    is_marker INTEGER NOT NULL,
    content TEXT NOT NULL,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    modified_ms INTEGER NOT NULL,
    part_count INTEGER NOT NULL,
    headers TEXT NOT NULL,
    checksum TEXT
  );
  CREATE UNIQUE INDEX IF NOT EXISTS versions_by_key ON versions (bucket, key, content);
`;
const VERSION = 1;

/** Several processes share the file; a writer waits this long for another's commit. */
const BUSY_TIMEOUT_MS = 10_000;

/** @throws {Error} when the file belongs to another version of the sandbox. */
export function openDatabase(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  // NORMAL survives kill -9 whole; a power cut may take the last writes of a practice store.
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  const version = Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (version === 0) db.exec(`BEGIN; ${SCHEMA} PRAGMA user_version = ${VERSION}; COMMIT`);
  else if (version !== VERSION) throw new Error(`${path} has version ${version}, not ${VERSION}.`);
  db.exec(VERSIONS_SCHEMA);
  return db;
}

/** Runs `work` alone among writers: all of it is kept, or nothing when it throws. */
export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    db.exec("ROLLBACK");
    throw error;
  }
}
