import { hash } from "node:crypto";
import { LonghaulError } from "#shared/errors.ts";
import type { Receipt } from "#shared/transfer.ts";
import { lengthOf } from "../bytes/byte-range.ts";
import { MiB } from "../bytes/sizes.ts";
import type { UploadRef } from "../stores/store.ts";
import { completeUpload } from "./complete-upload.ts";
import type { CompleteMeans } from "./complete-upload.ts";
import type { StreamPart } from "./cut-stream.ts";
import { cutStream } from "./cut-stream.ts";
import { findOurs } from "./find-ours.ts";
import { openUpload } from "./open-upload.ts";
import { choosePartSize } from "./plan-parts.ts";
import type { MoveTools, SendItem, SendJournal } from "./ports.ts";
import type { SendResume } from "./resume.ts";
import { runTogether } from "./run-lanes.ts";
import { sendBody } from "./send-body.ts";
import type { HeldPart } from "./send-parts.ts";
import { outcomeOf } from "./send-parts.ts";
import type { SendOutcome } from "./send-outcome.ts";
import { NOTE_CHECKED_BEFORE } from "./send-outcome.ts";
import { countTwice } from "./twice-counter.ts";

/** Parts in memory at once; another one is being filled. */
const LANES = 3;
/** What the wire keeps of a body that is in no file. */
const MOST_PART_BYTES = 32 * MiB;
/** A stream may become a little longer than was expected: heads of entries, what does not compress. */
const SLACK = 1.1;

/** Bytes that are made as they are sent, to one key. */
export type StreamItem = Pick<SendItem, "key" | "condition" | "partSizeBytes" | "attributes"> & {
  /** An upload that an earlier run asked for, and of which nobody knows whether it was opened. */
  readonly asked: Extract<SendResume, { step: "intent" }> | null;
  /** Read once, from start to end; destroyed by whoever made it when sending fails. */
  readonly stream: AsyncIterable<Uint8Array>;
  /** About how long it will be: the size of parts is chosen by it. */
  readonly expectedBytes: number;
  /** How much of its source has been read by now: what the observer is told in. */
  readonly readBytes: () => number;
};

/**
 * Uploads a stream whose length nobody knows: whole, when it ends within the first part, else in
 * parts. It cannot be gone on with: what was sent is of no use to a later run, which frees it.
 *
 * @throws {LonghaulError} `conflict` when the condition does not hold; `unsupported` for more than
 * the parts of one upload hold; `corrupt`; whatever the stream, or the store, says. AbortError.
 */
export async function sendStream(
  item: StreamItem,
  journal: SendJournal,
  tools: MoveTools,
  signal: AbortSignal,
): Promise<Receipt> {
  const counted = countTwice(tools);
  const means = { journal, tools: counted.tools, signal };
  const partSizeBytes = partSizeOf(item, tools);
  const parts = cutStream(item.stream, partSizeBytes, item.readBytes);
  counted.tools.observer.stage("moving");
  const { value: first } = await parts.next();
  if (first === undefined) throw new Error("a stream without a part");
  const sent = first.isLast
    ? await sendOnly(item, first, means)
    : await sendAll(item, { first, rest: parts, partSizeBytes }, means);
  const { isCheckedBefore = false, ...outcome } = sent.outcome;
  return {
    ...outcome,
    sizeBytes: sent.sizeBytes,
    movedTwiceBytes: counted.bytes(),
    notes: isCheckedBefore ? [NOTE_CHECKED_BEFORE] : [],
    finishedAtMs: tools.clock.wallMs(),
  };
}

type Sent = { readonly outcome: SendOutcome; readonly sizeBytes: number };

/** @throws {LonghaulError} `unsupported` */
function partSizeOf({ expectedBytes, partSizeBytes }: StreamItem, { store }: MoveTools): number {
  const { limits } = store;
  // Whoever asks for more has large files in mind: these parts are held in memory.
  const asked = partSizeBytes === null ? null : Math.min(partSizeBytes, MOST_PART_BYTES);
  const bytes = choosePartSize(Math.ceil(expectedBytes * SLACK), asked, limits);
  if (bytes > MOST_PART_BYTES) throw tooLong(MOST_PART_BYTES * limits.maxParts);
  return bytes;
}

