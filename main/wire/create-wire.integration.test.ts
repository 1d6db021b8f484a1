import { createHash } from "node:crypto";
import { readFile, truncate, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KiB, MiB } from "../bytes/sizes.ts";
import { answering, content, never, receiveOrder, Rig, serveRanges } from "./fixtures.ts";
import type { LoadedBody } from "./wire.ts";

/** Two threads, with room for four bodies of 1 MiB in each, and six requests at once. */
let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({ workers: 2, bufferBytes: 8 * MiB, connections: 6 });
});
afterAll(() => rig.end());

const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function blank(name: string, sizeBytes: number): Promise<string> {
  const path = join(rig.folder, name);
  await writeFile(path, "");
  await truncate(path, sizeBytes);
  return path;
}

function loadFile(path: string, end: number, signal = never): Promise<LoadedBody> {
  return rig.wire.load({ source: { path, start: 0, end } }, signal);
}

async function put(body: LoadedBody, url: string, signal = never): Promise<number> {
  const meter = rig.wire.openMeter();
  const request = { method: "PUT", url, headers: {} } as const;
  const response = await rig.wire.send({ body, request, meter }, signal);
  meter.free();
  return response.status;
}

describe("a body that is sent", () => {
  it.each([0, 1, 1000, MiB - 1, MiB, MiB + 1, 4 * MiB - 7])(
    "arrives byte for byte with its length, %i bytes",
    async (sizeBytes) => {
      const bytes = content(sizeBytes);
      const received: { body: Buffer; length: string | undefined }[] = [];
      const origin = await rig.serve(
        answering(200, (body, request) => {
          received.push({ body, length: request.headers["content-length"] });
        }),
      );
      const path = await rig.file("source", Buffer.concat([Buffer.alloc(7), bytes]));
      const body = await rig.wire.load({ source: { path, start: 7, end: 7 + sizeBytes } }, never);
      expect(body).toMatchObject({ sizeBytes, sha256: digestOf(bytes) });
      const meter = rig.wire.openMeter();
      const request = { method: "PUT", url: `${origin}/b/k?partNumber=1`, headers: {} } as const;
      const response = await rig.wire.send({ body, request, meter }, never);
      rig.wire.release(body);
      expect(response).toMatchObject({ status: 200, headers: { etag: '"abc"' } });
      expect(received[0]?.length).toBe(String(sizeBytes));
      expect(received[0]?.body.equals(bytes)).toBe(true);
      expect(meter.movedBytes()).toBe(sizeBytes);
      meter.free();
    },
  );

  it("may be sent again, until it is released", async () => {
    const bytes = content(100 * KiB);
    const digests: string[] = [];
    const origin = await rig.serve(answering(503, (body) => digests.push(digestOf(body))));
    const body = await loadFile(await rig.file("again", bytes), bytes.length);
    expect([await put(body, origin), await put(body, origin)]).toEqual([503, 503]);
    rig.wire.release(body);
    rig.wire.release(body);
    expect(digests).toEqual([body.sha256, body.sha256]);
    await expect(put(body, origin)).rejects.toMatchObject({ code: "internal" });
  });

  it("is streamed when it is longer than 32 MiB, within the same memory", async () => {
    const path = await blank("large", 40 * MiB);
    const seen: string[] = [];
    const origin = await rig.serve(answering(200, (body) => seen.push(digestOf(body))));
    const body = await loadFile(path, 40 * MiB);
    expect(await put(body, origin)).toBe(200);
    rig.wire.release(body);
    expect(seen).toEqual([body.sha256]);
  });
});

