import { readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { randomUUID } from "node:crypto";
import { LonghaulError } from "#shared/errors.ts";
import { findExtract, sweepExtract } from "../archives/extract-folder.ts";
import { startUnpacking } from "../archives/start-unpacking.ts";
import { DEFAULT_LIMITS } from "../archives/unpack-order.ts";
import type { UnpackResult } from "../archives/unpack-order.ts";
import { onDisk } from "../disk/disk-errors.ts";
import { toFsPath, toShownPath } from "../disk/local-path.ts";
import { findAt } from "../disk/stat-file.ts";
import type { ItemAtWork } from "./item-at-work.ts";
import { decideConflict, otherName } from "./outcome.ts";
import type { DownloadSpec } from "./transfer-spec.ts";
import { lastName } from "./transfer-spec.ts";
import { isOnlyUnpacked, isUnpackedWhole, keepUnpacked } from "./unpacked-files.ts";

/** An archive that is here, whole and proven. */
export type ArchiveHere = {
  readonly path: string;
  readonly key: string;
  readonly etag: string;
  readonly sizeBytes: number;
};

type Wish = NonNullable<DownloadSpec["unpack"]>;
type Item = { readonly work: ItemAtWork; readonly archive: ArchiveHere; readonly wish: Wish };

/** What came of it, in words; `asking`: something else is at the destination. */
export type UnpackOutcome =
  | { readonly kind: "unpacked" | "left"; readonly note: string }
  | { readonly kind: "asking" };

/**
 * Unpacks the archive of an item: whole, or not at all. Nothing that is at the destination is merged
 * with or deleted, but for what an earlier version of the same archive put there and nobody touched.
 *
 * @throws {LonghaulError} `bad-archive`, `unsupported`, `conflict`; of the disk; AbortError.
 */
export async function unpackItem(
  work: ItemAtWork,
  archive: ArchiveHere,
  wish: Wish,
  signal: AbortSignal,
): Promise<UnpackOutcome> {
  const { journal } = work.run.ports;
  const item: Item = { work, archive, wish };
  const into = intoOf(item);
  const known = await journal.unpackedAt(into);
  const isOurs = known?.origin === work.run.opened.origin && known.key === archive.key;
  const isWhole = isOurs && (await isUnpackedWhole(journal, into, signal));
  if (isWhole && known.etag === archive.etag) {
    // A crash may have come before the last of it was tidied up.
    const { unpackId } = work.resume;
    if (unpackId !== null) await tidyUp(into, unpackId);
    return { kind: "unpacked", note: `in place in ${shown(into)}` };
  }
  const id = await idOf(item);
  if ((await findExtract(into, id)) === "in-place") return await keep(item, id, null, signal);
  const isTaken = await holdsSomething(into);
  if (isTaken && isWhole && (await isOnlyUnpacked(journal, into, signal))) {
    return await replaceOurs(item, id, signal);
  }
  return isTaken ? await settle(item, id, signal) : await unpack(item, id, signal);
}

/** Something is at the destination that is not ours: this is for the rule, or a person, to judge. */
async function settle(item: Item, id: string, signal: AbortSignal): Promise<UnpackOutcome> {
  const { work } = item;
  const { rule } = work.run.ports.book.get(work.row.transferId).counters;
  const { answer, isUnpackAsked } = work.resume;
  const decision = decideConflict(rule, isUnpackAsked ? answer : null);
  const into = intoOf(item);
  switch (decision) {
    case "ask":
      await work.saveResume({ isUnpackAsked: true, answer: null });
      return { kind: "asking" };
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
async function replaceOurs(item: Item, id: string, signal: AbortSignal): Promise<UnpackOutcome> {
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

async function unpack(item: Item, id: string, signal: AbortSignal): Promise<UnpackOutcome> {
  const { archive, wish, work } = item;
  const destination = intoOf(item);
  const order = {
    id,
    archivePath: archive.path,
    archiveName: lastName(archive.key),
    destination,
    isMarkKept: true,
    method: wish.method,
    links: "skip",
    limits: DEFAULT_LIMITS,
    availableBytes: null,
  } as const;
  work.progress.stage("finalising");
  const result = await startUnpacking(order, signal).done;
  return await keep(item, id, result, signal);
}

/** From here on it is known whose the folder is without the mark beside it. */
async function keep(
  item: Item,
  id: string,
  result: UnpackResult | null,
  signal: AbortSignal,
): Promise<UnpackOutcome> {
  const { archive, work } = item;
  const { ports, opened } = work.run;
  const destination = intoOf(item);
  const { key, etag, sizeBytes } = archive;
  const from = { origin: opened.origin, key, etag, sizeBytes };
  const unpacked = { destination, ...from, unpackedAtMs: ports.clock.wallMs() };
  await keepUnpacked(ports.journal, unpacked, signal);
  await tidyUp(destination, id);
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
async function idOf({ work }: Item): Promise<string> {
  const known = work.resume.unpackId;
  if (known !== null) return known;
  const id = randomUUID();
  await work.saveResume({ unpackId: id });
  return id;
}

function intoOf({ work, wish }: Item): string {
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
export async function restoreAside(into: string, id: string): Promise<void> {
  const aside = asideOf(into, id);
  if ((await findAt(aside)) === undefined || (await findAt(into)) !== undefined) return;
  await onDisk(into, "write", () => rename(toFsPath(aside), toFsPath(into)));
}

/** What waited beside a destination that is in place, and is known to be, is of no use any more. */
async function tidyUp(into: string, id: string): Promise<void> {
  await sweepExtract(into, id);
  await removeAside(into, id);
}

/** Only what an earlier version of the archive put there, all of it unchanged, ever waits aside. */
async function removeAside(into: string, id: string): Promise<void> {
  const aside = asideOf(into, id);
  await onDisk(aside, "write", () => rm(toFsPath(aside), { recursive: true, force: true }));
}

function shown(path: string): string {
  return toShownPath(path);
}
