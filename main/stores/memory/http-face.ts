import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { LonghaulError } from "#shared/errors.ts";
import type { ErrorCode } from "#shared/errors.ts";
import type { WriteCondition } from "../store.ts";
import type { MemoryBucket } from "./memory-bucket.ts";

export type HttpFace = {
  /** `http://127.0.0.1:40123` */
  readonly origin: string;
  close(): Promise<void>;
};

/** In which an answer that is no success says its code. */
export const ERROR_HEADER = "x-memory-error";

type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/**
 * An HTTP server in front of a memory bucket, so that the wire can move its bytes. Takes what
 * `MemoryStore` signs: `GET /object?key=`, `PUT /object?key=`, `PUT /part?upload=&number=`.
 */
export async function openHttpFace(bucket: MemoryBucket): Promise<HttpFace> {
  const server = createServer({ keepAliveTimeout: 5000 }, (request, response) => {
    void handle(bucket, request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    origin: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function handle(
  bucket: MemoryBucket,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  // The client went away in the middle of its body: there is nobody to answer.
  if (!body) return;
  const { status, headers, body: out } = answer(bucket, request, body);
  response.writeHead(status, { ...headers, "content-length": out.length });
  response.end(out);
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  } catch {
    return null;
  }
}

function answer(bucket: MemoryBucket, request: IncomingMessage, body: Buffer): Answer {
  const url = new URL(request.url ?? "/", "http://memory");
  try {
    if (request.method === "GET") return get(bucket, url, request.headers);
    if (digestOf(body) !== request.headers["x-memory-sha256"]) {
      throw new LonghaulError("corrupt", "the body is not the one that was signed");
    }
    return put(bucket, url, { body, condition: conditionOf(request) });
  } catch (thrown) {
    return refuse(thrown);
  }
}

function put(
  bucket: MemoryBucket,
  url: URL,
  { body, condition }: { body: Buffer; condition: WriteCondition },
): Answer {
  const { searchParams } = url;
  const { etag } =
    url.pathname === "/part"
      ? bucket.putPart(searchParams.get("upload") ?? "", Number(searchParams.get("number")), body)
      : bucket.put(searchParams.get("key") ?? "", body, condition);
  return {
    status: 200,
    headers: { etag, "x-memory-sha256": digestOf(body) },
    body: Buffer.alloc(0),
  };
}

function get(bucket: MemoryBucket, url: URL, headers: IncomingMessage["headers"]): Answer {
  const { bytes, etag } = bucket.object(url.searchParams.get("key") ?? "");
  if (headers["if-match"] !== etag) {
    throw new LonghaulError("object-changed", "the object was replaced");
  }
  const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "");
  if (!range) return { status: 200, headers: { etag }, body: bytes };
  const [start, last] = [Number(range[1]), Number(range[2])];
  const contentRange = `bytes ${start}-${last}/${bytes.length}`;
  const body = bytes.subarray(start, last + 1);
  return { status: 206, headers: { etag, "content-range": contentRange }, body };
}

function conditionOf({ headers }: IncomingMessage): WriteCondition {
  if (headers["if-none-match"] === "*") return { kind: "absent" };
  const etag = headers["if-match"];
  return etag === undefined ? { kind: "any" } : { kind: "same", etag };
}

function refuse(thrown: unknown): Answer {
  const code: ErrorCode = thrown instanceof LonghaulError ? thrown.code : "internal";
  return { status: 400, headers: { [ERROR_HEADER]: code }, body: Buffer.alloc(0) };
}

function digestOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
