import { join } from "node:path";
import type { Entry } from "../cache/entry.ts";
import { hasVersion } from "../cache/entry.ts";
import type { ItemAtWork } from "./item-at-work.ts";
import type { ItemRow } from "./journal.ts";
import type { ItemOutcome } from "./outcome.ts";
import type { Run } from "./run-ports.ts";
import type { DownloadSpec } from "./transfer-spec.ts";
import { downloadSpecOf } from "./transfer-spec.ts";
import type { Wanted } from "./judge-taken.ts";
import { decisionFor, isKnownHere, judgeTaken } from "./judge-taken.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import type { FetchItem, MoveTools } from "../parts/ports.ts";
import type { FetchResume } from "../parts/resume.ts";
import type { ObjectFacts, ObjectInfo } from "../stores/store.ts";
import type { Unpacked } from "#shared/archive.ts";
import type { Receipt } from "#shared/transfer.ts";
import { fromErrorInfo, LonghaulError } from "#shared/errors.ts";
import { MiB } from "../bytes/sizes.ts";
import { makeFolderBelow } from "../disk/make-folder.ts";
import { isOnlyIntended } from "../disk/part-file.ts";
import { findFile } from "../disk/find-file.ts";
import { ofFolder } from "../disk/folder-trouble.ts";
import { abandonFetch } from "../parts/abandon.ts";
import { compareContent } from "../parts/compare-content.ts";
import { readBack } from "../parts/read-back.ts";
import {
  isReadBackWished,
  joinNotes,
  OTHER_THERE,
  READ_BACK,
  savedAs,
  WOULD_FETCH,
} from "./item-notes.ts";
import { isSmall } from "../parts/fetch-small.ts";
import { DownloadSource } from "./item-record.ts";
import { fetchOrReach, keepIfWished } from "./fetch-or-reach.ts";
import { otherName } from "./outcome.ts";
import { copyEntry } from "./copy-entry.ts";
import type { IsKept } from "./kept-places.ts";
import { keptBelow, keptError } from "./kept-places.ts";
import { HERE } from "./known-files.ts";
import { toolsOf } from "./run-ports.ts";
import { UnpackAhead } from "./unpack-ahead.ts";
import { startAhead, unpackItem } from "./unpack-item.ts";

/** Smaller objects are asked for as they were listed: If-Match finds out whether they changed. */
const ASK_AGAIN_FROM_BYTES = MiB;

type Item = {
  readonly work: ItemAtWork;
  readonly tools: MoveTools;
  /** Below the destination folder, `/` between folders. */
  readonly inside: string;
  readonly unpacking: { readonly wish: UnpackWish; readonly ahead: UnpackAhead } | null;
  object: ObjectInfo;
};

type UnpackWish = NonNullable<DownloadSpec["unpack"]>;

/**
 * Fetches one object, unless another file has its name, and unpacks it where that is wished.
 * @throws what stops or fails it.
 */
export async function runDownloadItem(work: ItemAtWork, signal: AbortSignal): Promise<ItemOutcome> {
  const { unpack } = downloadSpecOf(work.run);
  if (unpack === undefined) return await bring(work, null, signal);
  await tellUnpacked(work, null);
  const ahead = new UnpackAhead(work.row.sizeBytes);
  try {
    return await bringAndUnpack(work, unpack, ahead, signal);
  } finally {
    // Nothing of it is left, however this ends; what is in place stays.
    await ahead.cancel();
  }
}

async function bringAndUnpack(
  work: ItemAtWork,
  wish: UnpackWish,
  ahead: UnpackAhead,
  signal: AbortSignal,
): Promise<ItemOutcome> {
  const outcome = await bring(work, { wish, ahead }, signal);
  const isHere = outcome.kind === "done" || (outcome.kind === "skipped" && outcome.entry);
  if (!isHere) return outcome;
  const { entry } = outcome;
  if (!entry) throw writtenTo(work);
  // A crash from here on need not read it again.
  if (hasVersion(entry)) await work.run.ports.journal.commit([{ type: "entry-put", entry }]);
  const unpacked = await unpackItem(work, entry, { wish, ahead }, signal);
  await tellUnpacked(work, unpacked);
  if (unpacked.kind === "asking") return { kind: "asking" };
  return { ...outcome, note: joinNotes(outcome.note, unpacked.note) ?? "" };
}

