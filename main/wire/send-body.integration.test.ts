import { createHash, randomBytes } from "node:crypto";
import { truncate, utimes, writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KiB, MiB } from "../bytes/sizes.ts";
import { DeskRig, head, putRequest } from "./desk-rig.ts";
import { answering, readBody } from "./fixtures.ts";
import type { Outcome, SendSource } from "./orders.ts";

let rig: DeskRig;
beforeEach(async () => {
  rig = await DeskRig.start();
});
afterEach(() => rig.end());

const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Loads a file and says how to send it. */
async function load(path: string, sizeBytes: number): Promise<SendSource> {
  const range = { path, start: 0, end: sizeBytes };
  const loaded = await rig.ask({ kind: "load", source: range, stamp: null });
  if (loaded.kind !== "loaded") throw new Error(loaded.kind);
  if (sizeBytes <= 32 * MiB) return { kind: "kept", bodyId: rig.lastId };
  return { kind: "file", range, stamp: loaded.stamp, sha256: loaded.sha256 };
}

async function send(source: SendSource, url: string): Promise<Outcome> {
  return await rig.ask({ kind: "send", source, request: putRequest(url), slot: -1 });
}

describe("a connection that the server closed while it was idle", () => {
  /** Answers the first request on a connection, and closes it when the second begins. */
  function closingOnReuse(request: Buffer[]): (socket: Socket) => void {
    return (socket) => {
      let isUsed = false;
      socket.on("data", (chunk: Buffer) => {
        if (!isUsed) request.push(chunk);
        if (isUsed) socket.resetAndDestroy();
        else setImmediate(() => socket.write(head("200 OK", { "content-length": 0 })));
        isUsed = true;
      });
    };
  }

  it("is replaced once, for free", async () => {
    const requests: Buffer[] = [];
    const url = await rig.serveRaw(closingOnReuse(requests));
    const source = await load(await rig.file("source", Buffer.from("abc")), 3);
    expect(await send(source, `${url}/k`)).toMatchObject({ kind: "answered" });
    expect(await send(source, `${url}/k`)).toMatchObject({ kind: "answered" });
    expect(requests.map((request) => request.toString().slice(-3))).toEqual(["abc", "abc"]);
  });

  it("is told of where a condition would meet what the first request may have written", async () => {
    const requests: Buffer[] = [];
    const url = await rig.serveRaw(closingOnReuse(requests));
    const source = await load(await rig.file("source", Buffer.from("abc")), 3);
    const { headers, ...rest } = putRequest(`${url}/k`);
    const request = { ...rest, headers: { ...headers, "if-none-match": "*" } };
    const ask = () => rig.ask({ kind: "send", source, request, slot: -1 });
    expect(await ask()).toMatchObject({ kind: "answered" });
    expect(await ask()).toMatchObject({ kind: "failed", error: { code: "unreachable" } });
    expect(requests).toHaveLength(1);
  });

  it("is a failure when the fresh one is closed as well", async () => {
    const url = await rig.serveRaw((socket, index) => {
      socket.once("data", () => {
        if (index > 0) socket.resetAndDestroy();
        else socket.write(head("200 OK", { "content-length": 0 }));
        socket.once("data", () => socket.resetAndDestroy());
      });
    });
    const source = await load(await rig.file("source", Buffer.from("abc")), 3);
    await send(source, `${url}/k`);
    expect(await send(source, `${url}/k`)).toMatchObject({
      kind: "failed",
      error: { code: "unreachable", details: { endpoint: url } },
    });
  });

  it("is not replaced when it was fresh: the request may have been the reason", async () => {
    let connectionCount = 0;
    const url = await rig.serveRaw((socket) => {
      connectionCount += 1;
      socket.once("data", () => socket.resetAndDestroy());
    });
    const source = await load(await rig.file("source", Buffer.from("abc")), 3);
    expect(await send(source, `${url}/k`)).toMatchObject({ kind: "failed" });
    expect(connectionCount).toBe(1);
  });
});

