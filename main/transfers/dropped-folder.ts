import type { PackFormat } from "#shared/archive.ts";
import { LonghaulError } from "#shared/errors.ts";
import { changed } from "../archives/pack-entries.ts";
import type { PackEntry } from "../archives/pack-entries.ts";
import { FolderTrail } from "../archives/folder-trail.ts";
import { NameClaims } from "../disk/name-claims.ts";
import { pagesOf } from "./discard-items.ts";
import { UploadSource } from "./item-record.ts";
import type { ItemRow, NewItem } from "./journal.ts";
import type { Run } from "./run-ports.ts";
import { removeSpool } from "./spool.ts";
import type { DropSpec, TransferSpec } from "./transfer-spec.ts";
import { stayedBehind } from "./upload-source.ts";

/** A page does not say what may be done with a file: what is usual. */
const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;

/** A drop of one folder that goes as one object. */
export type PackedDrop = DropSpec & { readonly archive: PackFormat };

export function isPackedDrop(spec: TransferSpec): spec is PackedDrop {
  return spec.kind === "drop" && spec.archive !== undefined;
}

/** The item that all others of the drop become. */
export function archiveItem({ name, archive }: PackedDrop, index: number): NewItem {
  const source: UploadSource = { kind: "arrivals", format: archive };
  return { index, name: `${name}.${archive}`, sizeBytes: 0, source };
}

/**
 * What a file of the drop is called inside the archive: its path below the folder.
 *
 * @throws {LonghaulError} `invalid` for what leads out of the folder, or is not in it: whoever unpacks
 * the archive must not meet it.
 */
export function nameInside(spec: PackedDrop, name: string): string {
  const top = `${spec.name}/`;
  const inside = name.startsWith(top) ? name.slice(top.length) : "";
  const isOdd = inside
    .replace(/\/$/u, "")
    .split("/")
    .some((part) => part === "" || part === "." || part === ".." || part.includes("\0"));
  // Two names that are no text could become one.
  if (isOdd || !inside.isWellFormed())
    throw new LonghaulError("invalid", `${name} is nothing in the folder ${spec.name}`);
  return inside;
}

/**
 * What the archive of a drop consists of, in the order in which the page told of it. What came twice,
 * because the page did not hear that it was taken, or because it changed meanwhile, is as it came last.
 *
 * @throws {LonghaulError} `source-changed` where one name is a file and a folder, or one stayed behind.
 */
export async function* entriesOfDrop(run: Run, spec: PackedDrop): AsyncGenerator<PackEntry> {
  const { createdAtMs } = run.record;
  const folder = { kind: "folder", mode: FOLDER_MODE, modifiedAtMs: createdAtMs } as const;
  const trail = new FolderTrail();
  const lastOf = await namedTwice(run);
  for await (const row of arrivedRows(run)) {
    if ((lastOf.get(row.name) ?? row.index) !== row.index) continue;
    const source = UploadSource.parse(row.source);
    const name = nameInside(spec, row.name);
    for (const above of trail.enter(name)) yield { ...folder, name: above };
    if (source.kind !== "arrival") continue;
    const { path, stamp, modifiedAtMs = createdAtMs } = source;
    if (stamp === null) throw stayedBehind(row);
    const facts = { mode: FILE_MODE, modifiedAtMs };
    yield { kind: "file", name, path, sizeBytes: row.sizeBytes, stamp, facts };
  }
}

/** What is there more than once, with the index of its last row. */
async function namedTwice(run: Run): Promise<ReadonlyMap<string, number>> {
  const claims = new NameClaims({ isCaseFolded: false });
  const lastOf = new Map<string, number>();
  for await (const { name, index, source } of arrivedRows(run)) {
    // What is no name of a file stands for a folder, which so must not be a file as well.
    const isFile = UploadSource.parse(source).kind === "arrival";
    const collision = claims.claim(isFile ? name : `${name}.`);
    if (collision === "file-and-folder") throw changed(name);
    if (collision === "same-name") lastOf.set(name, index);
  }
  await tellTwice(run, lastOf);
  return lastOf;
}

async function tellTwice({ ports, record }: Run, lastOf: ReadonlyMap<string, number>) {
  const [first] = lastOf.keys();
  if (first === undefined) return;
  const more = lastOf.size === 1 ? "" : ` and ${lastOf.size - 1} more`;
  const text = `${first}${more} came more than once from the page: packed as it came last.`;
  await ports.book.log(record.id, "warn", text);
}

/** Removes what a page sent of a drop that went, or was left, as one object. Never rejects: see `removeSpool`. */
export async function removeArrivals({ ports, record }: Run): Promise<void> {
  try {
    for await (const rows of pagesOf(ports.journal, record)) {
      for (const { source } of rows) await removeSpool(source);
    }
  } catch (error) {
    // A journal that does not answer is everybody's trouble, and the next start sweeps.
    if (!(error instanceof LonghaulError)) throw error;
  }
}

/** @throws {LonghaulError} `source-changed` where one stayed behind: an archive is whole or is not. */
async function* arrivedRows({ ports, record }: Run): AsyncGenerator<ItemRow> {
  for await (const rows of pagesOf(ports.journal, record)) {
    for (const row of rows) {
      if (row.phase === "arrived") yield row;
      else if (UploadSource.parse(row.source).kind !== "arrivals") throw stayedBehind(row);
    }
  }
}