/** What is asked of the file is not to be taken for what was asked of its folder before. */
async function tellUnpacked({ run, row }: ItemAtWork, unpacked: Unpacked | null): Promise<void> {
  const { book } = run.ports;
  if (book.get(row.transferId).counters.unpacked === unpacked) return;
  await book.count(row.transferId, (counters) => ({ ...counters, unpacked }));
}

/** What somebody wrote to while it got its name is not what was proven. */
function writtenTo({ row }: ItemAtWork): LonghaulError {
  return new LonghaulError("source-changed", `${row.name} was changed as soon as it was here`, {
    details: { path: row.name },
  });
}

async function bring(
  work: ItemAtWork,
  unpacking: Item["unpacking"],
  signal: AbortSignal,
): Promise<ItemOutcome> {
  const { row, progress } = work;
  // What the listing could not make an item of: it is no other for trying again.
  if (row.source === null) throw row.error === null ? unsafeName(row) : fromErrorInfo(row.error);
  const { path, isFolder, ...listed } = DownloadSource.parse(row.source);
  await assertNotKept(work.run, path);
  if (isFolder) return await makeFolder(work, path);
  const object = { ...listed, sizeBytes: row.sizeBytes };
  const item: Item = { work, tools: toolsOf(work), inside: path, object, unpacking };
  if (asksAgain(work, object) && !(await isKnownHere(wantedOf(item)))) await askAgain(item, signal);
  try {
    return await fetchUnlessTaken(item, signal);
  } catch (thrown) {
    const error = await ofFolder(thrown, downloadSpecOf(work.run).folder);
    if (isPartGone(error)) {
      progress.restarted();
      return await fetchUnlessTaken(item, signal);
    }
    const isStale = error instanceof LonghaulError && error.code === "object-changed";
    if (!isStale || progress.doneBytes > 0) throw error;
    // Nothing of the listed version has moved: what is there now is what is meant.
    await askAgain(item, signal);
    return await fetchUnlessTaken(item, signal);
  }
}

/** @throws {LonghaulError} where Longhaul keeps its own things there. */
async function assertNotKept(run: Run, path: string): Promise<void> {
  const isKept = await keptOf(run);
  if (isKept?.(path) === true) throw keptError(join(downloadSpecOf(run).folder, path));
}

/** Asked once a run. */
const KEPT = new WeakMap<Run, Promise<IsKept | null>>();

async function keptOf(run: Run): Promise<IsKept | null> {
  const known = KEPT.get(run) ?? keptBelow(downloadSpecOf(run).folder, run.ports);
  KEPT.set(run, known);
  return await known;
}

/** Somebody took the partial file away, and nothing else: it begins anew. */
function isPartGone(error: unknown): boolean {
  return error instanceof LonghaulError && error.code === "path-missing";
}

/** One GET of a small object says all; of others a HEAD does. */
function asksAgain({ row, run }: ItemAtWork, { etag, sizeBytes }: ObjectInfo): boolean {
  if (sizeBytes >= ASK_AGAIN_FROM_BYTES || etag === "" || sizeBytes === 0) return true;
  return !isSmall({ etag, sizeBytes: row.sizeBytes }, run.ports.rangeBytes());
}

/**
 * The object as it is now: it may have changed since it was listed, long ago.
 *
 * @throws {LonghaulError} `object-changed` the first time that it is another one than was begun.
 */
async function askAgain(item: Item, signal: AbortSignal): Promise<void> {
  item.object = await statNow(item, signal);
  noteChange(item);
  const { sizeBytes, facts, ...source } = item.object;
  if (facts !== undefined && facts.access !== "ready") throw archived(item.object.key, facts);
  if (sizeBytes === item.work.row.sizeBytes) return;
  await item.work.replaceSource({ ...source, path: item.inside, isFolder: false }, sizeBytes);
}

