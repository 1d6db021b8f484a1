import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { lengthOf } from "../bytes/byte-range.ts";
import type { ByteRange } from "../bytes/byte-range.ts";
import { KiB, MiB } from "../bytes/sizes.ts";
import { content, never, readBody, receiveOrder, Rig } from "./fixtures.ts";
import type { Received } from "./wire.ts";

/** What a server does to one request. */
type Mood =
  | { readonly kind: "fine" }
  | { readonly kind: "slow"; readonly delayMs: number }
  | { readonly kind: "refuses"; readonly status: number }
  | { readonly kind: "cuts"; readonly share: number }
  | { readonly kind: "resets"; readonly share: number }
  | { readonly kind: "drops" };

type Move = ByteRange & {
  readonly isUpload: boolean;
  readonly mood: Mood;
  /** When it is canceled; null is never. */
  readonly cancelMs: number | null;
};

const OBJECT = content(2 * MiB);
const POOL_BYTES = 4 * MiB;

const anyMood: fc.Arbitrary<Mood> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Mood>({ kind: "fine" }) },
  fc.record({ kind: fc.constant("slow" as const), delayMs: fc.nat(20) }),
  fc.record({ kind: fc.constant("refuses" as const), status: fc.constantFrom(403, 404, 500, 503) }),
  fc.record({
    kind: fc.constant("cuts" as const),
    share: fc.double({ min: 0, max: 0.99, noNaN: true }),
  }),
  fc.record({
    kind: fc.constant("resets" as const),
    share: fc.double({ min: 0, max: 0.99, noNaN: true }),
  }),
  fc.constant<Mood>({ kind: "drops" }),
);

const anyMove: fc.Arbitrary<Move> = fc
  .record({
    isUpload: fc.boolean(),
    mood: anyMood,
    edges: fc.tuple(fc.nat(OBJECT.length), fc.nat(OBJECT.length)),
    cancelMs: fc.option(fc.nat(30), { freq: 4 }),
  })
  .map(({ edges: [a, b], ...move }) => ({
    ...move,
    start: Math.min(a, b),
    end: Math.max(a, b) + 1,
  }))
  .map((move) => ({ ...move, end: Math.min(move.end, OBJECT.length) }))
  .filter((move) => lengthOf(move) > 0);

let rig: Rig;
let origin: string;
let source: string;
/** Moods of the moves under way, by the number in their URL. */
const moods = new Map<string, Mood>();
/** Digests of bodies that arrived whole. */
const arrived = new Map<string, string>();

beforeAll(async () => {
  rig = await Rig.start({ workers: 2, bufferBytes: POOL_BYTES, connections: 5, stallMs: 5_000 });
  origin = await rig.serve((request, response) => void answer(request, response));
  source = await rig.file("source", OBJECT);
});
afterAll(() => rig.end());

const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const name = request.url ?? "";
  const mood = moods.get(name) ?? { kind: "fine" };
  if (mood.kind === "drops") return void request.socket.resetAndDestroy();
  if (mood.kind === "refuses") return void response.writeHead(mood.status).end("<Error/>");
  if (mood.kind === "slow") await new Promise((resolve) => setTimeout(resolve, mood.delayMs));
  if (request.method === "PUT") return await swallow(name, request, response, mood);
  const [, first, last] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
  const body = OBJECT.subarray(Number(first), Number(last) + 1);
  response.writeHead(206, { "content-length": body.length });
  if (!("share" in mood)) return void response.end(body);
  response.write(body.subarray(0, Math.floor(body.length * mood.share)), () => {
    if (mood.kind === "cuts") request.socket.end();
    else request.socket.resetAndDestroy();
  });
}

async function swallow(
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
  mood: Mood,
): Promise<void> {
  if ("share" in mood)
    return void setTimeout(() => request.socket.resetAndDestroy(), mood.share * 5);
  const body = await readBody(request).catch(() => null);
  if (body === null) return;
  arrived.set(name, digestOf(body));
  response.writeHead(200).end();
}

