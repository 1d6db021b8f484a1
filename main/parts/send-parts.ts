import { LonghaulError } from "#shared/errors.ts";
import type { StoredPart, UploadRef } from "../stores/store.ts";
import { assertUnchanged } from "./assert-unchanged.ts";
import type { CompleteMeans, Completed } from "./complete-upload.ts";
import { completeUpload, findCompleted } from "./complete-upload.ts";
import { listAllParts, matchParts } from "./kept-parts.ts";
import type { OpenedUpload } from "./open-upload.ts";
import { openUpload } from "./open-upload.ts";
import type { PlannedPart } from "./plan-parts.ts";
import { planParts } from "./plan-parts.ts";
import type { SendItem } from "./ports.ts";
import type { SentPart } from "./resume.ts";
import type { Task } from "./run-lanes.ts";
import { runLanes, runTogether } from "./run-lanes.ts";
import { rangeOf, sendBody } from "./send-body.ts";
import type { SendOutcome } from "./send-outcome.ts";

/** Kept parts are digested this many at a time, beside the sends: they wait for the disk, not the wire. */
const CHECK_LANES = 2;

/** No known server takes fewer. */
const CAUTIOUS_PARTS = 1000;

/** A part that the store holds now. */
export type HeldPart = SentPart & { readonly isSha256Kept: boolean };

/** Sends a file in parts, those that the store has not yet, and makes the object of them. */
export async function sendParts(
  item: SendItem,
  partSizeBytes: number,
  means: CompleteMeans,
): Promise<SendOutcome> {
  const opened = await openUpload(item, partSizeBytes, means);
  try {
    const held = await holdAllParts(item, opened, means);
    await assertUnchanged(item);
    return outcomeOf(await completeUpload(item, opened, held, means), held);
  } catch (error) {
    const isMaybeDone = isGone(error) && opened.resume.step === "completing";
    const completed = isMaybeDone ? await findCompleted(item, item.sent, means) : undefined;
    if (completed === undefined) throw error;
    return outcomeOf(completed, item.sent.map(notKept));
  }
}

function isGone(error: unknown): boolean {
  return error instanceof LonghaulError && error.code === "upload-gone";
}

function notKept(part: SentPart): HeldPart {
  return { ...part, isSha256Kept: false };
}

export function outcomeOf(completed: Completed, parts: readonly HeldPart[]): SendOutcome {
  const { etag, versionId, isCheckedBefore } = completed;
  const isKept = parts.every(({ isSha256Kept }) => isSha256Kept);
  const rung = isKept ? "part-sha256" : "signed-sha256";
  const told = { etag, versionId, rung, sha256: null, partCount: parts.length } as const;
  return isCheckedBefore ? { ...told, isCheckedBefore } : told;
}

/** Returns all parts in number order, once the store holds every one of them. */
async function holdAllParts(
  item: SendItem,
  { upload, resume }: OpenedUpload,
  means: CompleteMeans,
): Promise<readonly HeldPart[]> {
  const { tools, signal } = means;
  const planned = planParts(item.sizeBytes, resume.partSizeBytes);
  const isNew = item.resume === null || item.resume.step === "intent";
  const stored = isNew ? new Map<number, StoredPart>() : await listAllParts(upload, tools, signal);
  const kept = matchParts(planned, item.sent, stored);
  const held: HeldPart[] = [];

  const send = async (part: PlannedPart, laneSignal: AbortSignal): Promise<void> => {
    held.push(await sendPart(item, upload, part, { ...means, signal: laneSignal }));
  };
  const check = async (part: PlannedPart, laneSignal: AbortSignal): Promise<void> => {
    const ours = kept.get(part.number);
    if (ours === undefined) return;
    if (!(await isStillOnDisk(item, ours, { ...means, signal: laneSignal })))
      return await send(part, laneSignal);
    tools.observer.done({ start: part.start, end: part.end }, true);
    held.push({ ...ours, isSha256Kept: stored.get(part.number)?.sha256 === ours.sha256 });
  };
  const checks: Task = (taskSignal) => runLanes(CHECK_LANES, planned.values(), check, taskSignal);
  const missing = inSendingOrder(planned.filter(({ number }) => !kept.has(number)));
  const sends: Task = (taskSignal) => runLanes(tools.lanes, missing.values(), send, taskSignal);

  if (missing.length > 0) tools.observer.stage("moving");
  await runTogether([checks, sends], signal);
  return held.toSorted((a, b) => a.number - b.number);
}

/**
 * Some servers take a thousand parts and say so only when one has a higher number: the last goes
 * first, so that little is lost by hearing it.
 */
function inSendingOrder(missing: readonly PlannedPart[]): readonly PlannedPart[] {
  const last = missing.at(-1);
  return last === undefined || last.number <= CAUTIOUS_PARTS
    ? missing
    : [last, ...missing.slice(0, -1)];
}

async function isStillOnDisk(
  { path }: SendItem,
  { start, end, sha256 }: SentPart,
  { tools, signal }: CompleteMeans,
): Promise<boolean> {
  const source = { path, start, end };
  return (
    (await tools.wire.digest({ source, algorithm: "sha256", meter: tools.meter }, signal)) ===
    sha256
  );
}

async function sendPart(
  item: SendItem,
  upload: UploadRef,
  { number, start, end }: PlannedPart,
  { journal, tools, signal }: CompleteMeans,
): Promise<HeldPart> {
  const range = { start, end };
  const operation = (sha256: string) =>
    ({ kind: "put-part", upload, number, sizeBytes: end - start, sha256 }) as const;
  const { stored, sha256 } = await sendBody(
    { ...rangeOf(item, range, tools.wire), part: number, operation },
    tools,
    signal,
  );
  const part = { number, start, end, etag: stored.etag, sha256 };
  await journal.stored(part);
  tools.observer.done(range, false);
  return { ...part, isSha256Kept: stored.isSha256Kept };
}