/** The version that was begun, as long as it is there; else the latest. */
async function statNow({ work, tools, object }: Item, signal: AbortSignal): Promise<ObjectInfo> {
  const { store, retry } = tools;
  const asked = downloadSpecOf(work.run).versionId;
  const begun = asked ?? begunOf(work)?.versionId ?? undefined;
  const stat = (versionId: string | undefined) =>
    retry.run(null, () => store.stat(object.key, signal, versionId), signal);
  try {
    return await stat(begun);
  } catch (error) {
    const isGone = error instanceof LonghaulError && error.code === "object-missing";
    if (!isGone || begun === asked) throw error;
    return await stat(undefined);
  }
}

/** What an earlier run fetched, where bytes of it are here and nobody gave them up. */
function begunOf({ resume }: ItemAtWork): FetchResume | null {
  const { fetch: begun, isChangeSaid } = resume;
  return begun === null || begun.durable.length === 0 || isChangeSaid ? null : begun;
}

/** Bytes of the old object are not thrown away before that was said; those of two are never mixed. */
function noteChange({ work, object }: Item): void {
  const begun = begunOf(work);
  if (begun !== null && !isOf(begun, object)) {
    const message = `${object.key} is another object than the one that was begun`;
    throw new LonghaulError("object-changed", message, { details: { key: object.key } });
  }
  const { fetch: left } = work.resume;
  if (left !== null && !isOf(left, object)) work.progress.restarted();
}

function isOf(begun: FetchResume, { etag, sizeBytes }: ObjectInfo): boolean {
  return begun.etag === etag && begun.sizeBytes === sizeBytes;
}

async function fetchUnlessTaken(item: Item, signal: AbortSignal): Promise<ItemOutcome> {
  const taken = await findFile(pathOf(item));
  const isDryRun = downloadSpecOf(item.work.run).sync?.isDryRun === true;
  if (taken === undefined) {
    return isDryRun ? { kind: "would-move", note: WOULD_FETCH } : await fetch(item, null, signal);
  }
  const verdict = await judgeTaken(wantedOf(item), taken, signal);
  switch (verdict.kind) {
    case "arrived":
      return await arrived(item, verdict.receipt, verdict.stamp, signal);
    case "here":
      if (!verdict.isKnown) await keepIfWished(item.work.run, verdict.entry, signal);
      return { ...(await skip(item, HERE)), entry: verdict.entry };
    case "outdated":
      if (!isDryRun) return await fetch(item, verdict.stamp, signal);
      return { kind: "would-move", note: WOULD_FETCH };
    case "other":
      if (!isDryRun) return await settleConflict(item, verdict.stamp, signal);
      return { kind: "would-move", note: WOULD_FETCH };
    default:
      return verdict satisfies never;
  }
}

async function makeFolder(work: ItemAtWork, inside: string): Promise<ItemOutcome> {
  const { folder, sync } = downloadSpecOf(work.run);
  if (sync?.isDryRun !== true) await makeFolderBelow(folder, join(folder, inside));
  return { kind: "skipped", note: "a folder" };
}

async function settleConflict(
  item: Item,
  taken: FileStamp,
  signal: AbortSignal,
): Promise<ItemOutcome> {
  const decision = decisionFor(item.work);
  switch (decision) {
    case "replace":
      return await fetch(item, taken, signal);
    case "keep-both":
      await takeOtherName(item);
      return await fetch(item, null, signal);
    case "skip":
      return { ...(await skip(item, OTHER_THERE)), isOther: true };
    case "ask":
      // What was said before was about the folder that it is unpacked into.
      if (item.work.resume.isUnpackAsked)
        await item.work.saveResume({ isUnpackAsked: false, answer: null });
      return { kind: "asking" };
    case "fail":
      throw new LonghaulError("conflict", "another file has the name", {
        details: { path: pathOf(item), key: item.object.key },
      });
    default:
      return decision satisfies never;
  }
}

/** Whatever an earlier run fetched of it is of no use any more. */
async function skip(
  { work }: Item,
  note: string,
): Promise<Extract<ItemOutcome, { kind: "skipped" }>> {
  if (work.resume.fetch !== null) await abandonFetch(work.resume.fetch);
  return { kind: "skipped", note };
}

function entryOf(item: Item, stamp: FileStamp, receipt: Receipt | null = null): Entry {
  return copyEntry(item.work.run, item.object, { path: pathOf(item), stamp }, receipt);
}

