import { dirname } from "node:path";
import { isAbort, LonghaulError } from "#shared/errors.ts";
import type { CloneFile } from "../disk/clone-file.ts";
import { copyRanges } from "../disk/copy-ranges.ts";
import { toFileStamp } from "../disk/file-stamp.ts";
import { flushFile } from "../disk/flush-file.ts";
import { makeFolderBelow } from "../disk/make-folder.ts";
import { createPartFile, intendPartFile, removePartFile } from "../disk/part-file.ts";
import type { PartFile } from "../disk/part-file.ts";
import { findAt } from "../disk/stat-file.ts";
import { syncFolder } from "../disk/sync-folder.ts";
import type { FetchResume } from "../parts/resume.ts";
import type { ObjectInfo } from "../stores/store.ts";
import type { Entry } from "./entry.ts";
import { isUnchanged } from "./is-unchanged.ts";

export type ReachOrder = {
  readonly copy: Entry;
  readonly object: ObjectInfo;
  /** Must exist; no link may lead out of it. */
  readonly root: string;
  /** The final name. */
  readonly path: string;
};

export type ReachPorts = {
  readonly clone: CloneFile;
  /** Resolves when it is durable. */
  readonly saved: (resume: FetchResume) => Promise<void>;
};

/** What says that no file can be made at the destination, however it is made. */
const OF_DESTINATION = new Set(["disk-full", "folder-missing", "folder-denied", "path-unsafe"]);

/**
 * Makes the partial file of a download out of a copy that is here: by sharing its bytes, else by
 * copying them. Nothing of it is believed: whoever goes on with it compares it with the object before
 * it gets its name.
 *
 * @returns what a download goes on with; null where the copy could not be used, and is to be fetched.
 * @throws {LonghaulError} where the destination takes nothing; AbortError.
 */
export async function reachCopy(
  { copy, object, root, path }: ReachOrder,
  { clone, saved }: ReachPorts,
  signal: AbortSignal,
): Promise<FetchResume | null> {
  await makeFolderBelow(root, dirname(path));
  const intended = intendPartFile(path, object.sizeBytes);
  await saved(resumeOf(object, intended, null));
  let part: PartFile = intended;
  try {
    if (!(await clone(copy.path, intended.path))) {
      part = await createPartFile(intended);
      await copyRanges(copy.path, part.path, [wholeOf(object)], signal);
    }
    await flushFile(intended.path);
    await syncFolder(dirname(path));
    const stats = await findAt(intended.path);
    // Somebody may have written to the copy while it was read.
    if (stats !== undefined && (await isUnchanged(copy))) {
      part = { ...intended, dev: String(stats.dev), ino: String(stats.ino) };
      const resume = { ...resumeOf(object, part, null), stamp: toFileStamp(stats) };
      const whole = { ...resume, durable: [wholeOf(object)] };
      await saved(whole);
      return whole;
    }
  } catch (error) {
    await removeQuietly(part);
    const isOfPlace = error instanceof LonghaulError && OF_DESTINATION.has(error.code);
    if (isAbort(error) || isOfPlace || !(error instanceof LonghaulError)) throw error;
    return null;
  }
  await removeQuietly(part);
  return null;
}

/** The journal knows of it: if it cannot be removed now, whoever goes on with the item does. */
async function removeQuietly(part: PartFile): Promise<void> {
  await removePartFile(part).catch(() => undefined);
}

function resumeOf(
  { etag, sizeBytes, versionId }: ObjectInfo,
  part: PartFile,
  stamp: FetchResume["stamp"],
): FetchResume {
  return { etag, sizeBytes, versionId, part, stamp, durable: [], proven: [] };
}

function wholeOf({ sizeBytes }: ObjectInfo) {
  return { start: 0, end: sizeBytes };
}