describe("a body that is received", () => {
  it.each([1, 1000, MiB - 1, MiB, MiB + 1, 5 * MiB + 17])(
    "lies at its place with its digests, %i bytes",
    async (sizeBytes) => {
      const object = content(sizeBytes + 100);
      const origin = await rig.serve(serveRanges(object));
      const path = await blank("target", object.length);
      const [start, end] = [50, 50 + sizeBytes];
      const middle = start + Math.floor(sizeBytes / 3);
      const order = receiveOrder(rig.wire, `${origin}/k`, path, {
        start,
        end,
        cuts: [middle, end],
      });
      const received = await rig.wire.receive(order, never);
      await rig.wire.sync(path, never);
      await rig.wire.closeFile(path);
      expect(received).toMatchObject({
        outcome: "whole",
        digests: [digestOf(object.subarray(start, middle)), digestOf(object.subarray(middle, end))],
        headers: { etag: '"v1"' },
      });
      const written = await readFile(path);
      expect(written.subarray(start, end).equals(object.subarray(start, end))).toBe(true);
      expect(written.subarray(0, start).every((byte) => byte === 0)).toBe(true);
      expect(written.subarray(end).every((byte) => byte === 0)).toBe(true);
      expect(order.meter.movedBytes()).toBe(sizeBytes);
    },
  );

  it("may come in many ranges at once, into one file", async () => {
    const object = content(8 * MiB);
    const origin = await rig.serve(serveRanges(object));
    const path = await blank("many", object.length);
    const ranges = Array.from({ length: 32 }, (_, index) => ({
      start: index * 256 * KiB,
      end: (index + 1) * 256 * KiB,
    }));
    await Promise.all(
      ranges.map((range) => rig.wire.receive(receiveOrder(rig.wire, origin, path, range), never)),
    );
    await rig.wire.closeFile(path);
    expect(digestOf(await readFile(path))).toBe(digestOf(object));
  });
});

describe("the bounds", () => {
  it("lets no more requests run at one endpoint than there are connections", async () => {
    let [running, most] = [0, 0];
    const origin = await rig.serve((_request, response) => {
      running += 1;
      most = Math.max(most, running);
      setTimeout(() => {
        running -= 1;
        response.writeHead(206, { "content-length": 1 }).end("x");
      }, 20);
    });
    const path = await blank("bounded", 1);
    const order = () => receiveOrder(rig.wire, origin, path, { start: 0, end: 1 });
    await Promise.all(Array.from({ length: 30 }, () => rig.wire.receive(order(), never)));
    expect(most).toBeLessThanOrEqual(6);
    expect(most).toBeGreaterThan(1);
  });

  it("loads no more than fits into the pool, and goes on when something is released", async () => {
    const path = await blank("pool", 2 * MiB);
    const loading = Array.from({ length: 6 }, () => loadFile(path, 2 * MiB));
    const loaded = await Promise.all(loading.slice(0, 4));
    const late = Promise.all(loading.slice(4));
    const early = await Promise.race([
      late,
      new Promise((resolve) => setTimeout(resolve, 50, "none")),
    ]);
    expect(early).toBe("none");
    for (const body of loaded) rig.wire.release(body);
    for (const body of await late) rig.wire.release(body);
  });

  it("gives back what a canceled load had taken", async () => {
    const path = await blank("canceled", 4 * MiB);
    for (let count = 0; count < 10; count += 1) {
      const canceling = new AbortController();
      const loading = loadFile(path, 4 * MiB, canceling.signal);
      setImmediate(() => canceling.abort());
      await loading.then(rig.wire.release.bind(rig.wire), () => undefined);
    }
    const bodies = await Promise.all([loadFile(path, 4 * MiB), loadFile(path, 4 * MiB)]);
    for (const body of bodies) rig.wire.release(body);
  });
});

describe("a cancel", () => {
  /** Takes requests and never answers; says when one came and when one went. */
  async function silent() {
    const [came, went] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const origin = await rig.serve((request: IncomingMessage, response: ServerResponse) => {
      request.resume();
      response.on("close", () => went.resolve());
      came.resolve();
    });
    return { origin, came: came.promise, went: went.promise };
  }

  it("rejects at once and closes the socket, either way", async () => {
    const path = await blank("silent", 1000);
    for (const way of ["up", "down"]) {
      const { origin, came, went } = await silent();
      const canceling = new AbortController();
      const body = await loadFile(path, 1000);
      const moving =
        way === "up"
          ? put(body, origin, canceling.signal)
          : rig.wire.receive(
              receiveOrder(rig.wire, origin, path, { start: 0, end: 1000 }),
              canceling.signal,
            );
      const rejected = expect(moving).rejects.toMatchObject({ name: "AbortError" });
      await came;
      canceling.abort();
      await rejected;
      await went;
      rig.wire.release(body);
    }
    await rig.wire.closeFile(path);
  });

  it("takes a request out of the line before it was sent", async () => {
    const { origin, came } = await silent();
    const path = await blank("line", 10);
    const canceling = new AbortController();
    const order = () => receiveOrder(rig.wire, origin, path, { start: 0, end: 10 });
    const receiving = Array.from({ length: 20 }, () => rig.wire.receive(order(), canceling.signal));
    const all = Promise.allSettled(receiving);
    await came;
    canceling.abort();
    expect((await all).every(({ status }) => status === "rejected")).toBe(true);
    const { origin: next } = { origin: await rig.serve(serveRanges(Buffer.alloc(10))) };
    const after = receiveOrder(rig.wire, next, path, { start: 0, end: 10 });
    expect(await rig.wire.receive(after, never)).toMatchObject({ outcome: "whole" });
  });
});

