import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";

import { BodyFiles } from "./bodies/body-files.ts";
import { Buckets } from "./catalog/buckets.ts";
import { openDatabase } from "./catalog/database.ts";
import { Garbage } from "./catalog/garbage.ts";
import { Listings } from "./catalog/listing.ts";
import { Objects } from "./catalog/objects.ts";
import { Parts } from "./catalog/parts.ts";
import { Uploads } from "./catalog/uploads.ts";
import { Versions } from "./catalog/versions.ts";

/**
 * Everything under one folder: `catalog.db` says what exists, `data/` holds the bytes. A body is
 * whole in `data/` before a row names it, so after any crash an object is there whole or not at all.
 */
export type SandboxStore = {
  readonly db: DatabaseSync;
  readonly buckets: Buckets;
  readonly objects: Objects;
  readonly uploads: Uploads;
  readonly parts: Parts;
  readonly versions: Versions;
  readonly listings: Listings;
  readonly garbage: Garbage;
  readonly files: BodyFiles;
  readonly nowMs: () => number;
};

/** Opens the store; several processes may, once `prepareFolder` has been called by one of them. */
export function openStore(folder: string, nowMs: () => number): SandboxStore {
  const db = openDatabase(join(folder, "catalog.db"));
  const garbage = new Garbage(db, nowMs);
  const parts = new Parts(db, garbage);
  const versions = new Versions(db, parts);
  return {
    db,
    buckets: new Buckets(db),
    objects: new Objects(db),
    uploads: new Uploads(db),
    parts,
    versions,
    listings: new Listings(db),
    garbage,
    files: new BodyFiles(folder),
    nowMs,
  };
}

/** Makes the folders and clears what an earlier process left half written. */
export function prepareFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  new BodyFiles(folder).prepare();
}

/** Unlinks the files that were let go at least `ageMs` ago. */
export async function sweepGarbage(store: SandboxStore, ageMs: number): Promise<void> {
  for (let files = store.garbage.list(ageMs); files.length > 0; files = store.garbage.list(ageMs)) {
    await store.files.remove(files);
    store.garbage.drop(files);
  }
}
