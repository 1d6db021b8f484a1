import type { ItemAtWork } from "./item-at-work.ts";
import type { FileSource } from "./run-ports.ts";
import { LonghaulError } from "#shared/errors.ts";
import { isSameStamp } from "../disk/file-stamp.ts";
import { statFile } from "../disk/stat-file.ts";
import { UploadSource } from "./item-record.ts";

/**
 * Where the bytes are. A file of which nothing was sent yet is taken as it is now: the walk decides
 * which files go, not which of their versions. One that is half sent must be what it was.
 */
export async function openSource(work: ItemAtWork): Promise<FileSource> {
  const { name, sizeBytes } = work.row;
  if (work.row.source === null) throw sameName(work);
  const source = UploadSource.parse(work.row.source);
  switch (source.kind) {
    case "folder":
      return await work.run.ports.emptyFile();
    case "arrival":
      if (source.stamp === null) throw stayedBehind(work.row);
      return { path: source.path, sizeBytes, stamp: source.stamp };
    case "file":
      if (work.resume.send !== null) return { path: source.path, sizeBytes, stamp: source.stamp };
      return { path: source.path, ...(await statFile(source.path)) };
    case "unread":
      return { path: source.path, ...(await statFile(source.path)) };
    case "archive":
    case "arrivals":
      throw new Error(`${name} is packed as it is sent`);
    default:
      return source satisfies never;
  }
}

/** A page said that it does not come. */
export function stayedBehind({ name }: { readonly name: string }): LonghaulError {
  return new LonghaulError("source-changed", `${name} changed since it was dropped`, {
    details: { path: name, cause: "dropped" },
  });
}

/** Found when it was listed; it never gets a key of its own. */
function sameName({ row }: ItemAtWork): LonghaulError {
  return new LonghaulError("conflict", `another file of this transfer is ${row.name}`, {
    details: { key: row.name },
  });
}

/** Keeps what the file is now, so that a resumed upload can tell whether it still is. */
export async function keepSource(work: ItemAtWork, source: FileSource): Promise<void> {
  const kept = UploadSource.parse(work.row.source);
  if (kept.kind !== "file" && kept.kind !== "unread") return;
  if (kept.kind === "file" && isSameStamp(kept.stamp, source.stamp)) return;
  const { path, stamp } = source;
  const found: UploadSource =
    kept.kind === "file" ? { ...kept, stamp } : { kind: "file", path, stamp };
  await work.replaceSource(found, source.sizeBytes);
}
