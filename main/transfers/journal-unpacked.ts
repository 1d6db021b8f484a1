import type { SQLOutputValue } from "node:sqlite";
import type { Prepare } from "./journal-columns.ts";
import { Unpacked, UnpackedFile } from "./unpacked.ts";

/** Forgets what is known of a destination: something else is about to be put there. */
export function forgetUnpacked(prepare: Prepare, destination: string): void {
  prepare("DELETE FROM unpackedFiles WHERE destination = ?").run(destination);
  prepare("DELETE FROM unpacked WHERE destination = ?").run(destination);
}

/** Files first, then what they are of: a destination without that is known to nobody. */
export function addUnpackedFiles(
  prepare: Prepare,
  destination: string,
  files: readonly UnpackedFile[],
): void {
  const insert = prepare(
    `INSERT OR REPLACE INTO unpackedFiles (destination, path, sizeBytes, mtimeNs)
       VALUES (?, ?, ?, ?)`,
  );
  for (const { path, sizeBytes, mtimeNs } of files) {
    insert.run(destination, path, sizeBytes, mtimeNs);
  }
}

export function putUnpacked(prepare: Prepare, unpacked: Unpacked): void {
  const { destination, origin, key, etag, sizeBytes, unpackedAtMs } = unpacked;
  prepare(
    `INSERT OR REPLACE INTO unpacked (destination, origin, key, etag, sizeBytes, unpackedAtMs)
       VALUES (?, ?, ?, ?, ?, ?)`,
  ).run(destination, origin, key, etag, sizeBytes, unpackedAtMs);
}

export function readUnpacked(prepare: Prepare, destination: string): Unpacked | null {
  const row = prepare("SELECT * FROM unpacked WHERE destination = ?").get(destination);
  return row === undefined ? null : Unpacked.parse({ ...row });
}

export function readUnpackedFiles(
  prepare: Prepare,
  { destination, after, limit }: UnpackedFilesQuery,
): UnpackedFile[] {
  return prepare(
    `SELECT path, sizeBytes, mtimeNs FROM unpackedFiles
       WHERE destination = ? AND path > ? ORDER BY path LIMIT ?`,
  )
    .all(destination, after ?? "", limit)
    .map((row: Readonly<Record<string, SQLOutputValue>>) => UnpackedFile.parse({ ...row }));
}

export type UnpackedFilesQuery = {
  readonly destination: string;
  /** The last path of the page before; null is the first page. */
  readonly after: string | null;
  readonly limit: number;
};
