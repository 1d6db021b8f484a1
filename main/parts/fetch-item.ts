import type { BigIntStats } from "node:fs";
import { dirname } from "node:path";
import { LonghaulError } from "#shared/errors.ts";
import type { Receipt } from "#shared/transfer.ts";
import { lengthOf } from "../bytes/byte-range.ts";
import { CrcMap } from "../bytes/crc-map.ts";
import { MiB } from "../bytes/sizes.ts";
import { assertNameFree, callsThrough, commitFile } from "../disk/commit-file.ts";
import { assertOpenFolder } from "../disk/folder-trouble.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import { isSameStamp, toFileStamp } from "../disk/file-stamp.ts";
import { findAt } from "../disk/stat-file.ts";
import { assertBelow } from "../disk/is-below.ts";
import type { ObjectFacts, Piece, WholeCrc } from "../stores/store.ts";
import type { FetchMeans } from "./fetch-range.ts";
import { fetchSmall, isSmall } from "./fetch-small.ts";
import { fetchRanges } from "./fetch-ranges.ts";
import { keepFileFacts } from "./keep-file-facts.ts";
import { Landing } from "./landing.ts";
import type { Target } from "./open-target.ts";
import { assertSameDisk, openTarget, stampOf, toResume } from "./open-target.ts";
import { AT_ONCE } from "./ports.ts";
import type { FetchItem, FetchJournal, MoveTools } from "./ports.ts";
import type { Proof } from "./prove-whole.ts";
import { fetchAgain, proveWhole } from "./prove-whole.ts";
import { syncWithin } from "./sync-within.ts";
import { countTwice } from "./twice-counter.ts";

/** A disk that cannot flush the same bytes so often will not. */
const MAX_LOST = 2;

/** Longest range that is ever asked for, for counting them. */
const MAX_RANGE_BYTES = 16 * MiB;

/**
 * Downloads one object into one file, which appears under its name complete, verified and synced.
 * Goes on where an earlier run stopped, as far as the disk is known to have kept it. What got its
 * name already is for `finishNamed`.
 *
 * @throws {LonghaulError} `object-changed` when the object is another one than pinned, or gone on
 * the way; `object-missing`; `conflict` when the name is taken by something else than agreed;
 * `corrupt` when bytes are not what the origin says, twice; `disk-full`, `disk-failed`,
 * `folder-missing`, `path-denied`, `path-unsafe`; whatever the store says that no retry mends.
 * AbortError.
 */
export async function fetchItem(
  item: FetchItem,
  journal: FetchJournal,
  tools: MoveTools,
  signal: AbortSignal,
): Promise<Receipt> {
  const counted = countTwice(tools);
  counted.tools.observer.stage("preparing");
  const { onVolume = AT_ONCE } = tools;
  const target = await openTarget(item, journal, onVolume, signal);
  const landing = landingOf(item, target, journal, tools);
  const means = { object: item.object, path: target.part.path, landing, tools: counted.tools };
  try {
    await assertStillFree(item, means);
    const { facts = item.object.facts, ...proof } = await bringSafely(target, means, signal);
    await target.kept;
    const named = await commit(item, target, { facts, tools }, signal);
    if (named.stamp !== null) journal.named?.(named.stamp);
    const { notes } = named;
    const { sizeBytes, etag } = item.object;
    const versionId = item.object.versionId ?? facts?.versionId ?? null;
    const base = { sizeBytes, etag, versionId, finishedAtMs: tools.clock.wallMs() };
    return { ...base, ...proof, notes: [...notes], movedTwiceBytes: counted.bytes() };
  } catch (error) {
    // What arrived is kept also when the rest does not come; the first error is the one to report.
    // Closed first: what was under way may write until then. Lost writes are told by the flush again.
    await tools.wire.closeFile(target.part.path).catch(() => undefined);
    await landing.rest().catch(() => undefined);
    await target.kept.catch(() => undefined);
    await assertDiskIsThere(error, item, target);
    throw isGoneMeanwhile(error, landing) ? objectChanged(item, error) : error;
  } finally {
    await tools.wire.closeFile(target.part.path);
  }
}

function landingOf(
  item: FetchItem,
  target: Target,
  journal: FetchJournal,
  { wire, clock }: MoveTools,
): Landing {
  const { part } = target;
  const ports = {
    clock,
    sync: (isLast: boolean) => syncWithin(wire, part.path, isLast),
    save: async (durable: Target["durable"], proven: Target["proven"]) => {
      // A small object is asked for again as a whole: how much of it is here is worth no commit.
      if (isSmall(item.object, MAX_RANGE_BYTES)) return;
      await journal.saved(toResume(item, { part, durable, proven }, await stampOf(part)));
    },
  };
  return new Landing(ports, target.durable, target.proven);
}

/** With what came beside the bytes, where nobody had asked before. */
type Brought = Proof & { readonly facts?: ObjectFacts };

/**
 * Nothing is moved for a name that is taken, unless it is so little that to find out when it gets the
 * name is cheaper. Tells what earlier runs brought.
 */
async function assertStillFree(item: FetchItem, { landing, tools }: FetchMeans) {
  const isCheap = item.replaces === null && isSmall(item.object, tools.rangeBytes());
  if (!isCheap) await assertNameFree(item.path, item.replaces);
  for (const range of landing.written.ranges) tools.observer.done(range, true);
}

/**
 * Every byte is in the file, durable and compared, when it resolves. What a disk lost when it could
 * not flush is moved again, into the file opened anew.
 */