describe("a server that answers before it has read the body", () => {
  it.each([
    ["and closes at once", (socket: Socket) => socket.end()],
    ["and goes on reading", (socket: Socket) => socket.resume()],
    ["and then resets", (socket: Socket) => setTimeout(() => socket.resetAndDestroy(), 30)],
  ])("is heard: %s", async (_name, goOn) => {
    const url = await rig.serveRaw((socket) => {
      socket.once("data", () => {
        socket.pause();
        socket.write(`${head("403 Forbidden", { "content-length": 7 })}<Error>`);
        goOn(socket);
      });
    });
    const source = await load(await rig.file("source", randomBytes(16 * MiB)), 16 * MiB);
    const outcome = await send(source, `${url}/k`);
    if (outcome.kind !== "answered") throw new Error(JSON.stringify(outcome));
    expect(outcome.response.status).toBe(403);
    expect(Buffer.from(outcome.response.body).toString()).toBe("<Error>");
  });

  it("does not spoil the connection of the next request", async () => {
    const url = await rig.serve((request, response) => {
      if (request.url === "/no") response.writeHead(503).end("busy");
      else answering(200)(request, response);
    });
    const source = await load(await rig.file("source", randomBytes(8 * MiB)), 8 * MiB);
    expect(await send(source, `${url}/no`)).toMatchObject({ response: { status: 503 } });
    expect(await send(source, `${url}/yes`)).toMatchObject({ response: { status: 200 } });
  });
});

describe("a body of more than 32 MiB", () => {
  const sizeBytes = 33 * MiB + 5;

  it("is streamed from its file, byte for byte, as often as asked", async () => {
    const path = await rig.file("large", randomBytes(sizeBytes));
    const digests: string[] = [];
    const url = await rig.serve(answering(200, (body) => digests.push(digestOf(body))));
    const source = await load(path, sizeBytes);
    if (source.kind !== "file") throw new Error("it was kept in memory");
    expect(await send(source, `${url}/k`)).toMatchObject({ response: { status: 200 } });
    expect(await send(source, `${url}/k`)).toMatchObject({ response: { status: 200 } });
    expect(digests).toEqual([source.sha256, source.sha256]);
  });

  it("is never whole when the file changed, even where its stamp did not", async () => {
    const path = await rig.file("large", randomBytes(sizeBytes));
    let completeCount = 0;
    const url = await rig.serve((request) => {
      readBody(request).then(
        () => (completeCount += 1),
        () => undefined,
      );
    });
    const source = await load(path, sizeBytes);
    if (source.kind !== "file") throw new Error("it was kept in memory");
    const outcome = await send({ ...source, sha256: "0".repeat(64) }, `${url}/k`);
    expect(outcome).toMatchObject({ kind: "failed", error: { code: "source-changed" } });
    expect(completeCount).toBe(0);
  });

  it("is refused before the first byte when its stamp changed", async () => {
    const path = await rig.file("large", randomBytes(sizeBytes));
    const source = await load(path, sizeBytes);
    await utimes(path, 1, 1);
    expect(await send(source, "http://127.0.0.1:1/k")).toMatchObject({
      kind: "failed",
      error: { code: "source-changed", details: { path } },
    });
  });
});

describe("an endpoint that cannot be reached", () => {
  it.each([
    ["refuses", "http://127.0.0.1:1", "unreachable", "ECONNREFUSED"],
    ["has no address", "http://nowhere.invalid", "unknown-host", /ENOTFOUND|EAI_AGAIN/],
  ])("is named with the reason: it %s", async (_name, url, code, cause) => {
    const source = await load(await rig.file("source", Buffer.from("abc")), 3);
    expect(await send(source, `${url}/bucket/key?X-Amz-Signature=secret`)).toMatchObject({
      kind: "failed",
      error: {
        code,
        details: { endpoint: url, cause: expect.stringMatching(cause) },
        message: expect.not.stringContaining("secret"),
      },
    });
  });

  it("speaks another protocol", async () => {
    const url = await rig.serveRaw((socket) => socket.end("SSH-2.0-OpenSSH_9.6\r\n"));
    const source = await load(await rig.file("source", Buffer.from("abc")), 3);
    expect(await send(source, `${url}/k`)).toMatchObject({
      kind: "failed",
      error: { code: "protocol" },
    });
    expect(await send(source, `${url.replace("http", "https")}/k`)).toMatchObject({
      kind: "failed",
      error: { code: "protocol" },
    });
  });
});

