import type { ItemAtWork } from "./item-at-work.ts";
import type { ItemOutcome } from "./outcome.ts";
import type { FileSource, Run } from "./run-ports.ts";
import type { DropSpec, UploadSpec } from "./transfer-spec.ts";
import type { MoveTools, SendItem } from "../parts/ports.ts";
import type { Receipt } from "#shared/transfer.ts";
import type { Entry } from "../cache/entry.ts";
import type { SentPart } from "../parts/resume.ts";
import type { ObjectInfo, WriteCondition } from "../stores/store.ts";
import { CUT_OTHERWISE } from "../stores/store.ts";
import { LonghaulError } from "#shared/errors.ts";
import { formatBytes } from "#shared/format.ts";
import { abandonSend } from "../parts/abandon.ts";
import { isContention } from "../parts/complete-upload.ts";
import { assertUnchanged } from "../parts/assert-unchanged.ts";
import { compareContent } from "../parts/compare-content.ts";
import { readBack } from "../parts/read-back.ts";
import { sendItem } from "../parts/send-item.ts";
import { copyEntry } from "./copy-entry.ts";
import { keyFor } from "./item-names.ts";
import { UploadSource } from "./item-record.ts";
import { attributesOf } from "./object-attributes.ts";
import { decideConflict, otherName } from "./outcome.ts";
import {
  isReadBackWished,
  joinNotes,
  OTHER_THERE,
  READ_BACK,
  savedAs,
  WOULD_SEND,
} from "./item-notes.ts";
import type { ArchiveSource } from "./start-packing.ts";
import { runArchiveItem } from "./run-archive-item.ts";
import { findTaken } from "./find-taken.ts";
import { readSent, sendJournal } from "./send-journal.ts";
import { toolsOf } from "./run-ports.ts";
import { THERE } from "./list-sync-upload.ts";
import { syncOf } from "./transfer-spec.ts";
import { keepSource, openSource } from "./upload-source.ts";

/** How often one item begins a new upload after the store forgot the one it had. */
const MAX_RESTARTS = 3;

type Item = {
  readonly work: ItemAtWork;
  readonly source: FileSource;
  readonly tools: MoveTools;
  readonly sent: Map<number, SentPart>;
};

/** Sends one file, unless something else is under its key. @throws what stops or fails it. */
export async function runUploadItem(work: ItemAtWork, signal: AbortSignal): Promise<ItemOutcome> {
  const archive = archiveOf(work);
  if (archive !== null) return await runArchiveItem(work, archive, signal);
  const source = await openSource(work);
  await keepSource(work, source);
  const item: Item = { work, source, tools: toolsOf(work), sent: await readSent(work) };
  if (syncOf(work.run.record.spec)?.isDryRun === true) return await compareOnly(item, signal);
  return await sendPatiently(item, signal);
}

/** Begins anew where the store forgot what was sent. */
async function sendPatiently(item: Item, signal: AbortSignal): Promise<ItemOutcome> {
  for (let restarts = 0; ; restarts += 1) {
    try {
      return await sendUnlessTaken(item, signal);
    } catch (error) {
      const code = error instanceof LonghaulError ? error.code : null;
      if (code === "source-changed") await dropUpload(item, signal);
      const useless = whyUseless(error);
      if ((code !== "upload-gone" && useless === null) || restarts >= MAX_RESTARTS) throw error;
      const unknown = useless === null ? await findUnknown(item, signal) : null;
      await forgetUpload(item, useless, signal);
      if (unknown !== null) return await settleUnknown(item, unknown, signal);
    }
  }
}

function archiveOf({ row }: ItemAtWork): ArchiveSource | null {
  const { data } = UploadSource.safeParse(row.source);
  return data?.kind === "archive" || data?.kind === "arrivals" ? data : null;
}

/** Of a dry run: whether it would be sent. */
async function compareOnly(item: Item, signal: AbortSignal): Promise<ItemOutcome> {
  const listed = listedAt(item);
  const taken = listed === undefined ? await findTaken(keyOf(item), item.tools, signal) : listed;
  const isEqual = taken !== null && (await compareContent(item.source, taken, item.tools, signal));
  if (!isEqual) return { kind: "would-move", note: WOULD_SEND };
  return { kind: "skipped", note: THERE, entry: entryOf(item, taken) };
}

/**
 * What the listing of a sync saw under the key: null is nothing; undefined where nobody looked, or
 * what was begun since may have changed it.
 */
function listedAt(item: Item): ObjectInfo | null | undefined {
  const { row, resume } = item.work;
  const source = UploadSource.parse(row.source);
  const isBegun = resume.send !== null || resume.answer !== null;
  if (source.kind !== "file" || isBegun || resume.otherName !== null) return undefined;
  const { taken } = source;
  return taken === null || taken === undefined ? taken : { ...taken, key: keyOf(item) };
}

/** What a listing saw may be another object by now, or none. */
async function settleListed(
  item: Item,
  listed: ObjectInfo,
  signal: AbortSignal,
): Promise<ItemOutcome> {
  try {
    return await settleConflict(item, listed, signal);
  } catch (error) {
    if (!(error instanceof LonghaulError) || !isOutdated(error)) throw error;
    const now = await lookAtKey(item, signal);
    return await (now === null ? sendWhereFree(item, signal) : settleConflict(item, now, signal));
  }
}

