import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { parentPort } from "node:worker_threads";

/** A thread of the tests: serves zeros, swallows bodies, and counts what crosses its sockets. */
export const TICK_MS = 50;

const CHUNK = Buffer.alloc(64 * 1024);
const sockets = new Set<Socket>();
/** Bytes out and in so far, at each tick. */
const ticks: { atMs: number; sentBytes: number; receivedBytes: number }[] = [];
/** Of sockets that are closed. */
let [pastSent, pastReceived] = [0, 0];

function answer(request: IncomingMessage, response: ServerResponse): void {
  const [, first, last] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
  if (first === undefined || last === undefined) {
    request.resume().on("end", () => response.writeHead(200).end());
    return;
  }
  let leftBytes = Number(last) - Number(first) + 1;
  response.writeHead(206, { "content-length": leftBytes });
  const write = () => {
    while (leftBytes > 0) {
      const chunk = CHUNK.subarray(0, leftBytes);
      leftBytes -= chunk.length;
      if (!response.write(chunk)) break;
    }
    if (leftBytes > 0) response.once("drain", write);
    else response.end();
  };
  write();
}

function tick(): void {
  let [sentBytes, receivedBytes] = [pastSent, pastReceived];
  for (const socket of sockets) {
    sentBytes += socket.bytesWritten - socket.writableLength;
    receivedBytes += socket.bytesRead;
  }
  ticks.push({ atMs: performance.now(), sentBytes, receivedBytes });
}

const server = createServer(answer);
server.on("connection", (socket: Socket) => {
  sockets.add(socket);
  socket.on("close", () => {
    sockets.delete(socket);
    pastSent += socket.bytesWritten;
    pastReceived += socket.bytesRead;
  });
});
server.listen(0, "127.0.0.1", () => parentPort?.postMessage(server.address(), []));
setInterval(tick, TICK_MS);
parentPort?.on("message", () => parentPort?.postMessage(ticks.splice(0), []));
