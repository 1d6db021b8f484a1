import { fromErrorInfo, LonghaulError } from "#shared/errors.ts";
import type { Limits } from "#shared/settings.ts";
import { lengthOf } from "../bytes/byte-range.ts";
import { KiB, MiB } from "../bytes/sizes.ts";
import { rangeBytesUnderCap, streamsUnderCap } from "../flow/cap-sizes.ts";
import { systemClock } from "../flow/clock.ts";
import { BucketChain } from "../flow/bucket-chain.ts";
import { Semaphore } from "../flow/semaphore.ts";
import { createBucketCells, TokenBucket } from "../flow/token-bucket.ts";
import { BLOCK_BYTES } from "./block-pool.ts";
import { BufferBudget } from "./buffer-budget.ts";
import type { Share } from "./buffer-budget.ts";
import { DescriptorGate } from "./descriptor-gate.ts";
import { splitUrl } from "./exchange.ts";
import { Holdings } from "./holdings.ts";
import { LARGEST_KEPT_BYTES } from "./kept-bodies.ts";
import { MeterTable } from "./meters.ts";
import type { SendSource, Task, WorkerSetup } from "./orders.ts";
import { keyOfRoute } from "./route.ts";
import { BLOCKS_PER_WRITER } from "./range-writer.ts";
import type { Moved } from "./receive-body.ts";
import { WrittenFiles } from "./written-files.ts";
import { unexpected, WireThread } from "./wire-thread.ts";
import type { Asked, Success } from "./wire-thread.ts";
import type {
  DigestOrder,
  LoadedBody,
  LoadOrder,
  Meter,
  Received,
  ReceiveOrder,
  SendOrder,
  Wire,
  WireRequest,
  WireResponse,
  WireTuning,
} from "./wire.ts";

export type WireOptions = {
  readonly workers?: number;
  /** Memory for bodies and blocks, over all workers. */
  readonly bufferBytes?: number;
  /** Requests at once to one endpoint, over all workers. */
  readonly connections?: number;
  /** For one address. */
  readonly connectTimeoutMs?: number;
  /** Silence after which a stream is given up. */
  readonly stallMs?: number;
  /** By how long a time a stream's pace is judged. */
  readonly judgedMs?: number;
};

const DEFAULTS = {
  workers: 2,
  bufferBytes: 128 * MiB,
  connections: 50,
  connectTimeoutMs: 5_000,
  stallMs: 30_000,
  judgedMs: 60_000,
};

/** Under the lowest limit: one each for those that run. A socket must not sit idle for long either. */
const LEAST_SLOTS = 3;

/** What bytes pass through on their way from a file or to one. */
const PASSAGE_BYTES = BLOCKS_PER_WRITER * BLOCK_BYTES;

/** What even an empty body costs, so that the number of bodies is bounded too. */
const LEAST_SHARE_BYTES = 4 * KiB;

export function createWire(options: WireOptions = {}): Wire {
  return new ThreadedWire({ ...DEFAULTS, ...options });
}

/** A body between `load` and `release`. */
type Body = {
  readonly source: SendSource;
  readonly share: Share;
  /** Ends of the sends under way, also of canceled ones that still read the memory. */
  readonly sends: Set<Promise<void>>;
};

class ThreadedWire implements Wire {
  #connections: number;
  #limits: Limits = { upBytesPerSecond: null, downBytesPerSecond: null };
  readonly #setup: WorkerSetup;
  /** Numbers of the ways that are not direct, by what they are. */
  readonly #routeIds = new Map<string, number>();
  readonly #threads: readonly WireThread[];
  readonly #budget: BufferBudget;
  readonly #meters = new MeterTable();
  readonly #up: TokenBucket;
  readonly #down: TokenBucket;
  readonly #upSlots = new Semaphore(Infinity);
  readonly #downSlots = new Semaphore(Infinity);
  readonly #endpoints = new Map<string, Semaphore>();
  readonly #bodies = new Map<number, Body>();
  readonly #written: WrittenFiles;
  readonly #gate = new DescriptorGate(systemClock, () => this.#relieve());
  readonly #closing = new AbortController();
  #lastBodyId = 0;

