import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { Transform } from "node:stream";
import type { TransformCallback } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** What becomes of one connection, or of one direction of it. */
export type LineFault = {
  /** Every chunk, either way, comes so much later. */
  readonly latencyMs?: number;
  /** Towards the client, in slices. */
  readonly bytesPerSecond?: number;
  /** So many bytes pass towards the client (`down`) or the store (`up`), and then `ends` happens. */
  readonly after?: { readonly direction: "down" | "up"; readonly bytes: number };
  /** `silence`: the connection stays and nothing passes any more. */
  readonly ends?: "reset" | "close" | "silence";
};

/** Which fault a connection gets, by its number from 1; null: a good line. */
export type LinePlan = (connection: number) => LineFault | null;

const SLICES_PER_SECOND = 10;

/** A user-space TCP proxy on loopback for tests: a bad line between a client and a server. */
export class FaultProxy {
  /** Connections accepted so far. */
  connectionCount = 0;
  /** How each message of a client began; long ones are cut. */
  readonly heads: string[] = [];
  readonly port: number;
  readonly #targetPort: number;
  #server: Server;
  readonly #lines = new Set<Line>();
  #plan: LinePlan = () => null;

  static async open(targetPort: number): Promise<FaultProxy> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new FaultProxy(server, targetPort);
  }

  private constructor(server: Server, targetPort: number) {
    const address = server.address();
    this.port = typeof address === "object" && address !== null ? address.port : 0;
    this.#targetPort = targetPort;
    this.#server = server;
    server.on("connection", (client) => this.#accept(client));
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get openCount(): number {
    return this.#lines.size;
  }

  /** Of connections that are made from now on. */
  plan(plan: LinePlan): void {
    this.#plan = plan;
    this.connectionCount = 0;
  }

  /** What is open dies without a word: nothing passes any more, either way. */
  silence(): void {
    for (const line of this.#lines) line.end("silence");
  }

  resetAll(): void {
    for (const line of this.#lines) line.end("reset");
  }

  /** Refuses connections, and resets what is open: the server is down. */
  async stopListening(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.resetAll();
    await closed;
  }

  /** On the same port as before. */
  async listenAgain(): Promise<void> {
    this.#server = createServer((client) => this.#accept(client));
    this.#server.listen(this.port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  async close(): Promise<void> {
    if (this.#server.listening) await this.stopListening();
  }

  /** Forgets how long lines were without a byte towards the store. */
  resetPauses(): void {
    for (const line of this.#lines) line.pauses.reset();
  }

  /** How long each open line that sent so much was without a byte towards the store; milliseconds. */
  pausesMs(sentBytes: number): readonly number[] {
    return [...this.#lines]
      .filter(({ pauses }) => pauses.totalBytes >= sentBytes)
      .map(({ pauses }) => pauses.longestMs);
  }

  #noteHead(chunk: Buffer): void {
    const start = chunk.toString("latin1", 0, 2000);
    if (/^[A-Z]+ \//.test(start)) this.heads.push(start);
  }

  #accept(client: Socket): void {
    this.connectionCount += 1;
    const fault = this.#plan(this.connectionCount) ?? {};
    client.on("data", (chunk: Buffer) => this.#noteHead(chunk));
    const line = new Line(client, connect(this.#targetPort, "127.0.0.1"), fault);
    this.#lines.add(line);
    client.once("close", () => void this.#lines.delete(line));
  }
}

/** The longest silence of one direction. */
class Pauses {
  totalBytes = 0;
  #lastMs = performance.now();
  #longestMs = 0;

  note(bytes: number): void {
    this.#longestMs = this.longestMs;
    this.#lastMs = performance.now();
    this.totalBytes += bytes;
  }

  /** The one that goes on included. */
  get longestMs(): number {
    return Math.max(this.#longestMs, performance.now() - this.#lastMs);
  }

  reset(): void {
    this.#lastMs = performance.now();
    this.#longestMs = 0;
  }
}

/** One connection, and its other half. */
class Line {
  readonly pauses = new Pauses();
  readonly #client: Socket;
  readonly #server: Socket;
  #isSilent = false;

  constructor(client: Socket, server: Socket, fault: LineFault) {
    this.#client = client;
    this.#server = server;
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.setNoDelay(true);
      // Half closes pass as they are; an error or a whole close ends both.
      one.on("error", () => this.end("reset"));
      one.on("close", () => {
        if (!this.#isSilent) other.destroy();
      });
    }
    client.on("data", (chunk: Buffer) => this.pauses.note(chunk.length));
    client.pipe(this.#filter(fault, "up")).pipe(server);
    server.pipe(this.#filter(fault, "down")).pipe(client);
  }

  end(how: "reset" | "close" | "silence"): void {
    if (how === "silence") {
      this.#isSilent = true;
      this.#client.unpipe();
      this.#server.unpipe();
      this.#client.pause();
      this.#server.destroy();
      return;
    }
    if (how === "reset") this.#client.resetAndDestroy();
    else this.#client.destroy();
    this.#server.destroy();
  }

  #filter(fault: LineFault, direction: "down" | "up"): Transform {
    const { latencyMs = 0, after, ends = "reset" } = fault;
    const bytesPerSecond = direction === "down" ? fault.bytesPerSecond : undefined;
    let leftBytes = after?.direction === direction ? after.bytes : Infinity;
    const pass = async (chunk: Buffer, filter: Transform): Promise<void> => {
      if (latencyMs > 0) await sleep(latencyMs);
      const kept = chunk.subarray(0, leftBytes);
      leftBytes -= kept.length;
      for (const slice of slicesOf(kept, bytesPerSecond)) {
        if (this.#isSilent) return;
        filter.push(slice);
        if (bytesPerSecond !== undefined) await sleep((slice.length / bytesPerSecond) * 1000);
      }
      // A moment for what was let through to be on its way.
      if (leftBytes === 0) setImmediate(() => this.end(ends));
    };
    return new Transform({
      transform(this: Transform, chunk: Buffer, _encoding: string, done: TransformCallback) {
        pass(chunk, this).then(() => done(), done);
      },
    });
  }
}

function* slicesOf(chunk: Buffer, bytesPerSecond: number | undefined): Generator<Buffer> {
  const sliceBytes =
    bytesPerSecond === undefined
      ? chunk.length
      : Math.max(1, Math.floor(bytesPerSecond / SLICES_PER_SECOND));
  for (let at = 0; at < chunk.length; at += sliceBytes) yield chunk.subarray(at, at + sliceBytes);
}
