import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { truncate } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, it } from "vitest";
import { KiB, MiB } from "../bytes/sizes.ts";
import { rangeBytesUnderCap } from "../flow/cap-sizes.ts";
import { TICK_MS } from "./counting-server.ts";
import { receiveOrder, Rig } from "./fixtures.ts";
import type { LoadedBody } from "./wire.ts";

/**
 * The promise is 95 to 105 % in any 10 s. The everyday run looks at windows of 3 s on a busy machine,
 * in which one request is a few percent of the whole, and allows for that; `LONGHAUL_LABS=1` keeps to
 * the letter. Both directions move at once.
 */
const isLab = process.env["LONGHAUL_LABS"] === "1";
const WINDOW_MS = isLab ? 10_000 : 3_000;
const RUN_MS = isLab ? 25_000 : 4_000;
/** A change takes effect within this time. */
const SETTLE_MS = 1_000;
const LANES = 3;
const MBIT = 125_000;

type Tick = { readonly atMs: number; readonly sentBytes: number; readonly receivedBytes: number };
type Direction = "down" | "up";

let rig: Rig;
let server: Worker;
let origin: string;
beforeEach(async () => {
  rig = await Rig.start({ workers: 2 });
  server = new Worker(new URL("./counting-server.ts", import.meta.url), { execArgv: [] });
  const [address]: AddressInfo[] = await once(server, "message");
  origin = `http://127.0.0.1:${address?.port}`;
});
afterEach(async () => {
  await rig.end();
  await server.terminate();
});

/** Keeps several requests waiting each way until `signal` aborts; answers when bytes move. */
async function keepBusy(cap: () => number, signal: AbortSignal): Promise<() => Promise<unknown>> {
  const [path, target] = [
    await rig.file("source", new Uint8Array()),
    await rig.file("target", new Uint8Array()),
  ];
  await truncate(path, 16 * MiB);
  const down = async () => {
    while (!signal.aborted) await fetchRange(target, rangeBytesUnderCap(cap()), signal);
  };
  const up = async () => {
    const body = await rig.wire.load({ source: { path, start: 0, end: 16 * MiB } }, signal);
    while (!signal.aborted) await sendPart(body, signal);
  };
  const lanes = Array.from({ length: LANES }, () => [down(), up()]).flat();
  const all = Promise.allSettled(lanes);
  const isMoving = (tick: Tick) => Math.min(tick.sentBytes, tick.receivedBytes) > 64 * KiB;
  while (!(await ticks()).some(isMoving)) await wait(2 * TICK_MS);
  return async () => await all;
}

async function fetchRange(path: string, end: number, signal: AbortSignal): Promise<void> {
  const order = receiveOrder(rig.wire, `${origin}/k`, path, { start: 0, end, cuts: [] });
  await rig.wire.receive(order, signal);
  order.meter.free();
}

async function sendPart(body: LoadedBody, signal: AbortSignal): Promise<void> {
  const request = { method: "PUT", url: `${origin}/k`, headers: {} } as const;
  const meter = rig.wire.openMeter();
  await rig.wire.send({ body, request, meter }, signal).finally(() => meter.free());
}

async function ticks(): Promise<readonly Tick[]> {
  server.postMessage("ticks", []);
  const [all]: Tick[][] = await once(server, "message");
  return all ?? [];
}

/** Shares of the cap in each window, of what crossed the server's sockets. */
function shares(all: readonly Tick[], direction: Direction, cap: number): readonly number[] {
  const bytesAt = (tick: Tick) => (direction === "down" ? tick.sentBytes : tick.receivedBytes);
  return all.flatMap((from) => {
    const to = all.find(({ atMs }) => atMs >= from.atMs + WINDOW_MS);
    if (to === undefined) return [];
    return [(bytesAt(to) - bytesAt(from)) / (cap * ((to.atMs - from.atMs) / 1000))];
  });
}

async function wait(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Sets both caps, and looks at what crosses the sockets from a second later on. */
async function expectKept(cap: number): Promise<void> {
  rig.wire.setLimits({ downBytesPerSecond: cap, upBytesPerSecond: cap });
  await wait(SETTLE_MS);
  await ticks();
  await wait(RUN_MS);
  const all = await ticks();
  const windowBytes = cap * (WINDOW_MS / 1000);
  const requestBytes = { down: rangeBytesUnderCap(cap), up: 0 };
  for (const direction of ["down", "up"] as const) {
    const found = shares(all, direction, cap);
    const slack = isLab ? 0 : 0.08 + requestBytes[direction] / windowBytes;
    // A machine that does other things as well may take more from the lower bound, never from the upper.
    const starvation = isLab ? 0 : 0.15;
    expect(found.length).toBeGreaterThan(0);
    expect(Math.max(...found), `${direction} at most`).toBeLessThan(1.05 + slack);
    expect(Math.min(...found), `${direction} at least`).toBeGreaterThan(0.95 - slack - starvation);
  }
}

// Again, where other tests took the processor for a second; never in the lab.
const options = { timeout: 120_000, retry: isLab ? 0 : 2 };

it(
  "E8 caps of 5, 50 and 500 Mbit/s hold at the server's socket, and a change within 1 s",
  options,
  async () => {
    let cap = 50 * MBIT;
    rig.wire.setLimits({ downBytesPerSecond: cap, upBytesPerSecond: cap });
    const ending = new AbortController();
    const idle = await keepBusy(() => cap, ending.signal);
    try {
      for (const mbit of [50, 5, 500]) {
        cap = mbit * MBIT;
        await expectKept(cap);
      }
    } finally {
      ending.abort();
      await idle();
    }
  },
);
