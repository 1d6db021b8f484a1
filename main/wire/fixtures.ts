import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWire } from "./create-wire.ts";
import type { WireOptions } from "./create-wire.ts";
import type { ReceiveOrder, Wire } from "./wire.ts";

export const never: AbortSignal = new AbortController().signal;

/** What one test needs of the world; everything goes with `end`. */
export class Rig {
  readonly folder: string;
  readonly wire: Wire;
  readonly #servers: ReturnType<typeof createServer>[] = [];

  constructor(folder: string, wire: Wire) {
    this.folder = folder;
    this.wire = wire;
  }

  static async start(options: WireOptions = {}): Promise<Rig> {
    const folder = await mkdtemp(join(tmpdir(), "longhaul-wire-"));
    return new Rig(folder, createWire({ workers: 1, ...options }));
  }

  /** A plain HTTP server; answers its origin. */
  async serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    this.#servers.push(server);
    return await listen(server);
  }

  async file(name: string, bytes: Uint8Array): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, bytes);
    return path;
  }

  async end(): Promise<void> {
    await this.wire.close();
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
    await rm(this.folder, { recursive: true });
  }
}

export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return `http://127.0.0.1:${address.port}`;
}

/** A listener that answers with a status once it has read the body. */
export function answering(
  status: number,
  onBody: (body: Buffer, request: IncomingMessage) => void = () => undefined,
): RequestListener {
  return (request, response) => {
    void readBody(request).then((body) => {
      onBody(body, request);
      response.writeHead(status, { etag: '"abc"' }).end();
    });
  };
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export function content(sizeBytes: number): Buffer {
  return randomBytes(sizeBytes);
}

/** Serves `object` in ranges, as S3 does. */
export function serveRanges(object: Buffer): RequestListener {
  return (request: IncomingMessage, response: ServerResponse) => {
    const [, first = 0, last = 0] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
    const body = object.subarray(Number(first), Number(last) + 1);
    response.writeHead(206, { "content-length": body.length, etag: '"v1"' });
    response.end(body);
  };
}

/** An order for bytes [start, end) of the object into the same place of the file. */
export function receiveOrder(
  wire: Wire,
  url: string,
  path: string,
  { start, end, cuts = [end] }: { start: number; end: number; cuts?: readonly number[] },
): ReceiveOrder {
  return {
    request: { method: "GET", url, headers: { range: `bytes=${start}-${end - 1}` } },
    expect: { status: 206, contentLength: end - start, headers: {} },
    target: { path, start, end },
    cuts,
    meter: wire.openMeter(),
  };
}
