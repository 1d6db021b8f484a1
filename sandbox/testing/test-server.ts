import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { S3Client } from "@aws-sdk/client-s3";

import type { Keys } from "../auth/authenticate.ts";
import type { FaultBook } from "../faults/fault-book.ts";
import type { LogEntry } from "../http/request-log.ts";
import { createS3Server } from "../http/server.ts";
import { openStore, prepareFolder } from "../sandbox-store.ts";
import type { SandboxStore } from "../sandbox-store.ts";
import { signOrder } from "./sign-order.ts";
import type { Order } from "./sign-order.ts";

export const TEST_KEYS: Keys = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Of an error document. */
  readonly code: string | undefined;
};

export type TestServer = {
  readonly endpoint: string;
  readonly folder: string;
  readonly store: SandboxStore;
  readonly log: readonly LogEntry[];
  readonly faults: readonly unknown[];
  /** AWS's own client, told not to retry. */
  readonly s3: S3Client;
  /** Signs with another implementation than the one under test, and sends the path as it is. */
  readonly send: (order: Order) => Promise<Answer>;
  /** Sends headers as they are, unsigned. */
  readonly sendRaw: (order: Order) => Promise<Answer>;
  readonly stop: () => Promise<void>;
};

/** A server in this process, with one empty bucket named `bucket`. */
export async function startTestServer(book?: FaultBook): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "longhaul-sandbox-"));
  prepareFolder(folder);
  const store = openStore(folder, Date.now);
  store.buckets.create("bucket", Date.now());
  const log: LogEntry[] = [];
  const faults: unknown[] = [];
  const server = createS3Server({
    store,
    gate: { keys: TEST_KEYS, region: "us-east-1", nowMs: Date.now },
    log: (entry) => void log.push(entry),
    reportFault: (error) => void faults.push(error),
    ...(book !== undefined && { faults: book }),
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const endpoint = `http://127.0.0.1:${port}`;
  const s3 = new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: TEST_KEYS,
    maxAttempts: 1,
  });
  return {
    endpoint,
    folder,
    store,
    log,
    faults,
    s3,
    send: async (order) => sendRaw(port, await signOrder(order, { port, keys: TEST_KEYS })),
    sendRaw: (order) => sendRaw(port, order),
    stop: async () => {
      s3.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      store.db.close();
      rmSync(folder, { recursive: true });
    },
  };
}

async function sendRaw(port: number, order: Order): Promise<Answer> {
  const agent = new Agent({ keepAlive: true });
  const sent = request({
    port,
    host: "127.0.0.1",
    method: order.method,
    path: order.path,
    headers: { ...order.headers, "content-length": order.body?.length ?? 0 },
    agent,
  });
  sent.end(order.body);
  const [answer] = await once(sent, "response");
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  agent.destroy();
  const code = /<Code>(.*?)<\/Code>/.exec(text)?.[1];
  return { status: answer.statusCode, headers: answer.headers, text, code };
}