function isOutdated({ code }: LonghaulError): boolean {
  return code === "object-missing" || code === "object-changed";
}

async function sendUnlessTaken(item: Item, signal: AbortSignal): Promise<ItemOutcome> {
  const listed = listedAt(item);
  if (listed !== undefined && listed !== null) return await settleListed(item, listed, signal);
  const isAsked = listed === undefined && asksFirst(item);
  const taken = isAsked ? await lookAtKey(item, signal) : null;
  if (taken !== null) return await settleConflict(item, taken, signal);
  try {
    return await sendWhereFree(item, signal);
  } catch (error) {
    if (!(error instanceof LonghaulError) || error.code !== "conflict") throw error;
    // Somebody else was faster: what is there now is asked about like anything else.
    const winner = await lookAtKey(item, signal);
    if (winner === null) throw error;
    return await settleConflict(item, winner, signal);
  }
}

function asksFirst({ work, source }: Item): boolean {
  const { send, answer } = work.resume;
  // A Complete that was asked for may have taken effect: `sendItem` knows what is ours.
  if (send?.step === "completing") return false;
  // What was begun or answered has met its key before.
  return send !== null || answer !== null || work.run.keys.asksFirst(source.sizeBytes);
}

async function lookAtKey(item: Item, signal: AbortSignal): Promise<ObjectInfo | null> {
  const found = await findTaken(keyOf(item), item.tools, signal);
  item.work.run.keys.met(found !== null);
  return found;
}

/** Something is under the key: the same bytes need not move, others are for the rule to judge. */
async function settleConflict(
  item: Item,
  taken: ObjectInfo,
  signal: AbortSignal,
): Promise<ItemOutcome> {
  if (await compareContent(item.source, taken, item.tools, signal)) {
    const readBackNote = await readBackObject(item, taken, signal);
    const note = joinNotes(THERE, readBackNote) ?? "";
    return { ...(await skip(item, note, signal)), entry: entryOf(item, taken) };
  }
  const { rule } = item.work.run.ports.book.get(item.work.row.transferId).counters;
  const decision = decideConflict(rule, item.work.resume.answer);
  switch (decision) {
    case "replace":
      return await replace(item, taken, signal);
    case "keep-both":
      await dropUpload(item, signal);
      await takeOtherName(item, signal);
      return await sendWhereFree(item, signal);
    case "skip":
      return { ...(await skip(item, OTHER_THERE, signal)), isOther: true };
    case "ask":
      return { kind: "asking" };
    case "fail":
      throw conflict(item);
    default:
      return decision satisfies never;
  }
}

/** What was agreed to is that this object goes, and no other that came since. */
async function replace(
  item: Item,
  { etag }: ObjectInfo,
  signal: AbortSignal,
): Promise<ItemOutcome> {
  try {
    return await sendTo(item, { kind: "same", etag }, signal);
  } catch (error) {
    const isConflict = error instanceof LonghaulError && error.code === "conflict";
    if (!isConflict || isContention(error)) throw error;
    const now = await lookAtKey(item, signal);
    if (now === null) return await sendWhereFree(item, signal);
    if (syncOf(item.work.run.record.spec) === null) return await askAnew(item);
    // A sync asks nobody. Whoever writes there all the time is told of by the conflict.
    if (await compareContent(item.source, now, item.tools, signal)) {
      return { ...(await skip(item, THERE, signal)), entry: entryOf(item, now) };
    }
    return await sendTo(item, { kind: "same", etag: now.etag }, signal);
  }
}

/** An answer or a rule was about something else: this is for a person to judge. */
async function askAnew(item: Item): Promise<ItemOutcome> {
  await item.work.saveResume({ answer: null });
  return { kind: "asking" };
}

/**
 * What came under the key while a Complete was asked for whose outcome nobody knows: nothing proves
 * that it is ours, and it is not what was to be replaced. Null where there is no such thing.
 */
async function findUnknown(item: Item, signal: AbortSignal): Promise<ObjectInfo | null> {
  const { send } = item.work.resume;
  if (send?.step !== "completing") return null;
  const found = await lookAtKey(item, signal);
  return found === null || found.etag === send.replacedEtag ? null : found;
}

/** It may be newer than the file, so it is never replaced by rule. */
async function settleUnknown(
  item: Item,
  found: ObjectInfo,
  signal: AbortSignal,
): Promise<ItemOutcome> {
  const { rule } = item.work.run.ports.book.get(item.work.row.transferId).counters;
  const isReplaced = decideConflict(rule, item.work.resume.answer) === "replace";
  if (!isReplaced || (await compareContent(item.source, found, item.tools, signal))) {
    return await settleConflict(item, found, signal);
  }
  return await askAnew(item);
}

/** Whatever an earlier run sent of it is of no use any more. */
async function skip(
  item: Item,
  note: string,
  signal: AbortSignal,
): Promise<Extract<ItemOutcome, { kind: "skipped" }>> {
  await dropUpload(item, signal);
  return { kind: "skipped", note };
}