  constructor(options: Required<WireOptions>) {
    const { connectTimeoutMs, stallMs, judgedMs } = options;
    const upCells = createBucketCells();
    const downCells = createBucketCells();
    const meterCells = this.#meters.cells;
    const { capCells } = this.#meters;
    const cells = { upCells, downCells, meterCells, capCells };
    const setup = { connectTimeoutMs, stallMs, judgedMs, routes: new Map(), ...cells };
    this.#setup = setup;
    this.#connections = options.connections;
    this.#up = new TokenBucket(upCells, systemClock);
    this.#down = new TokenBucket(downCells, systemClock);
    this.#budget = new BufferBudget(options.bufferBytes, options.workers, PASSAGE_BYTES);
    this.#threads = Array.from(
      { length: options.workers },
      (_, index) => new WireThread(setup, () => this.#written.died(index)),
    );
    this.#written = new WrittenFiles({
      isThere: (worker) => this.#threads[worker]?.isThere === true,
      tell: async (worker, task, signal) => void (await this.#ask(worker, task, signal).outcome),
      openAndTell: async (task, signal) =>
        void (await this.#carry(0, task, signal, () => undefined)),
    });
    // The others when there is work for them: a small transfer is over before a thread has begun.
    this.#threads[0]?.warmUp();
  }

