import { isAbort, LonghaulError, toErrorInfo } from "#shared/errors.ts";
import { systemClock } from "../flow/clock.ts";
import { BucketChain } from "../flow/bucket-chain.ts";
import { bucketCellsAt, TokenBucket } from "../flow/token-bucket.ts";
import { BlockPool } from "./block-pool.ts";
import { Connections } from "./connections.ts";
import { namesNoDescriptor } from "./descriptor-gate.ts";
import { digestMaker } from "./digests.ts";
import { KeptBodies } from "./kept-bodies.ts";
import { MeterCells } from "./meters.ts";
import { OpenFiles } from "./open-files.ts";
import type { Message, Order, Outcome, Reply, Task, WorkerSetup } from "./orders.ts";
import { receiveBody } from "./receive-body.ts";
import type { Moved } from "./receive-body.ts";
import { sendBlocks, sendFile } from "./send-body.ts";
import { digestRange, readOpened, readUnchanged } from "./source-file.ts";
import { Watchdog } from "./watchdog.ts";

type Capped = { readonly slot: number; readonly group?: number };
/** Carries out the orders of one thread and answers each of them once. */
export class OrderDesk {
  readonly #reply: (reply: Reply) => void;
  readonly #running = new Map<number, AbortController>();
  readonly #blocks = new BlockPool();
  readonly #bodies = new KeptBodies(this.#blocks);
  readonly #files = new OpenFiles();
  readonly #meters: MeterCells;
  readonly #up: TokenBucket;
  readonly #down: TokenBucket;
  readonly #capCells: BigInt64Array;
  readonly #network: { readonly connections: Connections; readonly watchdog: Watchdog };

  constructor(setup: WorkerSetup, reply: (reply: Reply) => void) {
    this.#reply = reply;
    this.#meters = new MeterCells(setup.meterCells);
    this.#up = new TokenBucket(setup.upCells, systemClock);
    this.#down = new TokenBucket(setup.downCells, systemClock);
    this.#capCells = setup.capCells;
    const connections = new Connections(setup.connectTimeoutMs);
    for (const [id, route] of setup.routes) connections.addRoute(id, route);
    this.#network = { connections, watchdog: new Watchdog(setup, systemClock) };
  }

  take(message: Message): void {
    if (message.kind === "cancel") this.#running.get(message.id)?.abort();
    else if (message.kind === "release") this.#bodies.release(message.bodyId);
    else if (message.kind === "renew") this.#network.connections.renew(message.addresses);
    else if (message.kind === "route") {
      this.#network.connections.addRoute(message.id, message.route);
    } else if (message.kind === "relieve") this.#relieve();
    else if (message.kind === "tune") this.#tune(message);
    else void this.#answer(message);
  }

  #tune({ connectTimeoutMs, stallMs }: { connectTimeoutMs: number; stallMs: number }): void {
    this.#network.connections.connectTimeoutMs = connectTimeoutMs;
    this.#network.watchdog.setStall(stallMs);
  }

  #relieve(): void {
    this.#network.connections.closeIdle();
    void this.#files.closeIdle();
  }

  /** Never rejects. */
  async #answer(order: Order): Promise<void> {
    const canceling = new AbortController();
    this.#running.set(order.id, canceling);
    try {
      const outcome = await this.#carryOut(order.id, order, canceling.signal);
      this.#reply({ id: order.id, ...outcome });
    } catch (error) {
      this.#reply({ id: order.id, ...toOutcome(error) });
    } finally {
      this.#running.delete(order.id);
    }
  }

  async #carryOut(id: number, task: Task, signal: AbortSignal): Promise<Outcome> {
    switch (task.kind) {
      case "load":
        return {
          kind: "loaded",
          ...(await this.#bodies.load(id, task.source, task.stamp, signal)),
        };
      case "keep":
        return { kind: "kept", sha256: this.#bodies.keep(id, task.bytes) };
      case "send":
        return await this.#send(task, signal);
      case "receive":
        return fromReceived(await receiveBody(task, this.#receiveContext(task), signal));
      case "digest":
        return await this.#digest(task, signal);
      case "sync":
        await this.#files.sync(task.path, task.isOthers);
        if (task.isLast === true) await this.#files.close(task.path);
        break;
      case "close-file":
        await this.#files.close(task.path);
        break;
    }
    return { kind: "done" };
  }

  async #send(task: Task & { kind: "send" }, signal: AbortSignal): Promise<Outcome> {
    const { source } = task;
    const context = {
      network: this.#network,
      bucket: this.#chain(task, this.#up),
      meters: this.#meters,
      blocks: this.#blocks,
    };
    const response =
      source.kind === "file"
        ? await sendFile(task, source, context, signal)
        : await this.#bodies.use(source.bodyId, (blocks) =>
            sendBlocks(task, blocks, context, signal),
          );
    return { kind: "answered", response };
  }

  async #digest(task: Task & { kind: "digest" }, signal: AbortSignal): Promise<Outcome> {
    const onRead = (bytes: number) => this.#meters.addDigested(task.slot, bytes);
    const options = { blocks: this.#blocks, signal, onRead };
    const make = await digestMaker(task.algorithm);
    const read = (fd: number) => digestRange(fd, task.source, make(), options);
    if (task.isBeingWritten)
      return { kind: "digested", digest: await readOpened(task.source, read) };
    const { result } = await readUnchanged(task.source, null, read);
    return { kind: "digested", digest: result };
  }

  /** The transfer's cap, its group's, then that of all. */
  #chain({ slot, group = -1 }: Capped, all: TokenBucket): BucketChain {
    const caps = [slot, group].filter((at) => at >= 0);
    const buckets = caps.map(
      (at) => new TokenBucket(bucketCellsAt(this.#capCells, at), systemClock),
    );
    return new BucketChain([...buckets, all]);
  }

  #receiveContext(task: Capped) {
    return {
      network: this.#network,
      bucket: this.#chain(task, this.#down),
      meters: this.#meters,
      blocks: this.#blocks,
      files: this.#files,
    };
  }
}

function fromReceived(received: Moved): Outcome {
  const { outcome: kind } = received;
  if (kind === "whole") {
    const { outcome: _, ...whole } = received;
    return { kind, ...whole };
  }
  if (kind === "refused") return { kind, response: received.response };
  return { kind, receivedBytes: received.receivedBytes, error: toErrorInfo(received.error) };
}

function toOutcome(thrown: unknown): Outcome {
  if (isAbort(thrown)) return { kind: "canceled" };
  if (thrown instanceof LonghaulError) return { kind: "failed", error: toErrorInfo(thrown) };
  // A bug: the stack is what helps, and it holds no values.
  const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  const cause = namesNoDescriptor(message);
  if (cause !== null)
    return { kind: "failed", error: { code: "disk-failed", message, details: { cause } } };
  return { kind: "failed", error: { code: "internal", message, details: {} } };
}
