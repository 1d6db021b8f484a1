import { stat } from "node:fs/promises";
import { onDisk } from "../disk/disk-errors.ts";
import { toFsPath } from "../disk/local-path.ts";
import type { ObjectAttributes } from "../stores/store.ts";
import { formatMode, formatMtime, MODE_METADATA, MTIME_METADATA } from "../parts/file-metadata.ts";
import { contentTypeOf } from "./content-type.ts";
import type { UploadSource } from "./item-record.ts";
import type { FileSource } from "./run-ports.ts";
import type { DropSpec, UploadSpec } from "./transfer-spec.ts";

/**
 * What one file's object is to say of itself: what was asked for, else what the file and its name
 * say. A person's own metadata wins over the file's.
 *
 * @throws {LonghaulError} `path-missing`, `path-denied` when its permissions are asked for.
 */
export async function attributesOf(
  { object = {} }: UploadSpec | DropSpec,
  key: string,
  kept: UploadSource,
  file: FileSource,
): Promise<ObjectAttributes> {
  const { preserveMode, ...asked } = object;
  const mtimeNs = mtimeOf(kept, file);
  const isModeKept = preserveMode === true && kept.kind !== "folder" && kept.kind !== "arrival";
  const metadata = {
    ...(mtimeNs !== null && { [MTIME_METADATA]: formatMtime(mtimeNs) }),
    ...(isModeKept && { [MODE_METADATA]: formatMode(await modeOf(file.path)) }),
    ...asked.metadata,
  };
  return { ...asked, contentType: asked.contentType ?? contentTypeOf(key), metadata };
}

/** Of the file of which this is sent; a page's file is spooled here later than it was changed. */
function mtimeOf(kept: UploadSource, { stamp }: FileSource): bigint | null {
  if (kept.kind === "folder") return null;
  if (kept.kind !== "arrival") return BigInt(stamp.mtimeNs);
  const { modifiedAtMs } = kept;
  return modifiedAtMs === undefined ? null : BigInt(Math.trunc(modifiedAtMs)) * 1_000_000n;
}

async function modeOf(path: string): Promise<number> {
  return await onDisk(path, "read", async () => (await stat(toFsPath(path))).mode);
}