async function sendOnly(
  { key, condition, attributes }: StreamItem,
  { bytes, source }: StreamPart,
  { tools, signal }: CompleteMeans,
): Promise<Sent> {
  const sizeBytes = bytes.length;
  let tried = 0;
  const operation = (sha256: string) => {
    tried += 1;
    return { kind: "put", key, sizeBytes, sha256, condition, attributes } as const;
  };
  const body = { range: source, path: null, load: keeping(bytes, tools), part: null, operation };
  try {
    const { stored, sha256 } = await sendBody(body, tools, signal);
    if (lengthOf(source) > 0) tools.observer.done(source, false);
    const { etag, versionId, isCheckedBefore, isSha256Kept } = stored;
    const rung = isSha256Kept ? "part-sha256" : "signed-sha256";
    const told = { etag, versionId, sha256, rung, partCount: 1 } as const;
    return { sizeBytes, outcome: isCheckedBefore ? { ...told, isCheckedBefore } : told };
  } catch (error) {
    // The name may be taken by what an earlier attempt, whose answer was lost, put there.
    const isMaybeOurs = error instanceof LonghaulError && error.code === "conflict" && tried > 1;
    const outcome = isMaybeOurs ? await findOnly(key, bytes, tools, signal) : undefined;
    if (outcome === undefined) throw error;
    if (lengthOf(source) > 0) tools.observer.done(source, false);
    return { sizeBytes, outcome };
  }
}

async function findOnly(
  key: string,
  bytes: Uint8Array,
  { store, retry }: MoveTools,
  signal: AbortSignal,
): Promise<SendOutcome | undefined> {
  const sha256 = hash("sha256", bytes);
  const mark = { etag: hash("md5", bytes), pieces: [{ end: bytes.length, sha256 }] };
  const object = await retry.run(null, () => findOurs(store, key, mark, signal), signal);
  if (object === undefined) return undefined;
  const { etag, versionId } = object;
  return { etag, versionId, sha256, rung: "signed-sha256", partCount: 1 };
}

async function sendAll(
  item: StreamItem,
  stream: {
    readonly first: StreamPart;
    readonly rest: AsyncGenerator<StreamPart, undefined>;
    readonly partSizeBytes: number;
  },
  means: CompleteMeans,
): Promise<Sent> {
  const { key, condition, attributes, asked } = item;
  const { first, rest, partSizeBytes } = stream;
  const begun = { key, attributes, sizeBytes: item.expectedBytes, resume: asked };
  const opened = await openUpload(begun, partSizeBytes, means);
  const held: HeldPart[] = [];
  let waiting: StreamPart | undefined = first;
  const lane = async (signal: AbortSignal): Promise<void> => {
    for (;;) {
      const part: StreamPart | undefined = waiting ?? (await rest.next()).value;
      waiting = undefined;
      if (part === undefined) return;
      signal.throwIfAborted();
      held.push(await sendPart(opened.upload, part, { ...means, signal }));
    }
  };
  await runTogether(
    Array.from({ length: LANES }, () => lane),
    means.signal,
  );
  const parts = held.toSorted((a, b) => a.number - b.number);
  const sizeBytes = parts.at(-1)?.end ?? 0;
  const completed = await completeUpload({ key, condition, sizeBytes }, opened, parts, means);
  return { sizeBytes, outcome: outcomeOf(completed, parts) };
}

async function sendPart(
  upload: UploadRef,
  { number, start, bytes, source }: StreamPart,
  { journal, tools, signal }: CompleteMeans,
): Promise<HeldPart> {
  const { maxParts } = tools.store.limits;
  const sizeBytes = bytes.length;
  const end = start + sizeBytes;
  if (number > maxParts) throw tooLong(start);
  const operation = (sha256: string) =>
    ({ kind: "put-part", upload, number, sizeBytes, sha256 }) as const;
  const { stored, sha256 } = await sendBody(
    { range: source, path: null, load: keeping(bytes, tools), part: number, operation },
    tools,
    signal,
  );
  const part = { number, start, end, etag: stored.etag, sha256 };
  await journal.stored(part);
  if (lengthOf(source) > 0) tools.observer.done(source, false);
  return { ...part, isSha256Kept: stored.isSha256Kept };
}

function keeping(bytes: Uint8Array, { wire }: MoveTools) {
  return (signal: AbortSignal) => wire.keep(bytes, signal);
}

function tooLong(mostBytes: number): LonghaulError {
  const message = `more than ${mostBytes} B cannot be sent as they are made`;
  return new LonghaulError("unsupported", message, {
    details: { neededBytes: mostBytes, cause: "stream-too-long" },
  });
}