  async load(order: LoadOrder, signal: AbortSignal): Promise<LoadedBody> {
    const wish = this.#orClosing(signal);
    const { source, stamp = null } = order;
    const sizeBytes = lengthOf(source);
    const isKept = sizeBytes <= LARGEST_KEPT_BYTES;
    const costBytes = isKept ? costOf(sizeBytes) : BLOCK_BYTES;
    const share = await this.#budget.acquire(costBytes, wish, !isKept);
    return await this.#take({ kind: "load", source, stamp }, share, wish, (bodyId, reply) => {
      if (reply.kind !== "loaded") throw unexpected(reply);
      const { sha256, stamp: read } = reply;
      if (isKept) return { sizeBytes, sha256, source: { kind: "kept", bodyId } };
      share.release();
      return { sizeBytes, sha256, source: { kind: "file", range: source, stamp: read, sha256 } };
    });
  }

  async keep(bytes: Uint8Array, signal: AbortSignal): Promise<LoadedBody> {
    const { length: sizeBytes } = bytes;
    if (sizeBytes > LARGEST_KEPT_BYTES) throw new LonghaulError("internal", "a body is too large");
    const wish = this.#orClosing(signal);
    const share = await this.#budget.acquire(costOf(sizeBytes), wish);
    return await this.#take({ kind: "keep", bytes }, share, wish, (bodyId, reply) => {
      if (reply.kind !== "kept") throw unexpected(reply);
      return { sizeBytes, sha256: reply.sha256, source: { kind: "kept", bodyId } };
    });
  }

  /** Has a body loaded into the memory of a share; what fails gives that back. */
  async #take(
    task: Task,
    share: Share,
    signal: AbortSignal,
    read: (bodyId: number, reply: Success) => Omit<LoadedBody, "id"> & Pick<Body, "source">,
  ): Promise<LoadedBody> {
    let last: Asked | null = null;
    try {
      const { id: bodyId, reply } = await this.#carry(share.worker, task, signal, (asked) => {
        last = asked;
      });
      const { source, ...loaded } = read(bodyId, reply);
      const id = (this.#lastBodyId += 1);
      this.#bodies.set(id, { source, share, sends: new Set() });
      return { id, ...loaded };
    } catch (error) {
      this.#forgetLoad(share, last);
      throw error;
    }
  }

  async send(order: SendOrder, signal: AbortSignal): Promise<WireResponse> {
    const body = this.#bodies.get(order.body.id);
    if (body === undefined)
      throw new LonghaulError("internal", "a body was sent after its release");
    const wish = this.#orClosing(signal);
    const holdings = new Holdings();
    try {
      // A body that is read again passes through two blocks; a kept one is where it is.
      const worker =
        body.source.kind === "kept"
          ? body.share.worker
          : holdings.add(await this.#budget.acquire(PASSAGE_BYTES, wish, true)).worker;
      holdings.add({ release: await this.#upSlots.acquire(wish) });
      holdings.add(await this.#enter(order.request.url, wish));
      const { source } = body;
      const task = {
        kind: "send",
        source,
        request: this.#numbered(order.request),
        slot: order.meter.slot,
        group: order.meter.group,
      } as const;
      const { reply } = await this.#carry(worker, task, wish, ({ over }) => {
        holdings.after(over);
        body.sends.add(over);
        void over.then(() => body.sends.delete(over));
      });
      if (reply.kind !== "answered") throw unexpected(reply);
      return reply.response;
    } finally {
      holdings.leave();
    }
  }

  release({ id }: LoadedBody): void {
    const body = this.#bodies.get(id);
    if (body === undefined) return;
    this.#bodies.delete(id);
    const { source, share } = body;
    if (source.kind === "file") return;
    void Promise.all(body.sends).then(() => this.#forget(share, source.bodyId));
  }

  async receive(order: ReceiveOrder, signal: AbortSignal): Promise<Received> {
    const wish = this.#orClosing(signal);
    const sizeBytes = lengthOf(order.target);
    const holdings = new Holdings();
    const caps = this.#meters.capsOf(order.meter);
    const chain = new BucketChain([...caps.map(({ bucket }) => bucket), this.#down]);
    try {
      // Before memory: what only waits for its turn under a cap would keep bodies from being loaded.
      holdings.add({ release: await this.#downSlots.acquire(wish) });
      const costBytes = Math.min(costOf(sizeBytes), PASSAGE_BYTES);
      const { worker } = holdings.add(await this.#budget.acquire(costBytes, wish, true));
      holdings.add(await this.#enter(order.request.url, wish));
      const isPaid = await chain.take(sizeBytes, wish, (rate) => isLittle(sizeBytes, rate));
      if (!isPaid) return { outcome: "unasked" };
      const { expect, target, cuts, meter } = order;
      const request = this.#numbered(order.request);
      const { algorithm = "sha256", isHeld = false } = order;
      const isDropped = isHeld || order.isDropped === true;
      const paidEpochs = chain.epochs;
      const { slot, group } = meter;
      const fetch = {
        kind: "receive",
        request,
        expect,
        target,
        cuts,
        algorithm,
        isDropped,
        isHeld,
      } as const;
      const paid = { ...fetch, slot, group, paidEpochs };
      const { reply } = await this.#carry(worker, paid, wish, ({ over }) => {
        if (!isDropped) this.#written.note(target.path, worker);
        holdings.after(over);
      });
      const received = toReceived(reply);
      chain.giveBack(unspentBytes(received, sizeBytes));
      return received;
    } catch (error) {
      if (isBeforeFirstByte(error)) chain.giveBack(sizeBytes);
      throw error;
    } finally {
      holdings.leave();
    }
  }

  async digest(order: DigestOrder, signal: AbortSignal): Promise<string> {
    const wish = this.#orClosing(signal);
    const { source, algorithm, meter, isBeingWritten = false } = order;
    const holdings = new Holdings();
    try {
      const { worker } = holdings.add(await this.#budget.acquire(BLOCK_BYTES, wish, true));
      const slot = meter?.slot ?? -1;
      const task = { kind: "digest", source, algorithm, slot, isBeingWritten } as const;
      const { reply } = await this.#carry(worker, task, wish, ({ over }) => holdings.after(over));
      if (reply.kind !== "digested") throw unexpected(reply);
      return reply.digest;
    } finally {
      holdings.leave();
    }
  }

  async sync(path: string, signal: AbortSignal, isLast = false): Promise<void> {
    await this.#written.sync(path, this.#orClosing(signal), isLast);
  }

  async closeFile(path: string): Promise<void> {
    await this.#written.close(path, this.#closing.signal);
  }

  setLimits(limits: Limits): void {
    const { upBytesPerSecond, downBytesPerSecond } = limits;
    this.#limits = limits;
    this.#up.setRate(upBytesPerSecond);
    this.#down.setRate(downBytesPerSecond);
    this.#upSlots.setLimit(this.#slotsUnder(upBytesPerSecond));
    this.#downSlots.setLimit(this.#slotsUnder(downBytesPerSecond));
  }

  tune({ connectTimeoutMs, stallMs, connections }: WireTuning): void {
    // For threads that start later.
    Object.assign(this.#setup, { connectTimeoutMs, stallMs });
    for (const thread of this.#threads) thread.tell({ kind: "tune", connectTimeoutMs, stallMs });
    this.#connections = connections;
    for (const endpoint of this.#endpoints.values()) endpoint.setLimit(connections);
    this.setLimits(this.#limits);
  }

  openMeter(group?: Meter): Meter {
    return this.#meters.open(group);
  }

  renew(addresses: readonly string[] | null): void {
    for (const thread of this.#threads) thread.tell({ kind: "renew", addresses });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  /** Streams that wait for tokens hold their slots, so one direction must leave some to the other. */
  #slotsUnder(bytesPerSecond: number | null): number {
    if (bytesPerSecond === null) return Infinity;
    const wanted = Math.max(LEAST_SLOTS, streamsUnderCap(bytesPerSecond));
    return Math.min(wanted, Math.ceil(this.#connections / 2));
  }

  /** One of the sockets to an endpoint. Whoever waits here may hold memory, and nobody waits the other way. */
  async #enter(url: string, signal: AbortSignal): Promise<{ readonly release: () => void }> {
    const { origin } = splitUrl(url);
    const endpoint = this.#endpoints.get(origin) ?? new Semaphore(this.#connections);
    this.#endpoints.set(origin, endpoint);
    return { release: await endpoint.acquire(signal) };
  }

  /** The request with a number in place of its way, which may hold many certificates. */
  #numbered({ route, ...request }: WireRequest): WireRequest {
    if (route === undefined) return request;
    const key = keyOfRoute(route);
    const known = this.#routeIds.get(key);
    if (known !== undefined) return { ...request, routeId: known };
    const id = this.#routeIds.size + 1;
    this.#routeIds.set(key, id);
    this.#setup.routes.set(id, route);
    for (const thread of this.#threads) thread.tell({ kind: "route", id, route });
    return { ...request, routeId: id };
  }

  /** Closes what nobody uses now, sockets and files, in all threads. */
  #relieve(): void {
    for (const thread of this.#threads) thread.tell({ kind: "relieve" });
  }

  /**
   * Has an order carried out that opens files or sockets, again while there is no descriptor for it.
   *
   * @param onAsked Told of each try.
   */
  async #carry(
    worker: number,
    task: Task,
    signal: AbortSignal,
    onAsked: (asked: Asked) => void,
  ): Promise<{ readonly id: number; readonly reply: Success }> {
    return await this.#gate.run(async () => {
      const asked = this.#ask(worker, task, signal);
      onAsked(asked);
      return { id: asked.id, reply: await asked.outcome };
    }, signal);
  }

  #ask(worker: number, task: Task, signal: AbortSignal): Asked {
    signal.throwIfAborted();
    const thread = this.#threads[worker];
    if (thread === undefined) throw new LonghaulError("internal", `there is no thread ${worker}`);
    return thread.ask(task, signal);
  }

  /** @param asked Null for one that never came to a thread. */
  #forgetLoad(share: Share, asked: Asked | null): void {
    if (asked === null) return share.release();
    void asked.over.then(() => this.#forget(share, asked.id));
  }

  #forget(share: Share, bodyId: number): void {
    this.#threads[share.worker]?.post({ kind: "release", bodyId });
    share.release();
  }

  #orClosing(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#closing.signal]);
  }
}

function costOf(sizeBytes: number): number {
  return Math.max(LEAST_SHARE_BYTES, sizeBytes);
}

function toReceived(reply: Success): Moved {
  const { kind: outcome } = reply;
  if (outcome === "whole") {
    const { kind: _, ...whole } = reply;
    return { outcome, ...whole };
  }
  if (outcome === "refused") return { outcome, response: reply.response };
  if (outcome !== "cut") throw unexpected(reply);
  return { outcome, receivedBytes: reply.receivedBytes, error: fromErrorInfo(reply.error) };
}

/** Under a cap of now, a range does not hold up the line for long. */
function isLittle(sizeBytes: number, bytesPerSecond: number): boolean {
  return sizeBytes <= 2 * rangeBytesUnderCap(bytesPerSecond);
}

/** What a range paid for and did not get. */
function unspentBytes(received: Moved, sizeBytes: number): number {
  if (received.outcome === "whole") return 0;
  return received.outcome === "refused" ? sizeBytes : sizeBytes - received.receivedBytes;
}

/** An error of the network is thrown only when no byte of the body came. */
function isBeforeFirstByte(error: unknown): boolean {
  return error instanceof LonghaulError && error.details.endpoint !== undefined;
}
