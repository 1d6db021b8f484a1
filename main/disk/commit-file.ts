import { link, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { LonghaulError } from "#shared/errors.ts";
import type { Clock } from "../flow/clock.ts";
import { onDisk, systemCode, toDiskError } from "./disk-errors.ts";
import type { FileStamp } from "./file-stamp.ts";
import { isSameStamp, toFileStamp } from "./file-stamp.ts";
import { toFsPath, toShownPath } from "./local-path.ts";
import type { PartFile } from "./part-file.ts";
import { isPartFileAt } from "./part-file.ts";
import { findAt } from "./stat-file.ts";
import { syncFolder } from "./sync-folder.ts";

export type CommitOrder = {
  /** Complete, verified and synced: every promise about its bytes has been kept already. */
  readonly part: PartFile;
  /** The final name, in the same folder. */
  readonly path: string;
  /** The file that may be replaced, as it was when that was agreed; null: nothing may be there. */
  readonly replaces: FileStamp | null;
};

/** The calls that change names, replaceable so that every answer of a file system can be tried. */
export type NameCalls = {
  readonly link: (from: string, to: string) => Promise<void>;
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly unlink: (path: string) => Promise<void>;
  readonly syncFolder: (folder: string) => Promise<boolean>;
  readonly platform: NodeJS.Platform;
};

const SYSTEM_CALLS: NameCalls = {
  link: (from, to) => link(toFsPath(from), toFsPath(to)),
  rename: (from, to) => rename(toFsPath(from), toFsPath(to)),
  unlink: (path) => unlink(toFsPath(path)),
  syncFolder,
  platform: process.platform,
};

/** The system's calls, each made by `run`, but for the flush, which many share. */
export function callsThrough(run: (call: () => Promise<void>) => Promise<void>): NameCalls {
  const { link: linkNow, rename: renameNow, unlink: unlinkNow } = SYSTEM_CALLS;
  return {
    ...SYSTEM_CALLS,
    link: (from, to) => run(() => linkNow(from, to)),
    rename: (from, to) => run(() => renameNow(from, to)),
    unlink: (path) => run(() => unlinkNow(path)),
  };
}

export const NOTE_NOT_ATOMIC =
  "This file system cannot give a file its name and refuse to replace another in one step; the name was checked to be free just before.";
export const NOTE_NOT_FLUSHED =
  "This file system cannot flush a folder: a power cut in the next seconds may undo the name, not the bytes.";

/**
 * Gives a finished partial file its final name, so that it appears whole or not at all, and never
 * in place of something else than agreed. Repeating it after a crash at any step is safe.
 *
 * @returns what the file system could not promise, in words; usually empty.
 * @throws {LonghaulError} `conflict` when the name is taken, or by another file than agreed;
 * `path-missing` when the partial file is gone; `path-denied`, `disk-failed`, `folder-missing`.
 */
export async function commitFile(
  order: CommitOrder,
  clock: Clock,
  signal: AbortSignal,
  calls: NameCalls = SYSTEM_CALLS,
): Promise<readonly string[]> {
  const notes = await giveName(order, { clock, signal, calls });
  const isFlushed = await calls.syncFolder(dirname(order.path));
  return isFlushed ? notes : [...notes, NOTE_NOT_FLUSHED];
}

/** A crash came between the two names' swap: the final one is there, the partial one may be. */
async function finishEarlier(order: CommitOrder, calls: NameCalls): Promise<string[]> {
  const { part, path } = order;
  if (part.path !== path && (await isPartFileAt(part, part.path))) await calls.unlink(part.path);
  return [];
}

type Means = { readonly clock: Clock; readonly signal: AbortSignal; readonly calls: NameCalls };

async function giveName(order: CommitOrder, means: Means): Promise<string[]> {
  const { part, path, replaces } = order;
  const isWaiting = part.path !== path && (await isPartFileAt(part, part.path));
  // Of a name that nobody may have, the call that gives it says whether it is free.
  if (isWaiting && replaces === null) return await giveFreeName(order, means);
  if (await isPartFileAt(part, path)) return await finishEarlier(order, means.calls);
  if (!isWaiting) throw partGone(part);
  const isTaken = await assertNameFree(path, replaces);
  if (!isTaken) return await giveFreeName(order, means);
  await onDisk(path, "write", () =>
    patiently(means, path, () => means.calls.rename(part.path, path)),
  );
  return [];
}

/**
 * Makes sure that a name is free, or is that of the file which may be replaced.
 *
 * @returns whether there is such a file.
 * @throws {LonghaulError} `conflict`
 */
export async function assertNameFree(path: string, replaces: FileStamp | null): Promise<boolean> {
  const present = await findAt(path);
  if (present === undefined) return false;
  if (replaces === null || !isSameStamp(toFileStamp(present), replaces)) throw taken(path);
  return true;
}

/** A link refuses a name that is taken, which a rename does not. */
async function giveFreeName(order: CommitOrder, means: Means): Promise<string[]> {
  const { part, path } = order;
  const { calls } = means;
  try {
    await patiently(means, path, () => calls.link(part.path, path), BUSY);
  } catch (error) {
    const code = systemCode(error);
    if (code === "EEXIST") {
      if (await isPartFileAt(part, path)) return await finishEarlier(order, calls);
      throw taken(path);
    }
    if (error instanceof LonghaulError || !CANNOT_LINK.has(code ?? ""))
      throw toDiskError(error, path, "write");
    if ((await findAt(path)) !== undefined) throw taken(path);
    await onDisk(path, "write", () => patiently(means, path, () => calls.rename(part.path, path)));
    return [NOTE_NOT_ATOMIC];
  }
  await onDisk(part.path, "write", () =>
    patiently(means, part.path, () => calls.unlink(part.path)),
  );
  return [];
}

/** FAT, exFAT, some network shares, some sandboxes. */
const CANNOT_LINK = new Set([
  "EPERM",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EMLINK",
  "EACCES",
  "EINVAL",
]);

/** What a virus scanner or an indexer that holds a file makes of changing its name. */
const BUSY = new Set(["EBUSY"]);
/** On Windows also these, which elsewhere are a matter of permissions: waiting does not change them. */
const HELD_ON_WINDOWS = new Set(["EPERM", "EBUSY", "EACCES"]);
const HELD_FIRST_WAIT_MS = 100;
const HELD_LONGEST_WAIT_MS = 2000;
const HELD_FOR_MS = 60_000;

/** @throws {LonghaulError} `path-denied` with cause `held` when the file is not let go of in time. */
async function patiently(
  { clock, signal, calls }: Means,
  path: string,
  effect: () => Promise<void>,
  held = calls.platform === "win32" ? HELD_ON_WINDOWS : BUSY,
): Promise<void> {
  const endMs = clock.nowMs() + HELD_FOR_MS;
  for (let waitMs = HELD_FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, HELD_LONGEST_WAIT_MS)) {
    try {
      return await effect();
    } catch (error) {
      if (!held.has(systemCode(error) ?? "")) throw error;
      if (clock.nowMs() >= endMs) throw heldByOther(path, error);
      await clock.sleep(waitMs, signal);
    }
  }
}

function heldByOther(path: string, cause: unknown): LonghaulError {
  return new LonghaulError("path-denied", `${toShownPath(path)} is held by another program`, {
    details: { path: toShownPath(path), cause: "held" },
    cause,
  });
}

function taken(path: string): LonghaulError {
  return new LonghaulError("conflict", `${toShownPath(path)} is taken by another file`, {
    details: { path: toShownPath(path) },
  });
}

function partGone(part: PartFile): LonghaulError {
  return new LonghaulError("path-missing", `${toShownPath(part.path)} was moved or changed`, {
    details: { path: toShownPath(part.path) },
  });
}
