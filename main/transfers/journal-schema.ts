/**
 * The journal's tables, as the steps that led to them: entry `n` takes a file from `user_version`
 * `n` to `n + 1`. An entry that was released is never edited; a change is a new entry.
 *
 * - Columns have the names of the fields in `journal.ts`; JSON is TEXT.
 * - `transfers.key` stands for the id in a million item rows. A null id means removed: nothing finds
 *   it any more, and its rows are deleted little by little.
 * - `totals` holds the sums over `items`, kept by `JournalWriter` in the same transaction, because a
 *   sum over a million rows is too slow to ask for four times a second.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE transfers (
    key INTEGER PRIMARY KEY,
    id TEXT UNIQUE,
    position REAL NOT NULL,
    direction TEXT NOT NULL,
    name TEXT NOT NULL,
    specKey TEXT NOT NULL,
    spec TEXT,
    state TEXT,
    listing TEXT,
    counters TEXT,
    createdAtMs REAL NOT NULL,
    startedAtMs REAL,
    finishedAtMs REAL,
    activeMs REAL NOT NULL
  ) STRICT;

  CREATE TABLE items (
    transfer INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    name TEXT NOT NULL,
    sizeBytes INTEGER NOT NULL,
    phase TEXT NOT NULL,
    doneBytes INTEGER NOT NULL,
    keptBytes INTEGER NOT NULL,
    source TEXT,
    resume TEXT,
    arrivalKey TEXT,
    error TEXT,
    note TEXT,
    receipt TEXT,
    PRIMARY KEY (transfer, idx)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX itemsByPhase ON items (transfer, phase, idx);
  CREATE INDEX arrivals ON items (arrivalKey) WHERE phase = 'arriving' AND arrivalKey IS NOT NULL;

  CREATE TABLE totals (
    transfer INTEGER NOT NULL,
    phase TEXT NOT NULL,
    count INTEGER NOT NULL,
    sizeBytes INTEGER NOT NULL,
    doneBytes INTEGER NOT NULL,
    keptBytes INTEGER NOT NULL,
    PRIMARY KEY (transfer, phase)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE parts (
    transfer INTEGER NOT NULL,
    item INTEGER NOT NULL,
    number INTEGER NOT NULL,
    startByte INTEGER NOT NULL,
    endByte INTEGER NOT NULL,
    etag TEXT,
    sha256 TEXT,
    proof TEXT,
    PRIMARY KEY (transfer, item, number)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE log (
    seq INTEGER PRIMARY KEY,
    transfer INTEGER NOT NULL,
    atMs REAL NOT NULL,
    level TEXT NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX logByTransfer ON log (transfer, seq);
  `,
  // What was begun are few among a million, and asked for by every cancel and after every start.
  "CREATE INDEX begun ON items (transfer, idx) WHERE resume IS NOT NULL",
  // Files that are known to be copies of objects. The index answers what of a bucket is here.
  `
  CREATE TABLE entries (
    path TEXT NOT NULL,
    origin TEXT NOT NULL,
    key TEXT NOT NULL,
    profileId TEXT NOT NULL,
    bucket TEXT NOT NULL,
    etag TEXT NOT NULL,
    versionId TEXT,
    sizeBytes INTEGER NOT NULL,
    stamp TEXT NOT NULL,
    kind TEXT NOT NULL,
    rung TEXT,
    sha256 TEXT,
    isPinned INTEGER NOT NULL,
    addedAtMs REAL NOT NULL,
    usedAtMs REAL NOT NULL,
    verifiedAtMs REAL,
    trouble TEXT,
    PRIMARY KEY (path, origin, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX entriesByOrigin ON entries (origin, key);
  `,
  // What came out of archives: files of a destination, and which version of what they are of.
  `
  CREATE TABLE unpacked (
    destination TEXT PRIMARY KEY,
    origin TEXT NOT NULL,
    key TEXT NOT NULL,
    etag TEXT NOT NULL,
    sizeBytes INTEGER NOT NULL,
    unpackedAtMs REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE unpackedFiles (
    destination TEXT NOT NULL,
    path TEXT NOT NULL,
    sizeBytes INTEGER NOT NULL,
    mtimeNs TEXT NOT NULL,
    PRIMARY KEY (destination, path)
  ) STRICT, WITHOUT ROWID;
  `,
  // What is known of the pieces of entries, what of the cache is under way, and which copies go first.
  `
  CREATE TABLE entryPieces (
    path TEXT NOT NULL,
    origin TEXT NOT NULL,
    key TEXT NOT NULL,
    pieces TEXT NOT NULL,
    PRIMARY KEY (path, origin, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE cacheIntents (
    path TEXT PRIMARY KEY,
    intent TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX managedByUse ON entries (usedAtMs, path) WHERE kind = 'managed';
  `,
  // Of files that are known from before nobody can say any more who wrote them.
  "ALTER TABLE entries ADD COLUMN isFetched INTEGER NOT NULL DEFAULT 0",
];
