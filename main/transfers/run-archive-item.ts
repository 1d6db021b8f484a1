import { LonghaulError } from "#shared/errors.ts";
import { formatBytes } from "#shared/format.ts";
import type { Receipt } from "#shared/transfer.ts";
import { abandonSend } from "../parts/abandon.ts";
import { findCompleted } from "../parts/complete-upload.ts";
import type { MoveTools } from "../parts/ports.ts";
import type { SentPart } from "../parts/resume.ts";
import { sendStream } from "../parts/send-stream.ts";
import type { ObjectAttributes, WriteCondition } from "../stores/store.ts";
import { contentTypeOf } from "./content-type.ts";
import { findTaken } from "./find-taken.ts";
import type { ItemAtWork } from "./item-at-work.ts";
import { keyFor } from "./item-names.ts";
import { joinNotes, OTHER_THERE, savedAs } from "./item-notes.ts";
import type { ItemOutcome } from "./outcome.ts";
import { decideConflict, otherName } from "./outcome.ts";
import { toolsOf } from "./run-ports.ts";
import { readSent, sendJournal } from "./send-journal.ts";
import type { ArchiveSource, StartedPacking } from "./start-packing.ts";
import { bytesOfItem, startPacking } from "./start-packing.ts";
import type { DropSpec, UploadSpec } from "./transfer-spec.ts";

type Item = {
  readonly work: ItemAtWork;
  readonly tools: MoveTools;
  readonly source: ArchiveSource;
  readonly spec: UploadSpec | DropSpec;
  readonly sent: Map<number, SentPart>;
};

/** More would be somebody who writes the key again and again. */
const MAX_OVERTAKEN = 3;

/**
 * Packs a folder and sends it as it is packed, unless something else is under its key. What was sent
 * by an earlier run is of no use: the folder is packed anew. @throws what stops or fails it.
 */
export async function runArchiveItem(
  work: ItemAtWork,
  source: ArchiveSource,
  signal: AbortSignal,
): Promise<ItemOutcome> {
  const { spec } = work.run.record;
  if (spec.kind === "download") throw new Error("only an upload packs a folder");
  const item: Item = { work, tools: toolsOf(work), source, spec, sent: await readSent(work) };
  const before = await settleEarlier(item, signal);
  if (before !== null) return before;
  for (let overtaken = 0; ; overtaken += 1) {
    try {
      return await packUnlessTaken(item, signal);
    } catch (error) {
      await freeUpload(item, signal);
      const isTaken = error instanceof LonghaulError && error.code === "conflict";
      // Somebody else was faster: what is there now is asked about like anything else.
      const isNew = isTaken && (await findTaken(keyOf(item), item.tools, signal)) !== null;
      if (!isNew || ruleOf(item) === "fail" || overtaken >= MAX_OVERTAKEN) throw error;
    }
  }
}

async function packUnlessTaken(item: Item, signal: AbortSignal): Promise<ItemOutcome> {
  const { source } = item;
  const taken = await findTaken(keyOf(item), item.tools, signal);
  if (taken === null) return await pack(item, { kind: "absent" }, signal);
  const decision = ruleOf(item);
  switch (decision) {
    case "replace":
      return await pack(item, { kind: "same", etag: taken.etag }, signal);
    case "keep-both":
      await takeOtherName(item, signal);
      return await pack(item, { kind: "absent" }, signal);
    case "skip":
      return { kind: "skipped", note: OTHER_THERE, isOther: true };
    case "ask":
      return { kind: "asking" };
    case "fail":
      throw new LonghaulError("conflict", "other content is under the key", {
        details: { key: keyOf(item), ...(source.kind === "archive" && { path: source.path }) },
      });
    default:
      return decision satisfies never;
  }
}

/** An answer counts for the object that it was about: see `WriteCondition`. */
function ruleOf({ work }: Item) {
  const { rule } = work.run.ports.book.get(work.row.transferId).counters;
  return decideConflict(rule, work.resume.answer);
}