async function upload(move: Move, name: string, signal: AbortSignal): Promise<void> {
  const { start, end } = move;
  const body = await rig.wire.load({ source: { path: source, start, end } }, signal);
  const meter = rig.wire.openMeter();
  try {
    const request = { method: "PUT", url: `${origin}${name}`, headers: {} } as const;
    const { status } = await rig.wire.send({ body, request, meter }, signal);
    if (status === 200) expect(arrived.get(name)).toBe(digestOf(OBJECT.subarray(start, end)));
  } finally {
    rig.wire.release(body);
    meter.free();
  }
}

async function download(move: Move, name: string, signal: AbortSignal): Promise<void> {
  const path = await rig.file(name.slice(1), new Uint8Array());
  const order = receiveOrder(rig.wire, `${origin}${name}`, path, move);
  try {
    const received = await rig.wire.receive(order, signal);
    await rig.wire.closeFile(path);
    await expectWritten(path, move, received);
  } finally {
    await rig.wire.closeFile(path);
    order.meter.free();
  }
}

async function expectWritten(path: string, move: Move, received: Received): Promise<void> {
  const wanted = OBJECT.subarray(move.start, move.end);
  if (received.outcome === "whole") expect(received.digests).toEqual([digestOf(wanted)]);
  const goodBytes = { whole: wanted.length, cut: 0, refused: 0, unasked: 0 }[received.outcome];
  const count = received.outcome === "cut" ? received.receivedBytes : goodBytes;
  const file = await open(path);
  const written = Buffer.alloc(wanted.length);
  const { bytesRead } = await file.read(written, 0, written.length, move.start);
  await file.close();
  expect(bytesRead).toBe(count);
  expect(Buffer.compare(written.subarray(0, count), wanted.subarray(0, count))).toBe(0);
}

let moveCount = 0;

/** True when it ended in a way that the contract knows. */
async function run(move: Move): Promise<boolean> {
  const name = `/move-${(moveCount += 1)}`;
  moods.set(name, move.mood);
  const canceling = new AbortController();
  const timer =
    move.cancelMs === null ? undefined : setTimeout(() => canceling.abort(), move.cancelMs);
  try {
    await (move.isUpload ? upload : download)(move, name, canceling.signal);
    return true;
  } catch (error) {
    if (!(error instanceof Error)) return false;
    if (error.name === "AbortError") return move.cancelMs !== null;
    return /unreachable|protocol/.test(error.name) && move.mood.kind !== "fine";
  } finally {
    clearTimeout(timer);
    moods.delete(name);
  }
}

it("ends every move, with the right bytes or a reason, and gives all memory back", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyMove, { minLength: 1, maxLength: 12 }), async (moves) => {
      const endings = await Promise.all(moves.map(run));
      expect(endings.every(Boolean)).toBe(true);
      // The whole pool can be had: nothing leaked.
      const range = { path: source, start: 0, end: OBJECT.length };
      const bodies = await Promise.all([1, 2].map(() => rig.wire.load({ source: range }, never)));
      for (const body of bodies) rig.wire.release(body);
    }),
    { numRuns: 25 },
  );
});

it("moves under a cap what it moves without one", async () => {
  rig.wire.setLimits({ downBytesPerSecond: 20 * MiB, upBytesPerSecond: 20 * MiB });
  const moves = Array.from({ length: 12 }, (_, index) => ({
    start: index * 100 * KiB,
    end: index * 100 * KiB + 300 * KiB + index,
    isUpload: index % 2 === 0,
    mood: { kind: "fine" } as const,
    cancelMs: null,
  }));
  const changes = setInterval(() => {
    const rate = 5 * MiB + Math.floor(Math.random() * 20 * MiB);
    rig.wire.setLimits({ downBytesPerSecond: rate, upBytesPerSecond: rate });
  }, 10);
  const endings = await Promise.all(moves.map(run));
  clearInterval(changes);
  rig.wire.setLimits({ downBytesPerSecond: null, upBytesPerSecond: null });
  expect(endings).toEqual(moves.map(() => true));
});
