import type { SQLOutputValue } from "node:sqlite";
import { Entry, entryKey, isStill } from "../cache/entry.ts";
import type { EntryId, EntryVersion } from "../cache/entry.ts";
import type { Prepare } from "./journal-columns.ts";
import { assignments, toColumns } from "./journal-columns.ts";
import type { CacheChange, EntryChange, IntentRow, KnownPiece } from "../cache/cache-journal.ts";

const ENTRY_COLUMNS: Readonly<Record<keyof Entry, "plain" | "json">> = {
  path: "plain",
  origin: "plain",
  key: "plain",
  profileId: "plain",
  bucket: "plain",
  etag: "plain",
  versionId: "plain",
  sizeBytes: "plain",
  stamp: "json",
  kind: "plain",
  rung: "plain",
  sha256: "plain",
  isFetched: "plain",
  isPinned: "plain",
  addedAtMs: "plain",
  usedAtMs: "plain",
  verifiedAtMs: "plain",
  trouble: "plain",
};

/** What a file that is fetched anew does not lose. */
const KEPT = new Set(["isPinned", "addedAtMs"]);

/** Most paths or keys in one question. */
export const ENTRIES_PER_QUESTION = 1000;

/** Adds it, or replaces the one of the same file and object, which keeps its pin and its age. */
function putEntry(prepare: Prepare, entry: Entry): void {
  const [columns, values] = toColumns(asRow(entry), ENTRY_COLUMNS);
  const marks = columns.map(() => "?").join(", ");
  const updates = columns
    .filter((column) => !KEPT.has(column))
    .map((column) => `${column} = excluded.${column}`)
    .join(", ");
  prepare(
    `INSERT INTO entries (${columns.join(", ")}) VALUES (${marks})
       ON CONFLICT (path, origin, key) DO UPDATE SET ${updates}`,
  ).run(...values);
  forgetPieces(prepare, entry);
}

export function applyToCache(prepare: Prepare, change: CacheChange): void {
  switch (change.type) {
    case "entry-put":
      return putEntry(prepare, change.entry);
    case "entry-changed":
      if (isAsRead(prepare, change)) changeEntry(prepare, change.id, change.change);
      return undefined;
    case "entry-removed":
      return removeEntry(prepare, change.id);
    case "pieces-put":
      if (isAsRead(prepare, change)) putPieces(prepare, change.id, change.pieces);
      return undefined;
    case "intent-put":
      return putIntent(prepare, change);
    case "intent-removed":
      prepare("DELETE FROM cacheIntents WHERE path = ?").run(change.path);
      return undefined;
    default:
      return change satisfies never;
  }
}

function isAsRead(
  prepare: Prepare,
  { id, of }: { readonly id: EntryId; readonly of?: EntryVersion },
): boolean {
  if (of === undefined) return true;
  const now = readEntriesAt(prepare, [id.path]).find((entry) => entryKey(entry) === entryKey(id));
  return isStill(now, of);
}

function changeEntry(prepare: Prepare, { path, origin, key }: EntryId, change: EntryChange) {
  const [columns, values] = toColumns(asRow(change), ENTRY_COLUMNS);
  if (columns.length === 0) return;
  prepare(
    `UPDATE entries SET ${assignments(columns)} WHERE path = ? AND origin = ? AND key = ?`,
  ).run(...values, path, origin, key);
}

function removeEntry(prepare: Prepare, { path, origin, key }: EntryId): void {
  prepare("DELETE FROM entries WHERE path = ? AND origin = ? AND key = ?").run(path, origin, key);
  forgetPieces(prepare, { path, origin, key });
}

function forgetPieces(prepare: Prepare, { path, origin, key }: EntryId): void {
  prepare("DELETE FROM entryPieces WHERE path = ? AND origin = ? AND key = ?").run(
    path,
    origin,
    key,
  );
}

function putPieces(prepare: Prepare, id: EntryId, pieces: readonly KnownPiece[]): void {
  const { path, origin, key } = id;
  prepare(
    `INSERT OR REPLACE INTO entryPieces (path, origin, key, pieces)
       SELECT path, origin, key, ? FROM entries WHERE path = ? AND origin = ? AND key = ?`,
  ).run(JSON.stringify(pieces.map(({ end, sha256 }) => [end, sha256])), path, origin, key);
}

function putIntent(prepare: Prepare, { path, intent }: IntentRow): void {
  prepare("INSERT OR REPLACE INTO cacheIntents (path, intent) VALUES (?, ?)").run(
    path,
    JSON.stringify(intent),
  );
}

export function readEntriesAt(prepare: Prepare, paths: readonly string[]): Entry[] {
  const find = prepare("SELECT * FROM entries WHERE path = ?");
  return paths.slice(0, ENTRIES_PER_QUESTION).flatMap((path) => find.all(path).map(toEntry));
}

export function readEntriesOf(
  prepare: Prepare,
  { origin, keys }: { readonly origin: string; readonly keys: readonly string[] },
): Entry[] {
  const find = prepare("SELECT * FROM entries WHERE origin = ? AND key = ?");
  return keys.slice(0, ENTRIES_PER_QUESTION).flatMap((key) => find.all(origin, key).map(toEntry));
}

/** In the order of paths. */
export function readEntryPage(
  prepare: Prepare,
  { after, limit }: { readonly after: EntryId | null; readonly limit: number },
): Entry[] {
  if (after === null) {
    return prepare("SELECT * FROM entries ORDER BY path, origin, key LIMIT ?")
      .all(limit)
      .map(toEntry);
  }
  return prepare(
    "SELECT * FROM entries WHERE (path, origin, key) > (?, ?, ?) ORDER BY path, origin, key LIMIT ?",
  )
    .all(after.path, after.origin, after.key, limit)
    .map(toEntry);
}

/** SQLite knows no booleans. */
function asRow(fields: Partial<Entry>) {
  const { isPinned, isFetched } = fields;
  return { ...fields, isPinned: toNumber(isPinned), isFetched: toNumber(isFetched) };
}

function toNumber(value: boolean | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

export function toEntry(row: Readonly<Record<string, SQLOutputValue>>): Entry {
  return Entry.parse({
    ...row,
    stamp: JSON.parse(String(row["stamp"])),
    isPinned: row["isPinned"] === 1,
    isFetched: row["isFetched"] === 1,
  });
}
