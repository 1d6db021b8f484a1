import type { Entry } from "../cache/entry.ts";
import { isOfVersion } from "../cache/entry.ts";
import type { FileStamp } from "../disk/file-stamp.ts";
import { isSameStamp } from "../disk/file-stamp.ts";
import { findFile } from "../disk/find-file.ts";
import { isPartFileAt } from "../disk/part-file.ts";
import type { FileFacts } from "../disk/stat-file.ts";
import { compareContent } from "../parts/compare-content.ts";
import { finishNamed } from "../parts/finish-named.ts";
import type { MoveTools } from "../parts/ports.ts";
import type { FetchResume } from "../parts/resume.ts";
import type { ObjectInfo } from "../stores/store.ts";
import type { Receipt } from "#shared/transfer.ts";
import { copyEntry } from "./copy-entry.ts";
import type { ItemAtWork } from "./item-at-work.ts";
import { isReadBackWished } from "./item-notes.ts";
import type { ConflictDecision } from "./outcome.ts";
import { decideConflict } from "./outcome.ts";
import { downloadSpecOf } from "./transfer-spec.ts";

/** An object that is to be fetched, and the path that its file is to have. */
export type Wanted = {
  readonly work: ItemAtWork;
  readonly tools: MoveTools;
  readonly object: ObjectInfo;
  readonly path: string;
};

/** What the file is that has the name of a download. */
export type Verdict =
  /** The object. `isKnown`: nobody had to read it. */
  | { readonly kind: "here"; readonly entry: Entry | null; readonly isKnown: boolean }
  /** The object, fetched by this very item: a crash came before it was counted. */
  | { readonly kind: "arrived"; readonly stamp: FileStamp; readonly receipt: Receipt }
  /** What we fetched once, and its origin has replaced since: it gives way unasked. */
  | { readonly kind: "outdated"; readonly stamp: FileStamp }
  | { readonly kind: "other"; readonly stamp: FileStamp };

/**
 * Finds out what the file is that has the name of a download, the cheapest way first.
 *
 * @throws {LonghaulError} when it cannot be read, or the store not be asked; AbortError.
 */
export async function judgeTaken(
  wanted: Wanted,
  taken: FileFacts,
  signal: AbortSignal,
): Promise<Verdict> {
  const { work, object, path } = wanted;
  const { stamp } = taken;
  const begun = await begunAs(wanted);
  const known = await knownEntry(wanted, stamp);
  if (known !== null && isBelieved(wanted, known)) {
    if (begun === null) return { kind: "here", entry: known, isKnown: true };
    return { kind: "arrived", stamp, receipt: toReceipt(known) };
  }
  if (begun !== null) {
    const named = await finishNamed({ object, path }, begun, wanted.tools, signal);
    const { receipt } = named;
    if (receipt !== null) return { kind: "arrived", stamp: named.stamp, receipt };
    // What was agreed to was about the file before it.
    await work.saveResume({ fetch: null, answer: null });
    return { kind: "other", stamp: named.stamp };
  }
  if (await isEqual(wanted, taken, signal)) {
    // Stamped before it was read: whoever wrote to it since has changed that.
    const entry = copyEntry(work.run, object, { path, stamp }, null);
    return { kind: "here", entry, isKnown: false };
  }
  const isOld = known !== null && isOutdated(wanted, known);
  return { kind: isOld ? "outdated" : "other", stamp };
}

/** The file is a copy of the version that was listed: it is looked at, and nobody is asked. */
export async function isKnownHere(wanted: Wanted): Promise<boolean> {
  const found = await findFile(wanted.path);
  const known = found === undefined ? null : await knownEntry(wanted, found.stamp);
  return known !== null && isBelieved(wanted, known);
}

/** What a person or a rule says is to become of another file with the name. */
export function decisionFor({ run, row, resume }: ItemAtWork): ConflictDecision {
  const { rule } = run.ports.book.get(row.transferId).counters;
  return decideConflict(rule, resume.isUnpackAsked ? null : resume.answer);
}

/** How its fetch was begun, where this is the file that came of it. */
async function begunAs({ work, path }: Wanted): Promise<FetchResume | null> {
  const { fetch: begun } = work.resume;
  return begun !== null && (await isPartFileAt(begun.part, path)) ? begun : null;
}

/** What the journal knows of the file as a copy of the object, if nobody wrote to it since. */
async function knownEntry({ work, object, path }: Wanted, stamp: FileStamp): Promise<Entry | null> {
  const { run } = work;
  const known = await run.ports.journal.entriesAt([path]);
  const isIt = (entry: Entry) =>
    entry.origin === run.opened.origin &&
    entry.key === object.key &&
    entry.trouble === null &&
    isSameStamp(entry.stamp, stamp);
  return known.find(isIt) ?? null;
}

/** It is of this very version, and nobody wants its bytes read. */
function isBelieved({ work, object }: Wanted, known: Entry): boolean {
  const isDoubted = isReadBackWished(work) || downloadSpecOf(work.run).sync?.byDigest === true;
  return !isDoubted && isOfVersion(known, object);
}

async function isEqual(
  { object, path, tools }: Wanted,
  { sizeBytes }: FileFacts,
  signal: AbortSignal,
): Promise<boolean> {
  return await compareContent({ path, sizeBytes }, object, tools, signal);
}

/**
 * To ask for an object that we have in an older version is to ask for the newer one. Not where a
 * person or a rule says what to do, nor where a version is asked for by its id.
 */
function isOutdated({ work, object }: Wanted, known: Entry): boolean {
  const { versionId, replacesStale = false } = downloadSpecOf(work.run);
  const isOfAnother = object.etag !== "" && !isOfVersion(known, object);
  if (!known.isFetched || !isOfAnother || versionId !== undefined) return false;
  // Whoever says what to do about other content has not said it about a copy of ours that is old.
  return decisionFor(work) === "ask" || (replacesStale && work.resume.answer === null);
}

/** The journal knew of the file already, and not yet that its item was done. */
function toReceipt({ sizeBytes, etag, versionId, rung, sha256, addedAtMs }: Entry): Receipt {
  return {
    sizeBytes,
    etag,
    versionId,
    sha256,
    rung: rung ?? "size",
    partCount: 1,
    movedTwiceBytes: 0,
    notes: [],
    finishedAtMs: addedAtMs,
  };
}
