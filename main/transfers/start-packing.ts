import type { PackedStream } from "../archives/pack-entries.ts";
import type { Packing } from "../archives/pack-folder.ts";
import { createNameFilter } from "../disk/name-filter.ts";
import { entriesOfDrop, isPackedDrop } from "./dropped-folder.ts";
import type { UploadSource } from "./item-record.ts";
import { isOfArrivals } from "./item-record.ts";
import type { ItemRow } from "./journal.ts";
import { keptBelow, leavingOut } from "./kept-places.ts";
import type { Run } from "./run-ports.ts";

/** What one archive is made of. */
export type ArchiveSource = Extract<UploadSource, { kind: "archive" | "arrivals" }>;

/** What is in no folder has nothing in it that is left out. */
export type StartedPacking = PackedStream & Partial<Pick<Packing, "skipped">>;

/** Begins to make an archive: of a folder here, or of what a page sent of one. */
export async function startPacking(
  run: Run,
  source: ArchiveSource,
  signal: AbortSignal,
): Promise<StartedPacking> {
  const { ports, record } = run;
  const { spec } = record;
  if (source.kind === "arrivals") {
    if (!isPackedDrop(spec)) throw new Error("a drop that is not packed");
    return ports.packEntries(entriesOfDrop(run, spec), source.format, signal);
  }
  if (spec.kind !== "upload") throw new Error("only an upload packs a folder that is here");
  const plain = createNameFilter(spec.include, spec.exclude);
  const filter = leavingOut(plain, await keptBelow(source.path, ports));
  return ports.packFolder(source.path, source.format, { filter }, signal);
}

/** How much one item moves, in bytes of files. */
export function bytesOfItem({ ports, record }: Run, row: ItemRow): number {
  return isOfArrivals(row.source) ? ports.book.get(record.id).totals.sizeBytes : row.sizeBytes;
}
