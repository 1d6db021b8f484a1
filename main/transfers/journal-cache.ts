import { sep } from "node:path";
import type { SQLOutputValue } from "node:sqlite";
import { z } from "zod";
import type { CacheFilter, CacheSort } from "#shared/cache.ts";
import type {
  EntryList,
  EntryListQuery,
  EntrySums,
  Evictable,
  EvictableQuery,
  IntentRow,
  KnownPiece,
} from "../cache/cache-journal.ts";
import { CacheIntent } from "../cache/cache-journal.ts";
import type { EntryId } from "../cache/entry.ts";
import type { Prepare } from "./journal-columns.ts";
import { toEntry } from "./journal-entries.ts";

const SORTED_BY: Readonly<Record<CacheSort, string>> = {
  used: "usedAtMs",
  added: "addedAtMs",
  size: "sizeBytes",
  key: "key",
  path: "path",
  verified: "verifiedAtMs",
};

/** What a page may see: folders as a JSON array, each with a separator at its end; null is all. */
const BELOW = `(?4 IS NULL OR kind = 'managed' OR EXISTS (
    SELECT 1 FROM json_each(?4) AS folder
      WHERE substr(entries.path, 1, length(folder.value)) = folder.value))`;

/** Each has one parameter, used or not, so that every list is asked for alike. */
const SHOWN: Readonly<Record<CacheFilter, string>> = {
  all: "?3 = ?3",
  pinned: "?3 = ?3 AND isPinned = 1",
  unused: "usedAtMs < ?3",
  trouble: "?3 = ?3 AND trouble IS NOT NULL",
  managed: "?3 = ?3 AND kind = 'managed'",
  own: "?3 = ?3 AND kind = 'own'",
};

/** A page of the entries that match, with the sums of all that do. */
export function readEntryList(prepare: Prepare, query: EntryListQuery): EntryList {
  const { sort, order, filter, unusedBeforeMs, offset, limit } = query;
  const text = query.query.toLowerCase();
  const where = `(?1 = '' OR instr(lower(path || ' ' || bucket || ' ' || key), ?2) > 0)
    AND ${SHOWN[filter]} AND ${BELOW}`;
  const below = query.below && JSON.stringify(query.below.map(asFolder));
  const asked = [text, text, unusedBeforeMs, below ?? null];
  const direction = order === "up" ? "ASC" : "DESC";
  const page = prepare(
    `SELECT * FROM entries WHERE ${where}
       ORDER BY ${SORTED_BY[sort]} ${direction}, path, origin, key LIMIT ?5 OFFSET ?6`,
  ).all(...asked, limit, offset);
  const sums = prepare(
    `SELECT count(*) AS total, coalesce(sum(sizeBytes), 0) AS sizeBytes
       FROM entries WHERE ${where}`,
  ).get(...asked);
  return {
    entries: page.map(toEntry),
    total: Number(sums?.["total"]),
    sizeBytes: Number(sums?.["sizeBytes"]),
  };
}

function asFolder(path: string): string {
  return path.endsWith(sep) ? path : `${path}${sep}`;
}

/** A page of the managed copies right in a folder that may go, the least recently used first. */
export function readEvictable(
  prepare: Prepare,
  { folder, after, limit }: EvictableQuery,
): Evictable[] {
  const rows = prepare(
    `SELECT *, EXISTS (
         SELECT 1 FROM entries AS other
           WHERE other.origin = entries.origin AND other.key = entries.key
             AND other.etag = entries.etag AND other.kind = 'own' AND other.trouble IS NULL
             AND json_extract(other.stamp, '$.dev') = json_extract(entries.stamp, '$.dev')
       ) AS isShared
       FROM entries INDEXED BY managedByUse
       WHERE kind = 'managed' AND isPinned = 0 AND (trouble IS NULL OR trouble = 'damaged')
         AND (usedAtMs, path) > (?, ?) AND path >= ? AND path < ?
       ORDER BY usedAtMs, path LIMIT ?`,
  ).all(after?.usedAtMs ?? -1, after?.path ?? "", ...boundsOf(folder), limit);
  return rows.map(toEvictable);
}

export function readEntrySums(prepare: Prepare, folder: string): EntrySums {
  const row = prepare(
    `SELECT count(*) AS count, coalesce(sum(sizeBytes), 0) AS usedBytes,
       coalesce(sum(sizeBytes) FILTER (WHERE isPinned = 1), 0) AS pinnedBytes
       FROM entries WHERE kind = 'managed' AND path >= ? AND path < ?`,
  ).get(...boundsOf(folder));
  return {
    count: Number(row?.["count"]),
    usedBytes: Number(row?.["usedBytes"]),
    pinnedBytes: Number(row?.["pinnedBytes"]),
  };
}

const Pieces = z.array(z.tuple([z.int(), z.string()]));

export function readPieces(
  prepare: Prepare,
  { path, origin, key }: EntryId,
): readonly KnownPiece[] | null {
  const row = prepare(
    "SELECT pieces FROM entryPieces WHERE path = ? AND origin = ? AND key = ?",
  ).get(path, origin, key);
  if (row === undefined) return null;
  let start = 0;
  return Pieces.parse(JSON.parse(String(row["pieces"]))).map(([end, sha256]) => {
    const piece = { start, end, sha256 };
    start = end;
    return piece;
  });
}

export function hasEntries(prepare: Prepare, origin: string): boolean {
  return prepare("SELECT 1 FROM entries WHERE origin = ? LIMIT 1").get(origin) !== undefined;
}

export function readIntents(prepare: Prepare): IntentRow[] {
  return prepare("SELECT path, intent FROM cacheIntents ORDER BY path")
    .all()
    .map(({ path, intent }) => ({
      path: String(path),
      intent: CacheIntent.parse(JSON.parse(String(intent))),
    }));
}

/** The paths below a folder, as a stretch of all paths. */
function boundsOf(folder: string): [string, string] {
  return [`${folder}${sep}`, `${folder}${String.fromCodePoint((sep.codePointAt(0) ?? 0) + 1)}`];
}

function toEvictable({ isShared, ...row }: Readonly<Record<string, SQLOutputValue>>): Evictable {
  return { entry: toEntry(row), isShared: isShared === 1 };
}
