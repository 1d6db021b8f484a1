import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KiB, MiB } from "../bytes/sizes.ts";
import { DeskRig, head, receiveTask } from "./desk-rig.ts";

let rig: DeskRig;
beforeEach(async () => {
  rig = await DeskRig.start();
});
afterEach(() => rig.end());

const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** What the file holds, so that a test can say that nothing came into it. */
async function isBlank(path: string): Promise<boolean> {
  return (await readFile(path)).every((byte) => byte === 0);
}

describe("a body that is only digested", () => {
  it.each([
    ["sha256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"],
    ["crc64nvme", "ae8b14860a799888"],
    ["crc32c", "e3069283"],
  ] as const)("needs no file: %s", async (algorithm, digest) => {
    const url = await rig.serve((_request, response) => {
      response.writeHead(206, { "content-length": 9 }).end("123456789");
    });
    const task = { ...receiveTask(`${url}/k`, "", 9), algorithm, isDropped: true };
    expect(await rig.ask(task)).toMatchObject({ kind: "whole", digests: [digest] });
  });
});

describe("a body that is held", () => {
  const held = (url: string, bytes: number) => ({
    ...receiveTask(`${url}/k`, "", bytes),
    isHeld: true,
  });

  it("comes with the answer, byte for byte, and needs no file", async () => {
    const bytes = randomBytes(3 * MiB + 11);
    const url = await rig.serve((_request, response) => {
      response.writeHead(206, { "content-length": bytes.length }).end(bytes);
    });
    const outcome = await rig.ask(held(url, bytes.length));
    if (outcome.kind !== "whole") throw new Error(outcome.kind);
    expect(digestOf(outcome.bytes ?? Buffer.alloc(0))).toBe(digestOf(bytes));
  });

  it("is not handed over when it is not what was asked for, or cut", async () => {
    const url = await rig.serveRaw((socket) => {
      socket.end(`${head("206 Partial Content", { "content-length": 10 })}some`);
    });
    expect(await rig.ask(held(url, 10))).toMatchObject({ kind: "cut", receivedBytes: 4 });
    const other = await rig.ask(held(url, 11));
    expect(other).toMatchObject({ kind: "refused" });
    expect(other).not.toHaveProperty("bytes");
  });
});

