import type { SQLOutputValue } from "node:sqlite";
import type { Prepare } from "./journal-columns.ts";
import { Unpacked, UnpackedFile } from "./unpacked.ts";

/** What the journal knows of what came out of archives. */
export interface UnpackedJournal {
  /** What a folder is known to have come out of; null: of nothing. */
  unpackedAt(destination: string): Promise<Unpacked | null>;

  /** A page of its files, in the order of paths. */
  unpackedFiles(query: UnpackedFilesQuery): Promise<readonly UnpackedFile[]>;
}

export type UnpackedChange =
  /** What is known of a destination is forgotten: something else is about to be put there. */
  | { readonly kind: "forgotten"; readonly destination: string }
  /** Files of a destination; at most 1,000. They count once a `put` follows. */
  | {
      readonly kind: "files";
      readonly destination: string;
      readonly files: readonly UnpackedFile[];
    }
  | { readonly kind: "put"; readonly unpacked: Unpacked };

export function applyToUnpacked(prepare: Prepare, change: UnpackedChange): void {
  switch (change.kind) {
    case "forgotten":
      return forgetUnpacked(prepare, change.destination);
    case "files":
      return addUnpackedFiles(prepare, change.destination, change.files);
    case "put":
      return putUnpacked(prepare, change.unpacked);
    default:
      return change satisfies never;
  }
}

function forgetUnpacked(prepare: Prepare, destination: string): void {
  prepare("DELETE FROM unpackedFiles WHERE destination = ?").run(destination);
  prepare("DELETE FROM unpacked WHERE destination = ?").run(destination);
}

/** Files first, then what they are of: a destination without that is known to nobody. */
function addUnpackedFiles(
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

function putUnpacked(prepare: Prepare, unpacked: Unpacked): void {
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
