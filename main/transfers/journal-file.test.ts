import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { canUseWal, copyHourly, openJournalFile } from "./journal-file.ts";
import type { JournalFile } from "./journal-file.ts";

const NOW_MS = Date.UTC(2026, 4, 1, 12, 30);

let folder: string;
let path: string;
let opened: JournalFile[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "longhaul-journal-"));
  path = join(folder, "journal.db");
  opened = [];
});

afterEach(() => {
  for (const file of opened) if (file.database.isOpen) file.database.close();
  rmSync(folder, { recursive: true });
});

function open(migrations?: readonly string[]): JournalFile {
  const file = openJournalFile(path, NOW_MS, migrations);
  opened.push(file);
  return file;
}

/** Opens as one version of Longhaul and closes again. */
function visit(migrations?: readonly string[]): void {
  open(migrations).database.close();
}

function one(file: JournalFile, sql: string): unknown {
  return Object.values(file.database.prepare(sql).get() ?? {})[0];
}

const FIRST = "CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('kept')";
const SECOND = "ALTER TABLE notes ADD COLUMN color TEXT DEFAULT 'plain'";

describe("openJournalFile", () => {
  it("syncs every commit to the disk", () => {
    const file = open();
    expect(one(file, "PRAGMA synchronous")).toBe(2);
    expect(one(file, "PRAGMA journal_mode")).toBe("wal");
    expect(file).toMatchObject({ isReadOnly: false, recoveredFrom: null });
  });

  it("brings an older file forward and keeps a copy as it was", () => {
    visit([FIRST]);
    const file = open([FIRST, SECOND]);
    expect(one(file, "SELECT text || ' ' || color FROM notes")).toBe("kept plain");
    expect(one(file, "PRAGMA user_version")).toBe(2);

    path = `${path}.v1`;
    const copy = open([FIRST]);
    expect(copy.isReadOnly).toBe(false);
    expect(one(copy, "SELECT text FROM notes")).toBe("kept");
  });

  it("makes no copy of a file that is new or up to date", () => {
    visit([FIRST]);
    visit([FIRST]);
    expect(readdirSync(folder)).toEqual(["journal.db"]);
  });

  it("leaves a file as it was when a step forward fails", () => {
    visit([FIRST]);
    expect(() => open([FIRST, "DROP TABLE notes; DROP TABLE absent"])).toThrow("absent");
    const file = open([FIRST]);
    expect(one(file, "SELECT text FROM notes")).toBe("kept");
    expect(one(file, "PRAGMA user_version")).toBe(1);
  });

  it("replaces a copy that was cut short", () => {
    visit([FIRST]);
    writeFileSync(`${path}.v1.tmp`, "half a copy");
    visit([FIRST, SECOND]);
    expect(readdirSync(folder).toSorted()).toEqual(["journal.db", "journal.db.v1"]);
  });

  it("J4 journal of a newer version: only reads it", () => {
    visit([FIRST, SECOND]);
    const file = open([FIRST]);
    expect(file.isReadOnly).toBe(true);
    expect(one(file, "SELECT text FROM notes")).toBe("kept");
    expect(() => file.database.exec("DELETE FROM notes")).toThrow("readonly");
    expect(one(file, "PRAGMA user_version")).toBe(2);
  });
});

describe("a damaged journal", () => {
  it.each([
    ["is no database at all", (bytes: Buffer) => Buffer.from("x".repeat(bytes.length))],
    ["has a damaged page", (bytes: Buffer) => bytes.fill(0xee, 4096, 8192)],
    ["was cut short", (bytes: Buffer) => bytes.subarray(0, 5000)],
  ])("moves aside a file that %s, and begins an empty one", (_title, damage) => {
    visit();
    const damaged = damage(readFileSync(path));
    writeFileSync(path, damaged);
    const file = open();
    expect(file.recoveredFrom).toBe(`${path}.damaged-2026-05-01T12-30-00.000Z`);
    expect(readFileSync(file.recoveredFrom ?? "")).toEqual(damaged);
    expect(one(file, "SELECT count(*) FROM transfers")).toBe(0);
  });

  it("lets nothing of a damaged file's log get into the new one", () => {
    visit();
    const before = open();
    before.database.exec("CREATE TABLE lost (a TEXT)");
    // As a crash leaves them: the change is in the log only, and a page that it does not touch is bad.
    const log = readFileSync(`${path}-wal`);
    before.database.close();
    writeFileSync(path, readFileSync(path).fill(0xee, 8192, 12_288));
    writeFileSync(`${path}-wal`, log);
    const after = open();
    expect(after.recoveredFrom).not.toBeNull();
    expect(one(after, "SELECT count(*) FROM sqlite_schema WHERE name = 'lost'")).toBe(0);
  });
});

describe("a copy of the journal", () => {
  /** As an hour later. */
  function age(): void {
    const anHourAgo = new Date(statSync(path).mtimeMs - 3_700_000);
    for (const name of readdirSync(folder).filter((each) => each.includes("copy"))) {
      utimesSync(join(folder, name), anHourAgo, anHourAgo);
    }
  }

  it("J4 journal corrupt: its newest whole copy takes its place, and says that it is one", () => {
    const file = open([FIRST]);
    copyHourly(file);
    file.database.exec("INSERT INTO notes VALUES ('later')");
    file.database.close();
    writeFileSync(path, readFileSync(path).fill(0xee, 4096, 8192));
    const restored = open([FIRST]);
    expect([restored.isOldCopy, restored.recoveredFrom]).toEqual([true, expect.any(String)]);
    expect(one(restored, "SELECT group_concat(text) FROM notes")).toBe("kept");
  });

  it("is passed over when it is damaged, too", () => {
    const file = open([FIRST]);
    copyHourly(file);
    age();
    copyHourly(file);
    file.database.close();
    for (const damaged of [path, `${path}.copy-1`])
      writeFileSync(damaged, "no database".repeat(900));
    const restored = open([FIRST]);
    expect(restored.isOldCopy).toBe(true);
    expect(one(restored, "SELECT text FROM notes")).toBe("kept");
  });

  it("is made once an hour, and three are kept", () => {
    const file = open([FIRST]);
    const names = () =>
      readdirSync(folder)
        .filter((each) => each.includes("copy"))
        .toSorted();
    copyHourly(file);
    copyHourly(file);
    expect(names()).toEqual(["journal.db.copy-1"]);
    for (let hour = 0; hour < 4; hour += 1) {
      age();
      copyHourly(file);
    }
    expect(names()).toEqual([1, 2, 3].map((number) => `journal.db.copy-${number}`));
  });
});

describe("a journal that cannot be opened", () => {
  it("says which folder cannot be written", () => {
    path = join(folder, "absent", "journal.db");
    expect(() => open()).toThrow(
      expect.objectContaining({
        code: "path-denied",
        details: { path, cause: "SQLITE_CANTOPEN" },
      }),
    );
  });
});

describe("J3 SQLite WAL-reset bug: a write-ahead log is kept from 3.51.3 on", () => {
  it("J3 SQLite WAL-reset bug: the SQLite of this program has it mended", () => {
    expect(canUseWal(String(one(open(), "SELECT sqlite_version()")))).toBe(true);
  });

  it.each([
    ["3.51.2", false],
    ["3.51.3", true],
    ["3.53.0", true],
    ["3.46.1", false],
    ["4.0.0", true],
  ])("J3 SQLite WAL-reset bug, version %s: %s", (version, answer) =>
    expect(canUseWal(version)).toBe(answer),
  );
});