describe("an upload that stands still", () => {
  beforeEach(async () => {
    await rig.end();
    rig = await DeskRig.start(80);
  });

  it("is given up when the server stops reading", async () => {
    const url = await rig.serveRaw((socket) => socket.pause());
    const source = await load(await rig.file("source", randomBytes(16 * MiB)), 16 * MiB);
    expect(await send(source, `${url}/k`)).toMatchObject({
      kind: "failed",
      error: { code: "unreachable", details: { cause: "stalled" } },
    });
  });

  it("is given up when the answer does not come", async () => {
    const url = await rig.serveRaw((socket) => socket.resume());
    const source = await load(await rig.file("source", Buffer.from("abc")), 3);
    expect(await send(source, `${url}/k`)).toMatchObject({
      kind: "failed",
      error: { code: "unreachable", details: { cause: "stalled" } },
    });
  });
});

it("sends a key with dots as it was signed", async () => {
  const urls: (string | undefined)[] = [];
  const url = await rig.serve(answering(200, (_body, request) => urls.push(request.url)));
  const source = await load(await rig.file("source", Buffer.from("abc")), 3);
  await send(source, `${url}/bucket/a/../b/./c//d?partNumber=1#e`);
  expect(urls).toEqual(["/bucket/a/../b/./c//d?partNumber=1"]);
});

describe("a source that is not what it was", () => {
  const source = (path: string, end: number) => ({ path, start: 0, end });

  it.each([
    ["is missing", "gone", "path-missing"],
    ["is a folder", ".", "path-unsafe"],
  ])("is said to be so: it %s", async (_name, name, code) => {
    const path = `${rig.folder}/${name}`;
    const outcome = await rig.ask({ kind: "load", source: source(path, 1), stamp: null });
    expect(outcome).toMatchObject({ kind: "failed", error: { code, details: { path } } });
  });

  it("is too short for its range", async () => {
    const path = await rig.file("short", randomBytes(10));
    const outcome = await rig.ask({ kind: "load", source: source(path, 11), stamp: null });
    expect(outcome).toMatchObject({ kind: "failed", error: { code: "source-changed" } });
  });

  it("has another stamp than when it was planned", async () => {
    const path = await rig.file("file", randomBytes(10));
    const first = await rig.ask({ kind: "load", source: source(path, 10), stamp: null });
    if (first.kind !== "loaded") throw new Error(first.kind);
    await writeFile(path, randomBytes(10));
    await utimes(path, 1, 1);
    const second = await rig.ask({ kind: "load", source: source(path, 10), stamp: first.stamp });
    expect(second).toMatchObject({ kind: "failed", error: { code: "source-changed" } });
  });
});

it("digests a range without keeping it, and counts what it read", async () => {
  const path = await rig.file("file", new Uint8Array());
  await truncate(path, 3 * MiB);
  const meter = rig.meters.open();
  const range = { path, start: 7, end: 2 * MiB + 9 };
  const task = {
    kind: "digest",
    source: range,
    algorithm: "md5",
    isBeingWritten: false,
    slot: meter.slot,
  } as const;
  const zeros = Buffer.alloc(2 * MiB + 2);
  expect(await rig.ask(task)).toEqual({
    kind: "digested",
    digest: createHash("md5").update(zeros).digest("hex"),
  });
  expect([meter.digestedBytes(), meter.movedBytes()]).toEqual([zeros.length, 0]);
});

it("counts the bytes of a body as the socket takes them, failed attempts included", async () => {
  const url = await rig.serve(answering(500));
  const source = await load(await rig.file("source", randomBytes(300 * KiB)), 300 * KiB);
  const meter = rig.meters.open();
  const task = { kind: "send", source, request: putRequest(`${url}/k`), slot: meter.slot } as const;
  await rig.ask(task);
  await rig.ask(task);
  expect(meter.movedBytes()).toBe(600 * KiB);
});
