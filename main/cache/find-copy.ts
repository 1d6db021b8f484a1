import type { ObjectInfo } from "../stores/store.ts";
import type { CacheJournal, KnownPiece } from "./cache-journal.ts";
import type { Entry } from "./entry.ts";
import { idOf, isOfVersion } from "./entry.ts";
import { isUnchanged } from "./is-unchanged.ts";

/** A file here that is the very version of an object. */
export type FoundCopy = {
  readonly entry: Entry;
  /** Digests by which it is proven without asking anybody; null where none are known. */
  readonly pieces: readonly KnownPiece[] | null;
};

/**
 * A valid copy of an object, whoever's file it is; null where there is none.
 *
 * @param entries All that are known of it.
 * @param notPath Where the object is to go.
 */
export async function findCopy(
  object: ObjectInfo,
  entries: readonly Entry[],
  notPath: string,
  journal: Pick<CacheJournal, "entryPieces">,
): Promise<FoundCopy | null> {
  for (const entry of entries) {
    const isRight = entry.trouble === null && isVersion(entry, object) && entry.path !== notPath;
    if (!isRight || !(await isUnchanged(entry))) continue;
    return { entry, pieces: await piecesOf(entry, journal) };
  }
  return null;
}

function isVersion(entry: Entry, object: ObjectInfo): boolean {
  const isOther =
    object.versionId !== null && entry.versionId !== null && object.versionId !== entry.versionId;
  return !isOther && isOfVersion(entry, object);
}

/** What is known of an entry's bytes without asking the origin; null where nothing is. */
export async function piecesOf(
  entry: Entry,
  journal: Pick<CacheJournal, "entryPieces">,
): Promise<readonly KnownPiece[] | null> {
  const kept = await journal.entryPieces(idOf(entry));
  if (kept !== null && kept.at(-1)?.end === entry.sizeBytes) return kept;
  const { sha256, sizeBytes } = entry;
  return sha256 === null || sizeBytes === 0 ? null : [{ start: 0, end: sizeBytes, sha256 }];
}
