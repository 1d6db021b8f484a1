import { readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { randomUUID } from "node:crypto";
import type { Unpacked } from "#shared/archive.ts";
import { LonghaulError } from "#shared/errors.ts";
import { committedAt, findExtract, sweepExtract } from "../archives/extract-folder.ts";
import type { Unpacking } from "../archives/start-unpacking.ts";
import { startUnpacking } from "../archives/start-unpacking.ts";
import { DEFAULT_LIMITS } from "../archives/unpack-order.ts";
import type { UnpackResult } from "../archives/unpack-order.ts";
import { MiB } from "../bytes/sizes.ts";
import { onDisk } from "../disk/disk-errors.ts";
import { hasVersion } from "../cache/entry.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import { toFsPath, toShownPath } from "../disk/local-path.ts";
import { findAt } from "../disk/stat-file.ts";
import type { ItemAtWork } from "./item-at-work.ts";
import type { Journal } from "./journal.ts";
import { assertNotKept } from "./kept-places.ts";
import { decideConflict, otherName } from "./outcome.ts";
import type { DownloadSpec } from "./transfer-spec.ts";
import { lastName } from "./transfer-spec.ts";
import type { UnpackAhead } from "./unpack-ahead.ts";
import { isOnlyUnpacked, isUnpackedWhole, keepUnpacked } from "./unpacked-files.ts";

/** An archive that is here, whole and proven. */
export type ArchiveHere = {
  readonly path: string;
  readonly key: string;
  readonly etag: string;
  readonly sizeBytes: number;
  readonly stamp: FileStamp;
};

type Wish = NonNullable<DownloadSpec["unpack"]>;
type Item = {
  readonly work: ItemAtWork;
  readonly archive: ArchiveHere;
  readonly wish: Wish;
  /** What was unpacked while it arrived. */
  readonly ahead: UnpackAhead | null;
};

type Beginning = Pick<Item, "work" | "wish"> & {
  readonly archive: Omit<ArchiveHere, "stamp">;
};

/**
 * Unpacks the archive of an item: whole, or not at all. Nothing that is at the destination is merged
 * with or deleted, but for what an earlier version of the same archive put there and nobody touched.
 *
 * @throws {LonghaulError} `bad-archive`, `unsupported`, `conflict`; of the disk; AbortError.
 */
export async function unpackItem(
  work: ItemAtWork,
  archive: ArchiveHere,
  { wish, ahead = null }: { readonly wish: Wish; readonly ahead?: UnpackAhead | null },
  signal: AbortSignal,
): Promise<Unpacked> {
  const { journal } = work.run.ports;
  const item: Item = { work, archive, wish, ahead };
  const into = intoOf(item);
  await assertNotKept(into, work.run.ports);
  const known = await journal.unpackedAt(into);
  const isOurs = known?.origin === work.run.opened.origin && known.key === archive.key;
  const isWhole = isOurs && (await isUnpackedWhole(journal, into, signal));
  if (isWhole && isSameVersion(known, archive)) return await leave(work, into);
  const id = await idOf(item);
  if ((await findExtract(into, id)) === "in-place") return await keep(item, id, null, signal);
  const isTaken = await holdsSomething(into);
  if (isTaken && isWhole && (await isOnlyUnpacked(journal, { destination: into }, signal))) {
    return await replaceOurs(item, id, signal);
  }
  return isTaken ? await settle(item, id, signal) : await unpack(item, id, signal);
}

/** Without an ETag nobody knows: it may be another one. */
function isSameVersion(known: Pick<ArchiveHere, "etag">, archive: ArchiveHere): boolean {
  return hasVersion(archive) && known.etag === archive.etag;
}

/** All of it is there. A crash may have come before the last of it was tidied up. */
async function leave({ resume }: ItemAtWork, into: string): Promise<Unpacked> {
  if (resume.unpackId !== null) await sweepExtract(into, resume.unpackId);
  return { kind: "unpacked", note: `in place in ${shown(into)}` };
}

/** Something is at the destination that is not ours: this is for the rule, or a person, to judge. */
async function settle(item: Item, id: string, signal: AbortSignal): Promise<Unpacked> {
  const { work } = item;
  const { rule } = work.run.ports.book.get(work.row.transferId).counters;
  const { answer, isUnpackAsked } = work.resume;
  const decision = decideConflict(rule, isUnpackAsked ? answer : null);
  const into = intoOf(item);
  switch (decision) {
    case "ask":
      await work.saveResume({ isUnpackAsked: true, answer: null });
      return { kind: "asking", note: `${shown(into)} holds other files` };
    case "skip":
      return { kind: "left", note: `not unpacked: ${shown(into)} holds other files` };
    case "keep-both":
      await work.saveResume({ unpackInto: await freeName(into) });
      return await unpack(item, id, signal);
    case "replace":
      await moveAside(into);
      return await unpack(item, id, signal);
    case "fail":
      throw new LonghaulError("conflict", `${shown(into)} holds other files`, {
        details: { path: shown(into), key: item.archive.key },
      });
    default:
      return decision satisfies never;
  }
}

/** What is there is kept beside: a folder of somebody's files is never deleted. */
async function moveAside(into: string): Promise<void> {
  const aside = await freeName(`${into} (before)`);
  await onDisk(into, "write", () => rename(toFsPath(into), toFsPath(aside)));
}

/**
 * In place of what an earlier version put there: that waits aside until the new one is in place, and
 * comes back if it is not.
 */
async function replaceOurs(item: Item, id: string, signal: AbortSignal): Promise<Unpacked> {
  const into = intoOf(item);
  const aside = asideOf(into, id);
  await onDisk(into, "write", () => rename(toFsPath(into), toFsPath(aside)));
  try {
    return await unpack(item, id, signal);
  } catch (error) {
    await restoreAside(into, id);
    throw error;
  }
}

async function unpack(item: Item, id: string, signal: AbortSignal): Promise<Unpacked> {
  const { archive, work, ahead } = item;
  work.progress.stage("finalising");
  const early = (await ahead?.finish(archive.path, archive.stamp)) ?? null;
  signal.throwIfAborted();
  const { path: archivePath, stamp: archiveStamp } = archive;
  const order = { ...orderOf(item, id), archivePath, archiveStamp, availableBytes: null };
  const result = early ?? (await startUnpacking(order, signal).done);
  return await keep(item, id, result, signal);
}

function orderOf({ work, archive, wish }: Beginning, id: string) {
  return {
    id,
    archiveName: lastName(archive.key),
    destination: intoOf({ work, wish }),
    isMarkKept: true,
    method: wish.method,
    links: "skip",
    limits: DEFAULT_LIMITS,
  } as const;
}

/** What is smaller is unpacked as quickly when it is here. */
const AHEAD_FROM_BYTES = 16 * MiB;
/** Times its own size that must be free beside what is promised: nobody knows what comes out. */
const AHEAD_ROOM = 4;

/**
 * Begins to unpack an archive that arrives in a partial file, where nothing is in the way and there is
 * room: a download must not wait for a disk that its own content fills. Null: it is done afterwards.
 */
export async function startAhead(
  work: ItemAtWork,
  archive: Beginning["archive"],
  wish: Wish,
  signal: AbortSignal,
): Promise<Unpacking | null> {
  const item = { work, archive, wish, ahead: null };
  const into = intoOf(item);
  if (archive.sizeBytes < AHEAD_FROM_BYTES || (await holdsSomething(into))) return null;
  const folder = dirname(archive.path);
  if (!(await work.run.ports.space.hasRoom(folder, AHEAD_ROOM * archive.sizeBytes))) return null;
  const id = await idOf(item);
  if ((await findExtract(into, id)) === "in-place") return null;
  const order = { ...orderOf(item, id), archivePath: archive.path, availableBytes: 0 };
  return startUnpacking(order, signal);
}

/** From here on it is known whose the folder is without the mark beside it. */
async function keep(
  item: Item,
  id: string,
  result: UnpackResult | null,
  signal: AbortSignal,
): Promise<Unpacked> {
  const { archive, work } = item;
  const { ports, opened } = work.run;
  const destination = intoOf(item);
  const { key, etag, sizeBytes } = archive;
  const from = { origin: opened.origin, key, etag, sizeBytes };
  const unpacked = { destination, ...from, unpackedAtMs: ports.clock.wallMs() };
  // Before it is forgotten what is to be in it.
  const aside = await removeAside(ports.journal, destination, id, signal);
  const committedAtNs = await committedAt(destination, id);
  await keepUnpacked(ports.journal, unpacked, committedAtNs, signal);
  await sweepExtract(destination, id);
  if (aside !== null) {
    const text = `${lastName(key)}: what was put into the earlier version is in ${shown(aside)}`;
    await ports.book.log(work.row.transferId, "warn", text);
  }
  for (const line of result === null ? [] : oddities(result)) {
    await ports.book.log(work.row.transferId, "warn", `${lastName(key)}: ${line}`);
  }
  const count = result === null ? "" : ` ${result.fileCount.toLocaleString("en")} files`;
  return { kind: "unpacked", note: `unpacked${count} into ${shown(destination)}` };
}

function oddities({ skipped, warnings }: UnpackResult): readonly string[] {
  const left = Object.entries(skipped).map(([kind, count]) => `${count} × ${kind}`);
  return left.length === 0 ? warnings : [...warnings, `left out on purpose: ${left.join(", ")}.`];
}

/** Names the temporary folder; kept before there is one, so that a crash leaves nothing unknown. */
async function idOf({ work }: Pick<Item, "work">): Promise<string> {
  const known = work.resume.unpackId;
  if (known !== null) return known;
  const id = randomUUID();
  await work.saveResume({ unpackId: id });
  return id;
}

function intoOf({ work, wish }: Pick<Item, "work" | "wish">): string {
  return work.resume.unpackInto ?? wish.destination;
}

async function holdsSomething(path: string): Promise<boolean> {
  const stats = await findAt(path);
  if (stats === undefined) return false;
  if (!stats.isDirectory()) return true;
  return (await onDisk(path, "read", () => readdir(toFsPath(path)))).length > 0;
}

/** A free name beside: `bert (2)`. */
async function freeName(path: string): Promise<string> {
  const name = basename(path);
  for (let n = 2; ; n += 1) {
    const free = join(dirname(path), otherName(name, n));
    if ((await findAt(free)) === undefined) return free;
  }
}

function asideOf(into: string, id: string): string {
  return join(dirname(into), `.longhaul-before-${id}`);
}

/** What waited aside is where it was again, unless something has its place by now. */
async function restoreAside(into: string, id: string): Promise<void> {
  const aside = asideOf(into, id);
  if ((await findAt(aside)) === undefined || (await findAt(into)) !== undefined) return;
  await onDisk(into, "write", () => rename(toFsPath(aside), toFsPath(into)));
}

/**
 * Removes what an earlier version of the archive put there, as far as that is all there is of it:
 * whoever had the folder open may have gone on to write into it.
 *
 * @returns where it is kept otherwise.
 */
async function removeAside(
  journal: Pick<Journal, "unpackedFiles">,
  into: string,
  id: string,
  signal: AbortSignal,
): Promise<string | null> {
  const folder = asideOf(into, id);
  if ((await findAt(folder)) === undefined) return null;
  if (!(await isOnlyUnpacked(journal, { destination: into, folder }, signal))) {
    return await showAside(into, id);
  }
  await onDisk(folder, "write", () => rm(toFsPath(folder), { recursive: true, force: true }));
  return null;
}

/** @returns the name under which anybody finds it. */
async function showAside(into: string, id: string): Promise<string> {
  const free = await freeName(`${into} (before)`);
  await onDisk(into, "write", () => rename(toFsPath(asideOf(into, id)), toFsPath(free)));
  return free;
}

/** Removes what an unpacking that is given up left. What is in place already stays: it is whole. */
export async function discardUnpacking(
  journal: Pick<Journal, "unpackedFiles">,
  into: string,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  if ((await sweepExtract(into, id)) === "in-place") await removeAside(journal, into, id, signal);
  await restoreAside(into, id);
  // Somebody else has its place.
  if ((await findAt(asideOf(into, id))) !== undefined) await showAside(into, id);
}

function shown(path: string): string {
  return toShownPath(path);
}