async function bringSafely(
  target: Target,
  means: FetchMeans,
  signal: AbortSignal,
): Promise<Brought> {
  const { landing, tools } = means;
  for (let lostCount = 0; ; lostCount += 1) {
    try {
      const brought = await bring(means, signal);
      return brought.rung === "size" && target.isDoubtful
        ? await bringDoubtful(target, means, signal)
        : brought;
    } catch (error) {
      // Those who wrote while a flush failed fail before it does.
      await landing.flushed();
      if (!isLostFlush(error, landing) || lostCount >= MAX_LOST) throw error;
      for (const range of landing.recover()) {
        tools.observer.undone(range);
        tools.observer.movedTwice(lengthOf(range));
      }
    }
  }
}

/** Neither a full disk, which has to wait, nor one that does not answer. */
function isLostFlush(error: unknown, landing: Landing): boolean {
  if (!landing.isLost || !(error instanceof LonghaulError)) return false;
  return error.code === "disk-failed" && error.details.cause !== "ETIMEDOUT";
}

/** Its size alone says nothing of bytes that somebody else may have changed: they are moved again. */
async function bringDoubtful(
  { durable }: Target,
  means: FetchMeans,
  signal: AbortSignal,
): Promise<Brought> {
  if (durable.totalBytes > 0) await fetchAgain(means, signal);
  return await proveWhole(null, means, signal);
}

async function bring(means: FetchMeans, signal: AbortSignal): Promise<Brought> {
  return (await bringSmall(means, signal)) ?? (await bringRanges(means, signal));
}

/** Null for what is not small, or was begun otherwise. */
async function bringSmall(means: FetchMeans, signal: AbortSignal): Promise<Brought | null> {
  const { object, landing, tools } = means;
  const isBegun = landing.written.totalBytes > 0;
  if (isBegun || !isSmall(object, tools.rangeBytes())) return null;
  tools.observer.stage("moving");
  const small = await fetchSmall(means, signal);
  if (small === null) return null;
  const { proof, facts } = small;
  if (proof === null) return { ...(await proveWhole(null, means, signal)), facts };
  await landing.settle(true);
  return { ...proof, facts };
}

async function bringRanges(means: FetchMeans, signal: AbortSignal): Promise<Proof> {
  const pieces = await askPieces(means, signal);
  if (pieces === null) return await bringUnpieced(means, signal);
  means.tools.observer.stage("moving");
  await fetchRanges(pieces, means, signal);
  await means.landing.settle();
  const [first] = pieces;
  const sha256 = pieces.length === 1 && first !== undefined ? first.sha256 : null;
  return { rung: "part-sha256", sha256, partCount: pieces.length };
}

/** Only the whole can be proven: by a CRC that is put together of those of its ranges, or by its ETag. */
async function bringUnpieced(plain: FetchMeans, signal: AbortSignal): Promise<Proof> {
  const said = await askCrc(plain, signal);
  const means = said === null ? plain : { ...plain, crcs: new CrcMap(said.algorithm) };
  means.tools.observer.stage("moving");
  await fetchRanges(null, means, signal);
  return await proveWhole(said, means, signal);
}

async function askCrc(
  { object, tools }: FetchMeans,
  signal: AbortSignal,
): Promise<WholeCrc | null> {
  if (object.sizeBytes === 0) return null;
  return await tools.retry.run(null, () => tools.store.wholeCrc(object, signal), signal);
}

async function askPieces(
  { object, tools }: FetchMeans,
  signal: AbortSignal,
): Promise<readonly Piece[] | null> {
  if (object.sizeBytes === 0) return null;
  return await tools.retry.run(null, () => tools.store.pieces(object, signal), signal);
}

type Named = {
  readonly notes: readonly string[];
  /** Null when somebody wrote to the file while it got its name. */
  readonly stamp: FileStamp | null;
};

/** The folder is looked at again: a link may have been planted while the bytes came. */
async function commit(
  item: FetchItem,
  { part }: Target,
  { facts, tools }: { readonly facts: ObjectFacts | undefined; readonly tools: MoveTools },
  signal: AbortSignal,
): Promise<Named> {
  tools.observer.stage("finalising");
  await tools.wire.closeFile(part.path);
  const { onVolume = AT_ONCE } = tools;
  const onDisk = <T>(call: () => Promise<T>) => onVolume(call, signal);
  await onDisk(() => assertBelow(item.root, dirname(item.path)));
  const { path, replaces, isModeKept = false } = item;
  const notes = await keepFileFacts(part.path, facts, isModeKept);
  const before = await onDisk(() => findAt(part.path));
  const order = { part, path, replaces };
  notes.push(...(await commitFile(order, tools.clock, signal, callsThrough(onDisk))));
  const after = await onDisk(() => findAt(path));
  return { notes, stamp: stampAcross(before, after) };
}

/** A name changes nothing but the time of change: whatever else differs, somebody else did. */
function stampAcross(
  before: BigIntStats | undefined,
  after: BigIntStats | undefined,
): FileStamp | null {
  if (before === undefined || after === undefined) return null;
  const stamp = toFileStamp(after);
  return isSameStamp({ ...toFileStamp(before), ctimeNs: stamp.ctimeNs }, stamp) ? stamp : null;
}

/** What is missing may be so because its folder is, or the disk that the folder was on. */
async function assertDiskIsThere(error: unknown, { root }: FetchItem, { part }: Target) {
  if (!(error instanceof LonghaulError) || error.code !== "path-missing") return;
  await assertOpenFolder(root);
  await assertSameDisk(root, part);
}

/** An object that was there when it was pinned, and of which some bytes came. */
function isGoneMeanwhile(error: unknown, landing: Landing): boolean {
  const isMissing = error instanceof LonghaulError && error.code === "object-missing";
  return isMissing && landing.written.totalBytes > 0;
}

function objectChanged({ object }: FetchItem, cause: unknown): LonghaulError {
  const message = `${object.key} was removed while it was fetched`;
  return new LonghaulError("object-changed", message, { details: { key: object.key }, cause });
}
