import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { DeskRig, head } from "./desk-rig.ts";
import { HttpClient } from "./http-client.ts";
import type { HttpHandler, HttpRequest } from "./http-client.ts";

/** What a Writable calls to write: Node's own name. */
const WRITE_ONE = "_write";
const CHUNK_BYTES = 1024;
const CHUNKS = 5;

let rig: DeskRig;
let client: HttpClient | undefined;
beforeEach(async () => {
  rig = await DeskRig.start();
});
afterEach(async () => {
  client?.destroy(new Error("the test is over"));
  await rig.end();
});

/** A connected socket whose writes the system takes one by one, when `take` says so. */
async function slowSocket(url: string) {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  await once(socket, "connect");
  const write = socket[WRITE_ONE].bind(socket);
  const held: (() => void)[] = [];
  // Several at once are written one by one, too.
  Reflect.set(socket, "_writev", null);
  socket[WRITE_ONE] = (chunk: unknown, encoding, done) => {
    held.push(() => write(chunk, encoding, done));
  };
  return { socket, take: () => held.shift()?.() };
}

function put(body: Buffer | Readable, contentLength: number): HttpRequest {
  return { method: "PUT", target: "/k", headers: {}, contentLength, body };
}

function listener(told: string[]): HttpHandler {
  return {
    onBodySent: (bytes) => told.push(`body ${bytes}`),
    onRequestSent: () => told.push("sent"),
    onAnswered: () => undefined,
    onHead: (status) => told.push(`head ${status}`),
    room: () => null,
    onData: () => undefined,
    onEnd: () => told.push("end"),
    onError: () => told.push("error"),
  };
}

async function open(socket: Socket, onGone: () => void = () => undefined): Promise<HttpClient> {
  client = new HttpClient("h", async () => socket, onGone);
  await turn();
  return client;
}

it("takes the next chunk of a body when the system has the one before: its memory is used again then", async () => {
  const url = await rig.serveRaw((socket) => socket.resume());
  const { socket, take } = await slowSocket(url);
  let made = 0;
  const body = Readable.from(
    (function* () {
      for (; made < CHUNKS; made += 1) yield Buffer.alloc(CHUNK_BYTES);
    })(),
    { objectMode: true, highWaterMark: 1 },
  );
  const told: string[] = [];
  (await open(socket)).send(put(body, CHUNKS * CHUNK_BYTES), listener(told));
  for (let count = 0; count < 20; count += 1) await turn();
  expect(told).toEqual([]);
  // One is being written, one waits.
  expect(made).toBeLessThan(3);
  take();
  take();
  for (let count = 0; count < 20; count += 1) await turn();
  expect(told).toEqual([`body ${CHUNK_BYTES}`]);
});

it("is closed after an answer to a body that the system has not taken", async () => {
  const url = await rig.serveRaw((socket) => {
    socket.once("data", () => socket.write(head("403 Forbidden", { "content-length": 0 })));
  });
  const { socket, take } = await slowSocket(url);
  const told: string[] = [];
  const gone = Promise.withResolvers<void>();
  const opened = await open(socket, () => {
    told.push("gone");
    gone.resolve();
  });
  opened.send(put(Buffer.alloc(CHUNK_BYTES), CHUNK_BYTES), listener(told));
  // The head, and nothing of the body.
  take();
  await gone.promise;
  expect(told).toEqual([`body ${CHUNK_BYTES}`, "sent", "head 403", "gone", "end"]);
});