describe("an answer that is not the one that was asked for", () => {
  const body = "x".repeat(1000);
  const ok = { "content-length": 1000, etag: '"v1"' };

  it.each([
    ["another status", head("503 Slow Down", { ...ok, "retry-after": 3 }) + body],
    ["the whole object in place of a range", head("200 OK", ok) + body],
    ["another length", head("206 Partial Content", { ...ok, "content-length": 999 }) + body],
    ["no length", head("206 Partial Content", { etag: '"v1"', connection: "close" }) + body],
    ["another version", head("206 Partial Content", { ...ok, etag: '"v2"' }) + body],
    ["no version", head("206 Partial Content", { "content-length": 1000 }) + body],
    ["packed bytes", head("206 Partial Content", { ...ok, "content-encoding": "gzip" }) + body],
  ])("is handed back, and nothing is written: %s", async (_name, answer) => {
    const url = await rig.serveRaw((socket) => socket.end(answer));
    const path = await rig.target(1000);
    const outcome = await rig.ask(receiveTask(`${url}/k`, path, 1000, { etag: '"v1"' }));
    expect(outcome).toMatchObject({ kind: "refused" });
    expect(await isBlank(path)).toBe(true);
  });

  it("comes with its error document, up to 64 KiB of it", async () => {
    const long = "<Error>".padEnd(100 * KiB, "x");
    const url = await rig.serve((_request, response) => response.writeHead(403).end(long));
    const outcome = await rig.ask(receiveTask(`${url}/k`, await rig.target(10), 10));
    if (outcome.kind !== "refused") throw new Error(outcome.kind);
    expect(outcome.response.status).toBe(403);
    expect(Buffer.from(outcome.response.body).toString()).toBe(long.slice(0, 64 * KiB));
  });

  it("is known by its status even when its document is cut", async () => {
    const url = await rig.serveRaw((socket) => {
      socket.end(`${head("503 Slow Down", { "content-length": 500 })}<Error>`);
    });
    const outcome = await rig.ask(receiveTask(`${url}/k`, await rig.target(10), 10));
    expect(outcome).toMatchObject({ kind: "refused", response: { status: 503 } });
  });

  it("does not bring megabytes of what nobody asked for", async () => {
    let sentBytes = 0;
    const url = await rig.serve((_request, response) => {
      response.writeHead(200, { "content-length": 500 * MiB });
      const write = () => {
        while (!response.destroyed && response.write(Buffer.alloc(64 * KiB))) sentBytes += 64 * KiB;
      };
      response.on("drain", write);
      write();
    });
    const outcome = await rig.ask(receiveTask(`${url}/k`, await rig.target(10), 10));
    expect(outcome).toMatchObject({ kind: "refused", response: { status: 200 } });
    if (outcome.kind === "refused") expect(outcome.response.body).toHaveLength(0);
    expect(sentBytes).toBeLessThan(50 * MiB);
  });

  it("may follow an interim answer", async () => {
    const url = await rig.serveRaw((socket) => {
      socket.write("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
      socket.end(`${head("206 Partial Content", { "content-length": 4 })}abcd`);
    });
    const path = await rig.target(4);
    expect(await rig.ask(receiveTask(`${url}/k`, path, 4))).toMatchObject({ kind: "whole" });
    expect(await readFile(path, "utf8")).toBe("abcd");
  });
});

describe("a body that is cut", () => {
  it("keeps what came, at its place, and says how much", async () => {
    const bytes = randomBytes(3 * MiB);
    let cutAt = 0;
    const url = await rig.serveRaw((socket) => {
      socket.end(
        Buffer.concat([
          Buffer.from(head("206 Partial Content", { "content-length": bytes.length })),
          bytes.subarray(0, cutAt),
        ]),
      );
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: bytes.length - 1 }), async (at) => {
        cutAt = at;
        const path = await rig.target(bytes.length);
        const outcome = await rig.ask(receiveTask(`${url}/k`, path, bytes.length));
        expect(outcome).toMatchObject({
          kind: "cut",
          receivedBytes: at,
          error: {
            code: expect.stringMatching(/unreachable|protocol/),
            details: { endpoint: url },
          },
        });
        await rig.ask({ kind: "close-file", path });
        const written = await readFile(path);
        expect(digestOf(written.subarray(0, at))).toBe(digestOf(bytes.subarray(0, at)));
        expect(written.subarray(at).every((byte) => byte === 0)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it("is no body at all when its first byte is missing", async () => {
    const answer = head("206 Partial Content", { "content-length": 10 });
    const url = await rig.serveRaw((socket) => socket.end(answer));
    const outcome = await rig.ask(receiveTask(`${url}/k`, await rig.target(10), 10));
    expect(outcome).toMatchObject({ kind: "failed", error: { code: expect.any(String) } });
  });

  it("is not made whole by a reset", async () => {
    const url = await rig.serveRaw((socket) => {
      socket.write(`${head("206 Partial Content", { "content-length": 100 })}some`);
      setTimeout(() => socket.resetAndDestroy(), 50);
    });
    const outcome = await rig.ask(receiveTask(`${url}/k`, await rig.target(100), 100));
    expect(outcome).toMatchObject({
      kind: "cut",
      receivedBytes: 4,
      error: { code: "unreachable" },
    });
  });
});

it("takes no byte beyond the length that was promised", async () => {
  const bytes = randomBytes(1000);
  const url = await rig.serveRaw((socket) => {
    socket.write(head("206 Partial Content", { "content-length": 1000 }));
    socket.end(Buffer.concat([bytes, Buffer.from("HTTP/1.1 200 OK\r\n\r\nmore and more")]));
  });
  const path = await rig.target(2000);
  const outcome = await rig.ask(receiveTask(`${url}/k`, path, 1000));
  expect(outcome).toMatchObject({ kind: "whole", digests: [digestOf(bytes)] });
  expect((await readFile(path)).subarray(1000).every((byte) => byte === 0)).toBe(true);
});

describe("a stream that stands still", () => {
  beforeEach(async () => {
    await rig.end();
    rig = await DeskRig.start(80);
  });

  it("is given up before its head", async () => {
    const url = await rig.serveRaw(() => undefined);
    expect(await rig.ask(receiveTask(`${url}/k`, await rig.target(10), 10))).toMatchObject({
      kind: "failed",
      error: { code: "unreachable", details: { cause: "stalled", endpoint: url } },
    });
  });

  it("is given up within its body, and its socket closed", async () => {
    const closed = Promise.withResolvers<void>();
    const url = await rig.serveRaw((socket) => {
      socket.on("close", () => closed.resolve()).on("end", () => socket.end());
      socket.write(`${head("206 Partial Content", { "content-length": 100 })}some`);
      socket.resume();
    });
    expect(await rig.ask(receiveTask(`${url}/k`, await rig.target(100), 100))).toMatchObject({
      kind: "cut",
      receivedBytes: 4,
      error: { details: { cause: "stalled" } },
    });
    await closed.promise;
  });

  it("is not given up while it waits for its share of a cap", async () => {
    const bytes = randomBytes(2000);
    const url = await rig.serve((_request, response) => {
      response.writeHead(206, { "content-length": 2000 }).write(bytes.subarray(0, 1000));
      setTimeout(() => response.end(bytes.subarray(1000)), 40);
    });
    const path = await rig.target(2000);
    rig.down.setRate(5000);
    await new Promise((resolve) => setTimeout(resolve, 750));
    // Paid for under no cap at all, long ago: pays again, 200 ms for each half.
    const outcome = await rig.ask(receiveTask(`${url}/k`, path, 2000));
    expect(outcome).toMatchObject({ kind: "whole", digests: [digestOf(bytes)] });
  });
});

it("is put together right, however often it is held up on its way", async () => {
  const bytes = randomBytes(3 * MiB + 11);
  const url = await rig.serve((_request, response) => {
    response.writeHead(206, { "content-length": bytes.length }).end(bytes);
  });
  const path = await rig.target(bytes.length);
  rig.down.setRate(30 * MiB);
  await new Promise((resolve) => setTimeout(resolve, 750));
  // Every chunk pays, so every chunk stops the socket.
  const outcome = await rig.ask(receiveTask(`${url}/k`, path, bytes.length));
  expect(outcome).toMatchObject({ kind: "whole", digests: [digestOf(bytes)] });
  expect(digestOf(await readFile(path))).toBe(digestOf(bytes));
});

describe("a cancel within the body", () => {
  it("ends it, closes the socket, and leaves the file usable", async () => {
    const [started, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const url = await rig.serve((_request, response) => {
      response.writeHead(206, { "content-length": MiB }).write(randomBytes(1000));
      response.on("close", () => closed.resolve());
      setTimeout(() => started.resolve(), 20);
    });
    const path = await rig.target(MiB);
    const outcome = rig.ask(receiveTask(`${url}/k`, path, MiB));
    await started.promise;
    rig.cancel(rig.lastId);
    expect(await outcome).toEqual({ kind: "canceled" });
    await closed.promise;
    expect(await rig.ask({ kind: "sync", path, isOthers: false })).toEqual({ kind: "done" });
    expect(await rig.ask({ kind: "close-file", path })).toEqual({ kind: "done" });
  });
});

describe("a target that cannot be written", () => {
  it("is missing: its folder went away", async () => {
    const url = await rig.serve((_request, response) => response.end());
    const outcome = await rig.ask(receiveTask(`${url}/k`, `${rig.folder}/gone/part`, 10));
    expect(outcome).toMatchObject({
      kind: "failed",
      error: { code: "folder-missing", details: { cause: "ENOENT" } },
    });
  });

  it("is refused when a folder lies in its place", async () => {
    const url = await rig.serve((_request, response) => response.end());
    const outcome = await rig.ask(receiveTask(`${url}/k`, rig.folder, 10));
    expect(outcome).toMatchObject({ kind: "failed", error: { code: "conflict" } });
  });
});