it("has nothing to close for a file that it never wrote, and can sync it", async () => {
  const path = await blank("untouched", 10);
  await rig.wire.closeFile(path);
  await rig.wire.sync(path, never);
  await rig.wire.closeFile(path);
  const missing = rig.wire.sync(join(rig.folder, "nowhere"), never);
  await expect(missing).rejects.toMatchObject({ code: "folder-missing" });
});

it("fails what is under way, and all that follows, with AbortError once it is closed", async () => {
  const other = await Rig.start();
  const origin = await other.serve((request) => request.resume());
  const path = await other.file("file", content(10));
  const source = { path, start: 0, end: 10 };
  const body = await other.wire.load({ source }, never);
  const request = { method: "PUT", url: origin, headers: {} } as const;
  const meter = other.wire.openMeter();
  const sending = other.wire.send({ body, request, meter }, never);
  const rejected = expect(sending).rejects.toMatchObject({ name: "AbortError" });
  await other.end();
  await rejected;
  await expect(other.wire.load({ source }, never)).rejects.toMatchObject({ name: "AbortError" });
});

describe("a cap", () => {
  const noLimits = { downBytesPerSecond: null, upBytesPerSecond: null };
  const downOnly = (downBytesPerSecond: number) => ({ downBytesPerSecond, upBytesPerSecond: null });

  it("hands a range back unasked that became too long while it waited", async () => {
    let count = 0;
    const origin = await rig.serve((_request, response) => {
      count += 1;
      response.end();
    });
    const path = await blank("unasked", 0);
    rig.wire.setLimits(downOnly(50 * MiB));
    const order = () => receiveOrder(rig.wire, origin, path, { start: 0, end: 16 * MiB });
    const receiving = [1, 2].map(() => rig.wire.receive(order(), never));
    await new Promise((resolve) => setTimeout(resolve, 20));
    rig.wire.setLimits(downOnly(MiB));
    expect(await Promise.all(receiving)).toEqual([{ outcome: "unasked" }, { outcome: "unasked" }]);
    rig.wire.setLimits(noLimits);
    expect(count).toBe(0);
  });

  it("is not charged for what a server refused", async () => {
    const origin = await rig.serve((_request, response) => response.writeHead(503).end());
    const path = await blank("refused", 0);
    rig.wire.setLimits(downOnly(10 * MiB));
    const startedMs = performance.now();
    for (let count = 0; count < 10; count += 1) {
      const order = receiveOrder(rig.wire, origin, path, { start: 0, end: 2 * MiB });
      expect(await rig.wire.receive(order, never)).toMatchObject({ outcome: "refused" });
    }
    // The first waits for its 0.2 s; ten that were charged would take 2 s.
    expect(performance.now() - startedMs).toBeLessThan(1_500);
    rig.wire.setLimits(noLimits);
  });

  it("of a group holds for all its meters together", async () => {
    const object = content(300 * 1024);
    const origin = await rig.serve(serveRanges(object));
    const group = rig.wire.openMeter();
    group.setCap(400 * 1024);
    const startedMs = performance.now();
    const fetched = ["one", "two"].map(async (name) => {
      const path = await blank(name, object.length);
      const meter = rig.wire.openMeter(group);
      const order = receiveOrder(rig.wire, origin, path, { start: 0, end: object.length });
      return await rig.wire.receive({ ...order, meter }, never);
    });
    for (const received of await Promise.all(fetched)) {
      expect(received).toMatchObject({ outcome: "whole" });
    }
    // 600 KiB at 400 KiB/s, but for what the bucket had saved.
    expect(performance.now() - startedMs).toBeGreaterThan(1_200);
  });

  it("lets go of those who wait for it when it is lifted", async () => {
    const object = content(2 * MiB);
    const origin = await rig.serve(serveRanges(object));
    const path = await blank("lifted", object.length);
    rig.wire.setLimits(downOnly(1024));
    const order = receiveOrder(rig.wire, origin, path, { start: 0, end: object.length });
    const receiving = rig.wire.receive(order, never);
    await new Promise((resolve) => setTimeout(resolve, 20));
    rig.wire.setLimits(noLimits);
    expect(await receiving).toMatchObject({ outcome: "whole", digests: [digestOf(object)] });
  });
});
