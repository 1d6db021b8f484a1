import { lstat, mkdir, readdir, readFile, realpath, rename } from "node:fs/promises";
import { rm, rmdir, stat, unlink, utimes, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { LonghaulError } from "#shared/errors.ts";
import { onDisk, systemCode, toDiskError } from "../disk/disk-errors.ts";
import { fromLatin1Name, toFsPath, toShownPath } from "../disk/local-path.ts";
import { makeFolders } from "../disk/make-folders.ts";
import { syncFolder } from "../disk/sync-folder.ts";

const PREFIX = ".longhaul-extract-";
/** In the temporary folder: what is to become the destination, and what says whose it is. */
const TREE = "tree";
const MARKER = "longhaul-extract.json";

/** Whether a folder of this name is where an unpacking is under way, or keeps what was there before. */
export function isUnpackingName(name: string): boolean {
  return /^\.longhaul-(?:extract|before)-[A-Za-z0-9-]{1,64}$/u.test(name);
}

const Marker = z.strictObject({
  id: z.string(),
  /** Of the destination. */
  name: z.string(),
  /** Of the tree, which keeps it when it is renamed; decimal. */
  ino: z.string(),
});
type Marker = z.infer<typeof Marker>;

export type ExtractFolder = {
  readonly id: string;
  readonly folder: string;
  readonly tree: string;
  /** With the links on the way to it followed. */
  readonly destination: string;
  /** The topmost folder above the destination that had to be made. */
  readonly firstMade: string | undefined;
};

/** What was left by an unpacking that a crash ended. */
export type Leftover = "none" | "removed" | "in-place" | "not-ours";

/**
 * Makes the temporary folder beside the destination, on the same file system and for this user
 * alone: nobody puts a link into what is being written. One of the same id that a crash left is
 * removed first.
 *
 * @throws {LonghaulError} `conflict` where the destination holds something; `folder-missing`,
 * `path-denied`, `disk-full`.
 */
export async function makeExtractFolder(target: string, id: string): Promise<ExtractFolder> {
  const destination = await assertVacant(target);
  const parent = dirname(destination);
  const firstMade = await onDisk(parent, "write", () => makeFolders(parent));
  const folder = folderOf(parent, id);
  if ((await sweepExtract(destination, id)) === "not-ours") throw conflict(folder);
  const tree = join(folder, TREE);
  return await onDisk(folder, "write", async () => {
    await mkdir(toFsPath(folder), { mode: 0o700 });
    await mkdir(toFsPath(tree));
    const { ino } = await lstat(toFsPath(tree), { bigint: true });
    const marker: Marker = { id, name: basename(destination), ino: String(ino) };
    const path = toFsPath(join(folder, MARKER));
    await writeFile(path, JSON.stringify(marker), { flag: "wx", flush: true });
    await syncFolder(folder);
    return { id, folder, tree, destination, firstMade };
  });
}

/**
 * Puts the tree in place with one rename. Its content is durable before.
 *
 * @throws {LonghaulError} `conflict` where the destination holds something by now.
 */
export async function commitExtract(extract: ExtractFolder): Promise<void> {
  const { tree, destination, folder } = extract;
  const now = new Date();
  // Its time of change, which the disk sets, tells ours from what comes later: see `committedAt`.
  await onDisk(folder, "write", () => utimes(toFsPath(join(folder, MARKER)), now, now));
  try {
    // Elsewhere the rename takes the place of an empty folder itself.
    if (process.platform === "win32") await rmdir(toFsPath(destination)).catch(unlessMissing);
    await rename(toFsPath(tree), toFsPath(destination));
  } catch (error) {
    const isTaken = ["ENOTEMPTY", "EEXIST", "ENOTDIR", "EISDIR"].includes(systemCode(error) ?? "");
    throw isTaken ? conflict(destination) : toDiskError(error, destination, "write");
  }
  await syncFolder(dirname(destination));
}

/**
 * Just before a tree was put in place, by the clock of its disk, in nanoseconds; null where there is
 * no mark any more.
 */
export async function committedAt(target: string, id: string): Promise<bigint | null> {
  const path = join(folderOf(dirname(await realDestination(target)), id), MARKER);
  return await onDisk(path, "read", async () => {
    const stats = await lstat(toFsPath(path), { bigint: true }).catch(unlessMissing);
    return stats?.ctimeNs ?? null;
  });
}

/** Removes the temporary folder of a tree that is in place: from then on nothing says whose it is. */
export async function forgetExtract({ folder }: ExtractFolder): Promise<void> {
  await removeOurs(folder);
}

/** What `sweepExtract` would say, and nothing is removed. */
export async function findExtract(target: string, id: string): Promise<Leftover> {
  const destination = await realDestination(target);
  const folder = folderOf(dirname(destination), id);
  return await onDisk(folder, "read", async () => {
    const stats = await lstat(toFsPath(folder)).catch(unlessMissing);
    if (stats === undefined) return "none";
    const marker = stats.isDirectory() ? await readMarker(folder) : undefined;
    if (marker?.id !== id) return "not-ours";
    return (await isInPlace(folder, marker)) ? "in-place" : "removed";
  });
}

/** Removes the temporary folder with all that is in it, and the folders that were made for it. */
export async function abandonExtract({ folder, firstMade }: ExtractFolder): Promise<void> {
  await removeOurs(folder);
  if (firstMade === undefined) return;
  for (let path = dirname(folder); path.length >= firstMade.length; path = dirname(path)) {
    // Somebody else may have put something there meanwhile; then it stays.
    const isGone = await rmdir(toFsPath(path)).then(
      () => true,
      () => false,
    );
    if (!isGone) return;
  }
}

/**
 * Removes what an unpacking of that id left beside its destination: only a folder of exactly that
 * name with our mark in it, or with nothing at all.
 *
 * @returns `in-place` where the crash came after the rename: the destination is whole.
 */
export async function sweepExtract(target: string, id: string): Promise<Leftover> {
  const destination = await realDestination(target);
  const folder = folderOf(dirname(destination), id);
  return await onDisk(folder, "write", async () => {
    const stats = await lstat(toFsPath(folder)).catch(unlessMissing);
    if (stats === undefined) return "none";
    if (!stats.isDirectory()) return "not-ours";
    const marker = await readMarker(folder);
    if (marker === undefined) return (await removeEmpty(folder)) ? "removed" : "not-ours";
    if (marker.id !== id) return "not-ours";
    const isWhole = await isInPlace(folder, marker);
    await removeOurs(folder);
    return isWhole ? "in-place" : "removed";
  });
}

function folderOf(parent: string, id: string): string {
  if (!/^[A-Za-z0-9-]{1,64}$/u.test(id)) throw new Error(`no id of an unpacking: ${id}`);
  return join(parent, `${PREFIX}${id}`);
}

async function assertVacant(target: string): Promise<string> {
  const destination = await realDestination(target);
  await onDisk(destination, "write", async () => {
    const stats = await stat(toFsPath(destination)).catch(unlessMissing);
    if (stats === undefined) return;
    const isEmpty = stats.isDirectory() && (await readdir(toFsPath(destination))).length === 0;
    if (!isEmpty) throw conflict(destination);
  });
  return destination;
}

/** Where a link at its place leads to, if there is one. */
async function realDestination(target: string): Promise<string> {
  return await onDisk(target, "write", async () => {
    const real = await realpath(toFsPath(target), "buffer").catch(unlessMissing);
    return real === undefined ? target : fromLatin1Name(real.toString("latin1"));
  });
}

async function readMarker(folder: string): Promise<Marker | undefined> {
  const text = await readFile(toFsPath(join(folder, MARKER)), "utf8").catch(unlessMissing);
  if (text === undefined) return undefined;
  try {
    return Marker.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** A rename stays on one disk; what the disk is called may be another name after a restart. */
async function isInPlace(folder: string, { name, ino }: Marker): Promise<boolean> {
  const { dev } = await lstat(toFsPath(folder), { bigint: true });
  const path = join(dirname(folder), name);
  const stats = await lstat(toFsPath(path), { bigint: true }).catch(unlessMissing);
  return stats?.dev === dev && String(stats.ino) === ino;
}

/** The mark goes last, so that what a crash leaves of this is still ours. */
async function removeOurs(folder: string): Promise<void> {
  await onDisk(folder, "write", async () => {
    await rm(toFsPath(join(folder, TREE)), { recursive: true, force: true, maxRetries: 3 });
    await unlink(toFsPath(join(folder, MARKER))).catch(unlessMissing);
    await rmdir(toFsPath(folder)).catch(unlessMissing);
  });
}

/** A crash came before the mark: there is an empty tree at most. */
async function removeEmpty(folder: string): Promise<boolean> {
  try {
    await rmdir(toFsPath(join(folder, TREE))).catch(unlessMissing);
    await unlinkIfEmpty(join(folder, MARKER));
    await rmdir(toFsPath(folder));
    return true;
  } catch {
    return false;
  }
}

async function unlinkIfEmpty(path: string): Promise<void> {
  const stats = await lstat(toFsPath(path)).catch(unlessMissing);
  if (stats?.size === 0) await unlink(toFsPath(path));
}

function unlessMissing(error: unknown): undefined {
  if (systemCode(error) === "ENOENT") return undefined;
  throw error;
}

function conflict(path: string): LonghaulError {
  const shown = toShownPath(path);
  return new LonghaulError("conflict", `${shown} is there already`, { details: { path: shown } });
}
