import { lengthOf } from "../bytes/byte-range.ts";
import type { BucketChain } from "../flow/bucket-chain.ts";
import type { BlockPool } from "./block-pool.ts";
import { AnswerCollector } from "./collect-answer.ts";
import { CutDigests } from "./cut-digests.ts";
import { digestMaker } from "./digests.ts";
import type { DigestMaker } from "./digests.ts";
import { exchange } from "./exchange.ts";
import type { AnswerReader, Flow, Headers, Network } from "./exchange.ts";
import type { MeterCells } from "./meters.ts";
import type { OpenFiles } from "./open-files.ts";
import type { Task } from "./orders.ts";
import { RangeWriter } from "./range-writer.ts";
import type { Expectation, Received } from "./wire.ts";
import { LonghaulError } from "#shared/errors.ts";

export type ReceiveContext = {
  readonly network: Network;
  readonly bucket: BucketChain;
  readonly meters: MeterCells;
  readonly blocks: BlockPool;
  readonly files: OpenFiles;
};

/** How a request that was sent can end. */
export type Moved = Exclude<Received, { readonly outcome: "unasked" }>;

export type Receiving = Task & { readonly kind: "receive" };

/** Writes the body of one answer to its place in the file. @throws as `Wire.receive`. */
export async function receiveBody(
  order: Receiving,
  context: ReceiveContext,
  signal: AbortSignal,
): Promise<Moved> {
  const means = { context, signal, make: await digestMaker(order.algorithm) };
  if (order.isHeld === true) return await receiveHeld(order, means);
  if (order.isDropped) return await receiveInto(NOWHERE, order, means);
  return await context.files.use(order.target.path, async (fd) => {
    const onWriting = (change: 1 | -1) => context.meters.addWriting(order.slot, change);
    const writer = new RangeWriter(fd, order.target, context.blocks, onWriting);
    try {
      return await receiveInto(writer, order, means);
    } finally {
      await writer.close();
    }
  });
}

/** Where the bytes of a body go. */
type Sink = Pick<RangeWriter, "room" | "push" | "flush" | "hasFailed">;

/** For bytes that are only digested. */
const NOWHERE: Sink = {
  room: () => null,
  push: () => null,
  flush: async () => undefined,
  hasFailed: false,
};

/** The bytes come with the answer. */
async function receiveHeld(order: Receiving, means: Means): Promise<Moved> {
  const bytes = new Uint8Array(lengthOf(order.target));
  let filled = 0;
  const keep = (chunk: Buffer) => {
    bytes.set(chunk, filled);
    filled += chunk.length;
    return null;
  };
  const moved = await receiveInto({ ...NOWHERE, push: keep }, order, means);
  return moved.outcome === "whole" ? { ...moved, bytes } : moved;
}

type Means = {
  readonly context: ReceiveContext;
  readonly signal: AbortSignal;
  readonly make: DigestMaker;
};

async function receiveInto(sink: Sink, order: Receiving, means: Means): Promise<Moved> {
  const { request, target } = order;
  const { context, signal } = means;
  const reader = new BodyReader(order, sink, means);
  const call = { request, contentLength: null, body: () => null, reader, onSent: () => undefined };
  try {
    await exchange(call, context.network, signal);
  } catch (error) {
    if (!(error instanceof LonghaulError) && !sink.hasFailed) throw error;
    // Throws when the disk was the reason.
    await sink.flush();
    if (reader.refusal !== null) return { outcome: "refused", response: reader.refusal.response() };
    if (!(error instanceof LonghaulError) || reader.receivedBytes === 0) throw error;
    return { outcome: "cut", receivedBytes: reader.receivedBytes, error };
  }
  if (reader.refusal !== null) return { outcome: "refused", response: reader.refusal.response() };
  await sink.flush();
  if (reader.receivedBytes !== lengthOf(target)) {
    throw new LonghaulError("protocol", "a body differs in length from its own head");
  }
  return { outcome: "whole", digests: reader.digests(), headers: reader.headers };
}

/** Decides by the head whether the body is the one that was asked for, and takes it in. */
class BodyReader implements AnswerReader {
  receivedBytes = 0;
  headers: Headers = {};
  /** Collects an answer that is not the one that was asked for. */
  refusal: AnswerCollector | null = null;
  readonly #order: Receiving;
  readonly #sink: Sink;
  readonly #digests: CutDigests;
  readonly #context: ReceiveContext;
  readonly #signal: AbortSignal;

  constructor(order: Receiving, sink: Sink, { context, signal, make }: Means) {
    this.#order = order;
    this.#sink = sink;
    this.#digests = new CutDigests(order.target.start, order.cuts, make);
    this.#context = context;
    this.#signal = signal;
  }

  /** One for each cut, after the whole body. */
  digests(): readonly string[] {
    return this.#digests.done;
  }

  onHead(status: number, headers: Headers, flow: Flow): void {
    this.headers = headers;
    if (isAsExpected(status, headers, this.#order.expect)) return;
    this.refusal = new AnswerCollector();
    this.refusal.onHead(status, headers);
    // The body of a success is data of another kind, and may be long.
    if (status < 300) flow.finish();
  }

  room(): Buffer | null {
    return this.refusal === null ? this.#sink.room() : null;
  }

  onChunk(chunk: Buffer, flow: Flow): void {
    if (this.refusal !== null) return this.refusal.onChunk(chunk, flow);
    if (this.receivedBytes + chunk.length > lengthOf(this.#order.target)) {
      throw new LonghaulError("protocol", "more bytes came than the head promised");
    }
    this.receivedBytes += chunk.length;
    this.#context.meters.addMoved(this.#order.slot, chunk.length);
    this.#digests.update(chunk);
    const room = this.#sink.push(chunk);
    if (room !== null) this.#pauseUntil(room, flow);
    this.#payAgain(chunk.length, flow);
  }

  /** A range that was paid for under another cap pays again as it comes, or the new cap would not hold. */
  #payAgain(bytes: number, flow: Flow): void {
    const { bucket } = this.#context;
    const paying = bucket.takeAgain(bytes, this.#order.paidEpochs, this.#signal);
    if (paying !== null) this.#pauseUntil(paying, flow);
  }

  #pauseUntil(ready: Promise<unknown>, flow: Flow): void {
    flow.pause();
    ready.then(
      () => flow.resume(),
      (error: unknown) => flow.fail(error),
    );
  }
}

function isAsExpected(status: number, headers: Headers, expect: Expectation): boolean {
  if (status !== expect.status) return false;
  if (headers["content-length"] !== String(expect.contentLength)) return false;
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding !== "identity" && expect.headers["content-encoding"] !== encoding) return false;
  return Object.entries(expect.headers).every(([name, value]) => headers[name] === value);
}
