import { LonghaulError } from "#shared/errors.ts";
import type { ByteRange } from "../bytes/byte-range.ts";
import { lengthOf } from "../bytes/byte-range.ts";
import type { PutOperation, Stored } from "../stores/store.ts";
import type { LoadedBody, Wire } from "../wire/wire.ts";
import type { MoveTools, SendItem } from "./ports.ts";

/** One request's worth of bytes. */
export type Body = {
  /** What the observer is told of. */
  readonly range: ByteRange;
  /** Brings them into memory, anew for every attempt. */
  readonly load: (signal: AbortSignal) => Promise<LoadedBody>;
  /** The file that they are read from; null for those that are in none. */
  readonly path: string | null;
  /** Null for a body that is no part. */
  readonly part: number | null;
  readonly operation: (sha256: string) => PutOperation;
};

/** A range of the file of an item, as what `sendBody` sends. */
export function rangeOf(
  { path, stamp }: Pick<SendItem, "path" | "stamp">,
  range: ByteRange,
  wire: Pick<Wire, "load">,
): Pick<Body, "range" | "load" | "path"> {
  const source = { path, ...range };
  return { range, path, load: (signal) => wire.load({ source, stamp }, signal) };
}

export type SentBody = {
  readonly stored: Stored;
  /** Hex. */
  readonly sha256: string;
};

/** Bytes that arrive wrong this often are read wrong here, or change: trying on is no use. */
const MAX_CORRUPT = 2;

/**
 * Moves one body in one request, again and again while that is worth it. Every attempt
 * reads the bytes anew and signs for itself, so that neither a buffer nor a slot nor a signature is
 * held while it waits for the next one.
 *
 * @throws {LonghaulError} what the store or the wire said last; `source-changed`; `corrupt` when
 * the store received other bytes than were sent, twice; `disk-failed` when that is because the disk
 * gives other bytes with every reading.
 */
export async function sendBody(
  body: Body,
  tools: MoveTools,
  signal: AbortSignal,
): Promise<SentBody> {
  let corruptCount = 0;
  const read = new Set<string>();
  const noted = { ...body, operation: noting(body.operation, read) };
  const attempt = async (): Promise<SentBody | LonghaulError> => {
    try {
      return await loadAndSend(noted, tools, signal);
    } catch (error) {
      const isCorrupt = error instanceof LonghaulError && error.code === "corrupt";
      if (isCorrupt && (corruptCount += 1) >= MAX_CORRUPT) {
        return read.size > 1 && body.path !== null ? unstableRead(body.path, error) : error;
      }
      throw error;
    }
  };
  const sent = await tools.retry.run(body.part, attempt, signal);
  if (sent instanceof LonghaulError) throw sent;
  return sent;
}

/** The file's stamp is the same, and its bytes are not. */
function unstableRead(path: string, cause: LonghaulError): LonghaulError {
  return new LonghaulError("disk-failed", `${path} reads differently every time`, {
    details: { path, cause: "unstable-read" },
    cause,
  });
}

function noting(operation: Body["operation"], read: Set<string>): Body["operation"] {
  return (sha256) => {
    read.add(sha256);
    return operation(sha256);
  };
}

/** Under a cap its turn comes first, or bodies that wait for it would hold all memory. */
async function loadAndSend(body: Body, tools: MoveTools, signal: AbortSignal): Promise<SentBody> {
  const leave = await tools.meter.enter(signal);
  try {
    return await loadAndSendNow(body, tools, signal);
  } finally {
    leave();
  }
}

/** A buffer first, then a slot: the other way round, sends that wait for memory would hold up fetches. */
async function loadAndSendNow(
  body: Body,
  tools: MoveTools,
  signal: AbortSignal,
): Promise<SentBody> {
  const { range } = body;
  const loaded = await body.load(signal);
  try {
    const giveBack = await tools.slots.acquire(signal);
    tools.observer.started(range);
    try {
      return await signAndSend(body, loaded, tools, signal);
    } finally {
      tools.observer.settled(range);
      giveBack();
    }
  } finally {
    tools.wire.release(loaded);
  }
}

async function signAndSend(
  body: Body,
  loaded: LoadedBody,
  { store, wire, meter, observer }: MoveTools,
  signal: AbortSignal,
): Promise<SentBody> {
  const operation = body.operation(loaded.sha256);
  const { request } = await store.sign(operation, signal);
  try {
    const response = await wire.send({ body: loaded, request, meter }, signal);
    return { stored: store.readStored(operation, response), sha256: loaded.sha256 };
  } catch (error) {
    // How far it came is not known: the whole body at most.
    if (!signal.aborted) observer.movedTwice(lengthOf(body.range));
    throw error;
  }
}