async function fetch(
  item: Item,
  replaces: FileStamp | null,
  signal: AbortSignal,
): Promise<ItemOutcome> {
  const order: FetchItem = {
    object: item.object,
    root: downloadSpecOf(item.work.run).folder,
    path: pathOf(item),
    replaces,
    resume: item.work.resume.fetch,
    isModeKept: downloadSpecOf(item.work.run).preserveMode === true,
  };
  let stamp: FileStamp | null = null;
  const journal = {
    saved: async (resume: FetchResume) => {
      await item.work.saveResume({ fetch: resume, isChangeSaid: false });
      if (!isOnlyIntended(resume.part)) await beginAhead(item, resume.part.path);
    },
    named: (now: FileStamp) => void (stamp = now),
  };
  const observer = item.unpacking?.ahead.watch(item.tools.observer) ?? item.tools.observer;
  const means = { journal, tools: { ...item.tools, observer } };
  const receipt = await fetchOrReach(item.work.run, order, means, signal);
  return await arrived(item, receipt, stamp, signal);
}

/** @param stamp Of the file as it was proven; null where somebody wrote to it since. */
async function arrived(
  item: Item,
  receipt: Receipt,
  stamp: FileStamp | null,
  signal: AbortSignal,
): Promise<ItemOutcome> {
  const readBackNote = await readBackFile(item, receipt, signal);
  const entry = stamp && entryOf(item, stamp, receipt);
  const keptNote = await keepIfWished(item.work.run, entry, signal);
  const note = joinNotes(savedAs(item.work.resume), readBackNote, keptNote);
  return { kind: "done", receipt, note, entry };
}

/** What cannot begin now says why when it is its turn. */
async function beginAhead({ work, object, unpacking }: Item, path: string): Promise<void> {
  if (unpacking === null) return;
  const { key, etag, sizeBytes } = object;
  const { wish, ahead } = unpacking;
  const archive = { path, key, etag, sizeBytes };
  await ahead.begin(async (until) => {
    return await startAhead(work, archive, wish, until).catch(() => null);
  });
}

/** Reads the file again, if that is wished, and compares it by the best that the origin has. */
async function readBackFile(
  item: Item,
  { rung }: Receipt,
  signal: AbortSignal,
): Promise<string | null> {
  if (!isReadBackWished(item.work)) return null;
  const { object, tools } = item;
  const file = { path: pathOf(item), sizeBytes: object.sizeBytes };
  // Without a digest at the origin only its bytes are left to compare with.
  if (rung === "size") await readBack(file, object, tools, signal);
  else if (!(await compareContent(file, object, tools, signal))) {
    throw new LonghaulError("corrupt", `${file.path} is not what was fetched`, {
      details: { path: file.path, key: object.key, cause: "read-back" },
    });
  }
  return READ_BACK;
}

/** Finds a free name beside the taken one and keeps it, so that a resumed download uses it too. */
async function takeOtherName(item: Item): Promise<void> {
  const { folder } = downloadSpecOf(item.work.run);
  for (let n = 2; ; n += 1) {
    const name = otherName(item.inside, n);
    if ((await findFile(join(folder, name))) !== undefined) continue;
    await item.work.saveResume({ otherName: name });
    return;
  }
}

/** Found when it was listed; it never gets a file here. */
function unsafeName(row: ItemRow): LonghaulError {
  return new LonghaulError("path-unsafe", `${row.name} cannot be a file name here`, {
    details: { key: row.name },
  });
}

function archived(key: string, { storageClass, access }: ObjectFacts): LonghaulError {
  const state = access === "restoring" ? "is being restored from" : "is in";
  return new LonghaulError("archived", `${key} ${state} an archive`, {
    details: { key, cause: access === "restoring" ? "Restoring" : (storageClass ?? "archive") },
  });
}

function pathOf(item: Item): string {
  return join(downloadSpecOf(item.work.run).folder, item.work.resume.otherName ?? item.inside);
}

function wantedOf(item: Item): Wanted {
  const { work, tools, object } = item;
  return { work, tools, object, path: pathOf(item) };
}
