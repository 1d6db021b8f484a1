import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import { createServer as createRawServer } from "node:net";
import type { Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBucketCells, TokenBucket } from "../flow/token-bucket.ts";
import { systemClock } from "../flow/clock.ts";
import { MeterTable } from "./meters.ts";
import { OrderDesk } from "./order-desk.ts";
import type { Outcome, Task } from "./orders.ts";
import type { WireRequest } from "./wire.ts";

/** The desk of one worker without its thread, and servers for it to meet. */
export class DeskRig {
  readonly folder: string;
  readonly down: TokenBucket;
  readonly desk: OrderDesk;
  readonly meters = new MeterTable(4);
  readonly #settles = new Map<number, (outcome: Outcome) => void>();
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  #lastId = 0;

  constructor(folder: string, stallMs: number) {
    const [upCells, downCells] = [createBucketCells(), createBucketCells()];
    const setup = {
      connectTimeoutMs: 500,
      stallMs,
      routes: new Map(),
      judgedMs: 60_000,
      upCells,
      downCells,
      capCells: createBucketCells(4096),
      meterCells: this.meters.cells,
    };
    this.folder = folder;
    this.down = new TokenBucket(downCells, systemClock);
    this.desk = new OrderDesk(setup, ({ id, ...outcome }) => this.#settles.get(id)?.(outcome));
  }

  /** @param stallMs Long, so that a busy machine is no stall; short where the stall is the story. */
  static async start(stallMs = 10_000): Promise<DeskRig> {
    return new DeskRig(await mkdtemp(join(tmpdir(), "longhaul-desk-")), stallMs);
  }

  /** The number of the order that `ask` gave last. */
  get lastId(): number {
    return this.#lastId;
  }

  ask(task: Task): Promise<Outcome> {
    const id = (this.#lastId += 1);
    return new Promise((resolve) => {
      this.#settles.set(id, resolve);
      this.desk.take({ id, ...task });
    });
  }

  cancel(id: number): void {
    this.desk.take({ kind: "cancel", id });
  }

  async serve(listener: RequestListener): Promise<string> {
    return await this.#listen(createServer(listener));
  }

  /** A server that speaks as the test wants. */
  async serveRaw(onSocket: (socket: Socket, index: number) => void): Promise<string> {
    let index = 0;
    const onConnection = (socket: Socket) => {
      // What the client does to the connection is the client's affair.
      socket.on("error", () => undefined);
      onSocket(socket, index);
      index += 1;
    };
    return await this.#listen(createRawServer({ allowHalfOpen: true }, onConnection));
  }

  async file(name: string, bytes: Uint8Array): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, bytes);
    return path;
  }

  /** An empty file of that size. */
  async target(sizeBytes: number): Promise<string> {
    const path = await this.file("target", new Uint8Array());
    await truncate(path, sizeBytes);
    return path;
  }

  async end(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers) server.close();
    await rm(this.folder, { recursive: true });
  }

  async #listen(server: Server): Promise<string> {
    this.#servers.push(server);
    server.on("connection", (socket: Socket) => this.#sockets.add(socket));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the server has no port");
    return `http://127.0.0.1:${address.port}`;
  }
}

export function receiveTask(
  url: string,
  path: string,
  sizeBytes: number,
  headers: Readonly<Record<string, string>> = {},
): Task & { kind: "receive" } {
  return {
    kind: "receive",
    request: { method: "GET", url, headers: {} },
    expect: { status: 206, contentLength: sizeBytes, headers },
    target: { path, start: 0, end: sizeBytes },
    cuts: [sizeBytes],
    algorithm: "sha256",
    isDropped: false,
    slot: -1,
    paidEpochs: [0, 0],
  };
}

export function putRequest(url: string): WireRequest {
  return { method: "PUT", url, headers: { "content-type": "application/octet-stream" } };
}

/** A head as a server writes it. */
export function head(status: string, headers: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join("")}\r\n`;
}
