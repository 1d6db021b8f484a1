import { createServer } from "node:http";
import type { Server } from "node:http";

import { handleRequest } from "./handle-request.ts";
import type { Service } from "./handle-request.ts";

/** A connection on which nothing moves for so long is dropped; slow ones are left alone. */
const IDLE_MS = 5 * 60_000;
const HEADERS_MS = 60_000;
/** Above the pools of common clients, so that it is they who close, and no request meets a reset. */
const KEEP_ALIVE_MS = 75_000;
const MAX_CONNECTIONS = 1024;
/** A key of 1,024 bytes takes 3 KiB escaped, metadata 2 KiB. */
const MAX_HEADER_BYTES = 32 * 1024;

/** The S3 server of one process; the caller listens. */
export function createS3Server(service: Service): Server {
  const server = createServer({
    requestTimeout: 0,
    headersTimeout: HEADERS_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    noDelay: true,
  });
  server.timeout = IDLE_MS;
  server.maxConnections = MAX_CONNECTIONS;
  server.on("request", (request, response) => void handleRequest(service, request, response));
  // Without this listener Node says "100 Continue" by itself, before anything is checked.
  server.on("checkContinue", (request, response) => void handleRequest(service, request, response));
  return server;
}
