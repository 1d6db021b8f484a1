import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { ProfileId } from "#shared/profile.ts";
import type { TransferView } from "#shared/transfer.ts";
import { CONNECTIONS } from "../engine-rig.ts";
import { MiB } from "../bytes/sizes.ts";
import { FaultRig } from "./fault-rig.ts";
import type { FaultRuleInput } from "#shared/fault-script.ts";
import type { StoreRequest } from "./fault-rig.ts";

const lab = { profileId: ProfileId.parse("lab"), bucket: "lab" };
const SLOW_DOWN = { kind: "answer", status: 503, code: "SlowDown" } as const;
/** What a data request takes at least, far more than all around it: those under way can be counted. */
const TOOK_MS = 25;

let rig: FaultRig;
beforeAll(async () => {
  rig = await FaultRig.open({ pace: 4 });
});
afterAll(async () => await rig.close());
/** What an endpoint taught outlives a transfer, so each test begins with another engine. */
beforeEach(async () => {
  await rig.stop();
  await rig.start();
});

it("N21 1,000 files against a fifth of 503: fewer at once while it lasts, and more again after it", async () => {
  const { id, paths } = await sendMany(1000, [
    { on: { op: "PutObject" }, times: 60, chance: 0.2, fault: SLOW_DOWN },
    { on: { op: "PutObject" }, times: null, fault: { kind: "delay", ms: TOOK_MS } },
  ]);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" }, doneItemCount: 1000 });
  const [refusedCount = 0] = await rig.used();
  const puts = rig.requests({ op: "PutObject" });
  expect(refusedCount).toBe(60);
  // Not one more than were refused, and each of the thousand once.
  expect(puts.filter(({ status }) => status === 503)).toHaveLength(refusedCount);
  expect(puts).toHaveLength(paths.length + refusedCount);
  expect(new Set(rig.errors())).toEqual(new Set(["throttled SlowDown"]));
  const lastRefusal = puts.findLastIndex(({ status }) => status === 503);
  const during = puts.slice(
    puts.findIndex(({ status }) => status === 503),
    lastRefusal,
  );
  expect(mostAtOnce(puts.slice(-100))).toBeGreaterThan(CONNECTIONS / 2 + 1);
  expect(averageAtOnce(during.slice(-80))).toBeLessThan(CONNECTIONS / 2);
});

it("S4 503 SlowDown on one part: half as many at once, and one more after thirty clean ones", async () => {
  const { id } = await sendMany(200, [
    { on: { op: "PutObject" }, skip: 20, fault: SLOW_DOWN },
    { on: { op: "PutObject" }, times: null, fault: { kind: "delay", ms: 3 * TOOK_MS } },
  ]);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" }, doneItemCount: 200 });
  expect(rig.errors()).toEqual(["throttled SlowDown"]);
  const puts = rig.requests({ op: "PutObject" });
  expect(puts).toHaveLength(201);
  const at = puts.findIndex(({ status }) => status === 503);
  const half = CONNECTIONS / 2;
  // What was on its way when it came may still end; from then on there are half as many.
  expect(mostAtOnce(puts.slice(at + CONNECTIONS, at + 25))).toBeLessThanOrEqual(half);
  expect(mostAtOnce(puts.slice(at + CONNECTIONS, at + 55))).toBeLessThanOrEqual(half + 1);
  expect(mostAtOnce(puts.slice(-40))).toBeGreaterThan(half + 1);
});

it("S4 503 SlowDown with Retry-After: is asked again no sooner than that, and no later than 5 min, as the row says", async () => {
  const headers = { "retry-after": "86400" };
  await rig.script({ on: { op: "UploadPart", part: 1 }, fault: { ...SLOW_DOWN, headers } });
  const { id } = await rig.upload(5 * MiB + 1);
  const { state } = await rig.until(id, (view) => retryOf(view) !== null);
  const retry = retryOf({ state });
  const inMs = (retry?.atMs ?? 0) - Date.now();
  expect(inMs).toBeGreaterThan(280_000);
  expect(inMs).toBeLessThanOrEqual(300_000);
  expect(retry?.error.details.retryAfterMs).toBe(300_000);
  await rig.client.call("transfer.cancel", { id, keepParts: false });
});

/** What its row says of the next try. */
function retryOf({ state }: Pick<TransferView, "state">) {
  if (state.phase !== "running" || state.activity.kind !== "stalled") return null;
  return state.activity.retry;
}

async function sendMany(count: number, rules: readonly FaultRuleInput[]) {
  const folder = join(rig.folder, `tree-${count}`);
  await mkdir(folder);
  const paths = Array.from({ length: count }, (_, n) => join(folder, `${n}.bin`));
  for (const path of paths) await writeFile(path, path);
  await rig.script(...rules);
  const { id } = await rig.client.call("transfer.upload", {
    sources: [{ path: folder }],
    destination: { ...lab, prefix: `${count}/` },
  });
  return { id, paths };
}

/** How many were under way at each one's end, itself included. */
function atOnce(requests: readonly StoreRequest[]): readonly number[] {
  return requests.map(({ atMs }) => requests.filter((other) => covers(other, atMs)).length);
}

function covers({ atMs, tookMs }: StoreRequest, momentMs: number): boolean {
  return atMs - tookMs < momentMs && momentMs <= atMs;
}

function mostAtOnce(requests: readonly StoreRequest[]): number {
  return Math.max(...atOnce(requests));
}

function averageAtOnce(requests: readonly StoreRequest[]): number {
  const counts = atOnce(requests);
  return counts.reduce((sum, count) => sum + count, 0) / counts.length;
}