async function pack(
  item: Item,
  condition: WriteCondition,
  signal: AbortSignal,
): Promise<ItemOutcome> {
  const { work, source, spec, tools } = item;
  const key = keyOf(item);
  const packing = await startPacking(work.run, source, signal);
  const { stream } = packing;
  const expectedBytes = bytesOfItem(work.run, work.row);
  const asked = spec.kind === "upload" ? spec.partSizeBytes : null;
  const { send } = work.resume;
  try {
    const order = {
      key,
      condition,
      asked: send?.step === "intent" ? send : null,
      partSizeBytes: asked ?? work.run.opened.partSizeBytes,
      attributes: attributesOf(spec, key),
      stream,
      expectedBytes,
      // The folder may have grown since it was measured.
      readBytes: () => Math.min(packing.progress.readBytes, expectedBytes),
    };
    const journal = sendJournal(work, key, item.sent, signal);
    const receipt = await sendStream(order, journal, tools, signal);
    await tellSkipped(work, packing);
    return done(item, receipt);
  } finally {
    stream.destroy();
  }
}

function done({ work }: Item, receipt: Receipt): ItemOutcome {
  const note = joinNotes(
    savedAs(work.resume),
    `packed into ${formatBytes(receipt.sizeBytes, "decimal")}`,
  );
  return { kind: "done", receipt, note };
}

/** The time of no file is that of the archive. */
function attributesOf({ object = {} }: Item["spec"], key: string): ObjectAttributes {
  const { preserveMode: _, ...asked } = object;
  return { ...asked, contentType: asked.contentType ?? contentTypeOf(key) };
}

async function tellSkipped(
  { run, row }: ItemAtWork,
  { skipped = {} }: StartedPacking,
): Promise<void> {
  const left = Object.entries(skipped).map(([reason, count]) => `${count} × ${reason}`);
  if (left.length === 0) return;
  const text = `Left out of ${row.name} on purpose: ${left.join(", ")}.`;
  await run.ports.book.log(row.transferId, "warn", text);
}

/**
 * Frees what an earlier run sent, unless it asked for the end of its upload, and the object is there:
 * then it is done. Null: it begins.
 */
async function settleEarlier(item: Item, signal: AbortSignal): Promise<ItemOutcome | null> {
  const { work, tools, sent } = item;
  const { send } = work.resume;
  if (send?.step === "completing" && sent.size > 0) {
    const parts = [...sent.values()].toSorted((a, b) => a.number - b.number);
    const journal = sendJournal(work, keyOf(item), sent, signal);
    const completed = await findCompleted({ key: keyOf(item) }, parts, { journal, tools, signal });
    const sizeBytes = parts.at(-1)?.end ?? 0;
    if (completed !== undefined) return done(item, receiptOf(item, completed, parts, sizeBytes));
  }
  await freeUpload(item, signal);
  return null;
}

function receiptOf(
  { tools }: Item,
  { etag, versionId }: { readonly etag: string; readonly versionId: string | null },
  parts: readonly SentPart[],
  sizeBytes: number,
): Receipt {
  const { length: partCount } = parts;
  const finishedAtMs = tools.clock.wallMs();
  const proof = { rung: "signed-sha256", sha256: null, partCount } as const;
  return { ...proof, etag, versionId, sizeBytes, movedTwiceBytes: 0, notes: [], finishedAtMs };
}

async function freeUpload(item: Item, signal: AbortSignal): Promise<void> {
  const { work, tools, sent } = item;
  const { send } = work.resume;
  if (send === null || signal.aborted) return;
  const isGone = await abandonSend(keyOf(item), send, tools, signal);
  work.progress.movedTwice(work.progress.doneBytes);
  work.progress.restarted();
  sent.clear();
  // One that was asked for and is not to be seen may still appear: then whoever comes next frees it.
  if (isGone) await work.saveResume({ send: null });
}

async function takeOtherName(item: Item, signal: AbortSignal): Promise<void> {
  for (let n = 2; ; n += 1) {
    const name = otherName(item.work.row.name, n);
    if ((await findTaken(keyFor(item.spec, name), item.tools, signal)) !== null) continue;
    await item.work.saveResume({ otherName: name });
    return;
  }
}

function keyOf({ spec, work }: Item): string {
  return keyFor(spec, work.resume.otherName ?? work.row.name);
}
