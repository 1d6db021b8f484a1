import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { LonghaulError } from "#shared/errors.ts";
import { RangeSet } from "../bytes/range-set.ts";
import { onDisk } from "../disk/disk-errors.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import { isSameStamp, toFileStamp } from "../disk/file-stamp.ts";
import { makeFolderBelow } from "../disk/make-folder.ts";
import { toFsPath, toShownPath } from "../disk/local-path.ts";
import type { PartFile } from "../disk/part-file.ts";
import {
  createPartFile,
  findPartFile,
  intendPartFile,
  isOnlyIntended,
  isPartFileAt,
  removePartFile,
} from "../disk/part-file.ts";
import { findAt } from "../disk/stat-file.ts";
import type { FetchItem, FetchJournal, OnVolume } from "./ports.ts";
import type { FetchResume } from "./resume.ts";

/** The file that bytes go to, and what of it is good. */
export type Target = {
  readonly part: PartFile;
  readonly durable: RangeSet;
  readonly proven: RangeSet;
  /** It is not as it was left: by a crash, or because another program wrote to it. */
  readonly isDoubtful: boolean;
  /** Resolves when the journal knows the very file; nothing gets its final name before. */
  readonly kept: Promise<void>;
};

const KEPT = Promise.resolve();

/**
 * The partial file of an earlier run, if it is still there and of the same object; else a new one.
 * What another file, or another object's bytes, would be taken for is never guessed: the file must
 * be the very one that was journaled.
 */
export async function openTarget(
  item: FetchItem,
  journal: FetchJournal,
  onVolume: OnVolume,
  signal: AbortSignal,
): Promise<Target> {
  const found = await onVolume(() => findEarlier(item), signal);
  if (found !== undefined) return found;
  const nothing = { durable: RangeSet.empty, proven: RangeSet.empty };
  const intended = intendPartFile(item.path, item.object.sizeBytes);
  await journal.saved(toResume(item, { part: intended, ...nothing }, null));
  const part = await onVolume(() => createPartFile(intended), signal);
  // Bytes come meanwhile: one commit to wait for is enough, with files by the thousand.
  const kept = journal.saved(toResume(item, { part, ...nothing }, null));
  kept.catch(() => undefined);
  return { part, ...nothing, isDoubtful: false, kept };
}

/** In a folder that is there afterwards; what an earlier run left of no use is gone. */
async function findEarlier(item: FetchItem): Promise<Target | undefined> {
  await makeFolderBelow(item.root, dirname(item.path));
  if (item.resume === null) return undefined;
  const found = await findTarget(item, item.resume);
  if (found === undefined) await removePartFile(item.resume.part);
  return found;
}

async function findTarget(item: FetchItem, resume: FetchResume): Promise<Target | undefined> {
  const { etag, sizeBytes } = item.object;
  if (resume.etag !== etag || resume.sizeBytes !== sizeBytes) return undefined;
  const part = await findPartFile(resume.part);
  if (part !== undefined) {
    // It has its final name too, which a crash came behind: nobody may write to it any more.
    if (await isPartFileAt(part, item.path)) return undefined;
    // What was proven was so before somebody else wrote to it.
    const stamp = await stampOf(part);
    const isDoubtful = resume.stamp === null || stamp === null || !isSameStamp(stamp, resume.stamp);
    const proven = isDoubtful ? RangeSet.empty : RangeSet.of(...resume.proven);
    const durable = RangeSet.of(...resume.durable);
    return { part, durable, proven, isDoubtful, kept: KEPT };
  }
  if (!isOnlyIntended(resume.part)) await assertSameDisk(item.root, resume.part);
  return undefined;
}

export async function stampOf({ path }: PartFile): Promise<FileStamp | null> {
  const stats = await findAt(path);
  return stats === undefined ? null : toFileStamp(stats);
}

/**
 * An empty folder on another disk than the partial file's is where that disk is mounted when it is
 * there: what is written into it now would be out of sight when it comes back.
 *
 * @throws {LonghaulError} `folder-missing`
 */
export async function assertSameDisk(root: string, part: PartFile): Promise<void> {
  const folder = await findAt(root);
  if (folder === undefined || String(folder.dev) === part.dev) return;
  const names = await onDisk(root, "write", () => readdir(toFsPath(root)));
  if (names.length > 0) return;
  const path = toShownPath(root);
  throw new LonghaulError("folder-missing", `${path} is on another disk than before`, {
    details: { path, cause: "other-disk" },
  });
}

export function toResume(
  { object }: FetchItem,
  { part, durable, proven }: Pick<Target, "part" | "durable" | "proven">,
  stamp: FileStamp | null,
): FetchResume {
  const { etag, sizeBytes, versionId } = object;
  return {
    etag,
    sizeBytes,
    versionId,
    part,
    stamp,
    durable: [...durable.ranges],
    proven: [...proven.ranges],
  };
}