async function sendWhereFree(item: Item, signal: AbortSignal): Promise<ItemOutcome> {
  return await sendTo(item, { kind: "absent" }, signal);
}

async function sendTo(
  item: Item,
  condition: WriteCondition,
  signal: AbortSignal,
): Promise<ItemOutcome> {
  const { work, source } = item;
  const { spec } = work.run.record;
  const asked = spec.kind === "upload" ? spec.partSizeBytes : null;
  const key = keyOf(item);
  const kept = UploadSource.parse(work.row.source);
  const order: SendItem = {
    path: source.path,
    sizeBytes: source.sizeBytes,
    stamp: source.stamp,
    key,
    condition,
    partSizeBytes: asked ?? work.run.opened.partSizeBytes,
    attributes: await attributesOf(specOf(work.run), key, kept, source),
    resume: work.resume.send,
    sent: [...item.sent.values()],
  };
  const receipt = await sendItem(
    order,
    sendJournal(item.work, keyOf(item), item.sent, signal),
    item.tools,
    signal,
  );
  const { etag, versionId, sizeBytes } = receipt;
  const object = { key: order.key, sizeBytes, etag: etag ?? "", versionId, modifiedAtMs: 0 };
  const readBackNote = await readBackObject(item, object, signal);
  const note = joinNotes(savedAs(work.resume), readBackNote);
  return { kind: "done", receipt, note, entry: entryOf(item, object, receipt) };
}

/** The file as a copy of its object; a page's file is kept nowhere. */
function entryOf(
  { work, source }: Item,
  object: ObjectInfo,
  receipt: Receipt | null = null,
): Entry | null {
  const isFile = UploadSource.parse(work.row.source).kind === "file";
  return isFile ? copyEntry(work.run, object, source, receipt) : null;
}

/** Fetches the object again, if that is wished, and compares it with the file that was sent. */
async function readBackObject(
  { work, source, tools }: Item,
  object: ObjectInfo,
  signal: AbortSignal,
): Promise<string | null> {
  if (!isReadBackWished(work)) return null;
  await readBack(source, object, tools, signal);
  // It was compared with a file that is still the one that was sent.
  await assertUnchanged(source);
  return READ_BACK;
}

/** Finds a free name beside the taken one and keeps it, so that a resumed upload uses it too. */
async function takeOtherName(item: Item, signal: AbortSignal): Promise<void> {
  for (let n = 2; ; n += 1) {
    const name = otherName(item.work.row.name, n);
    if ((await findTaken(keyFor(specOf(item.work.run), name), item.tools, signal)) !== null)
      continue;
    await item.work.saveResume({ otherName: name });
    return;
  }
}

/** Why an upload that is still there can never be completed; null where it is simply gone. */
function whyUseless(error: unknown): string | null {
  if (!(error instanceof LonghaulError)) return null;
  if (isContention(error)) return "another write of the key came between";
  return error.details.cause === CUT_OTHERWISE ? error.message : null;
}

/**
 * Begins anew: the upload is unknown at the store, and its parts with it, or it is there and of no
 * use, and is freed.
 */
async function forgetUpload(
  item: Item,
  useless: string | null,
  signal: AbortSignal,
): Promise<void> {
  const { work } = item;
  const lostBytes = work.progress.doneBytes;
  const why =
    useless === null
      ? `The server no longer knows the unfinished upload of ${work.row.name}`
      : `The upload of ${work.row.name} begins again, because ${useless}`;
  const lost = `${formatBytes(lostBytes, "binary")} that it had are sent again`;
  await work.run.ports.book.log(work.row.transferId, "warn", `${why}; ${lost}.`);
  work.progress.movedTwice(lostBytes);
  if (useless !== null) await dropUpload(item, signal);
  else await beginAnew(item);
}

/**
 * Frees what an earlier run sent of the item, if anything. When the store cannot do it now, the
 * item keeps its upload and says so: what the item itself met is what counts.
 */
async function dropUpload(item: Item, signal: AbortSignal): Promise<void> {
  const { run, resume, row } = item.work;
  if (resume.send === null) return;
  try {
    await abandonSend(keyOf(item), resume.send, item.tools, signal);
  } catch (error) {
    if (!(error instanceof LonghaulError)) throw error;
    const text = `An unfinished upload of ${row.name} is still at the server: ${error.message}`;
    await run.ports.book.log(row.transferId, "warn", text);
    return;
  }
  await beginAnew(item);
}

async function beginAnew(item: Item): Promise<void> {
  item.sent.clear();
  item.work.progress.restarted();
  await item.work.saveResume({ send: null });
}

function keyOf(item: Item): string {
  return keyFor(specOf(item.work.run), item.work.resume.otherName ?? item.work.row.name);
}

function specOf(run: Run): UploadSpec | DropSpec {
  const { spec } = run.record;
  if (spec.kind === "download") throw new Error("a download has no upload items");
  return spec;
}

function conflict(item: Item): LonghaulError {
  return new LonghaulError("conflict", "other content is under the key", {
    details: { key: keyOf(item), path: item.source.path },
  });
}
