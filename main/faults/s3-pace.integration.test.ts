import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { TransferView } from "#shared/transfer.ts";
import { KiB, MiB } from "../bytes/sizes.ts";
import { FaultRig } from "./fault-rig.ts";
import type { FaultRigOptions, Sent } from "./fault-rig.ts";
import { lab } from "./lab-bucket.ts";

let plain: FaultRig;
/** Of a test that asks something else of it. */
let other: FaultRig | null = null;

beforeAll(async () => {
  plain = await FaultRig.open();
}, 60_000);

afterAll(async () => {
  await plain.close();
});

async function begin(options?: FaultRigOptions): Promise<FaultRig> {
  if (options === undefined) return plain;
  other = await FaultRig.open(options);
  return other;
}

afterEach(async () => {
  await other?.close();
  other = null;
});

it("S4 busy and failing servers: every such status is asked again until it is none", async () => {
  const own = await begin();
  const answers = [
    [503, "SlowDown", "throttled SlowDown"],
    [429, "TooManyRequests", "throttled TooManyRequests"],
    [500, "InternalError", "server-failed InternalError"],
    [502, undefined, "server-failed"],
    [503, undefined, "throttled"],
    [504, undefined, "server-failed"],
  ] as const;
  await own.script(
    ...answers.map(([status, code]) => ({
      on: { op: "UploadPart", part: 2 },
      fault: { kind: "answer", status, ...(code && { code }) } as const,
    })),
  );
  const { id, key, sha256 } = await own.upload(10 * MiB);
  expect(await own.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await own.storedSha256(key)).toBe(sha256);
  expect(own.errors()).toEqual(answers.map(([, , said]) => said));
  expect(own.count({ op: "UploadPart" })).toBe(8);
});

function isToRetry({ state }: TransferView): boolean {
  if (state.phase !== "running" || state.activity.kind !== "stalled") return false;
  return state.activity.retry !== null;
}

it("S4 Retry-After: is waited for and shown, and not a moment less", async () => {
  const own = await begin({ pace: 40 });
  await own.script({
    on: { op: "UploadPart", part: 2 },
    fault: { kind: "answer", status: 503, code: "SlowDown", headers: { "retry-after": "60" } },
  });
  const { id, key, sha256 } = await own.upload(10 * MiB);
  const { state } = await own.until(id, isToRetry);
  expect(state).toMatchObject({
    activity: {
      retry: { part: 2, error: { code: "throttled", details: { retryAfterMs: 60_000 } } },
    },
  });
  const toldAtMs = Date.now();
  expect((own.retries[0]?.atMs ?? 0) - toldAtMs).toBeGreaterThan(55_000);
  expect(own.count({ op: "UploadPart", status: 200 })).toBe(1);
  expect(await own.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await own.storedSha256(key)).toBe(sha256);
  expect(own.count({ op: "UploadPart" })).toBe(3);
});

it("S4 Retry-After of a day: is believed for five minutes", async () => {
  const own = await begin();
  await own.script({
    on: { op: "UploadPart", part: 1 },
    fault: { kind: "answer", status: 503, code: "SlowDown", headers: { "retry-after": "86400" } },
  });
  const { id } = await own.upload(10 * MiB);
  await expect.poll(() => own.retries.length, { timeout: 10_000 }).toBe(1);
  const waitMs = (own.retries[0]?.atMs ?? 0) - Date.now();
  expect(waitMs).toBeGreaterThan(290_000);
  expect(waitMs).toBeLessThanOrEqual(300_000);
  await own.client.call("transfer.cancel", { id, keepParts: false });
});

it("S5 RequestTimeout, a 400 that is worth another try: the part goes again", async () => {
  const own = await begin();
  await own.script({
    on: { op: "UploadPart", part: 2 },
    fault: { kind: "answer", status: 400, code: "RequestTimeout" },
  });
  const { id, key, sha256 } = await own.upload(10 * MiB);
  expect(await own.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await own.storedSha256(key)).toBe(sha256);
  expect(own.errors()).toEqual(["unreachable RequestTimeout"]);
  expect(own.count({ op: "UploadPart", key })).toBe(3);
});

it("S5 cap of 100 KB/s over eight parts: fewer streams send, and none rests long enough to be timed out", async () => {
  const own = await begin({ throughProxy: true });
  await own.script();
  await own.client.call("limit.set", { upBytesPerSecond: 100_000, downBytesPerSecond: null });
  const { id } = await own.upload(40 * MiB);
  await own.until(id, ({ inFlightBytes }) => inFlightBytes > 0);
  own.proxy?.resetPauses();
  await sleep(2500);
  const pausesMs = own.proxy?.pausesMs(32 * KiB) ?? [];
  expect(pausesMs.length).toBeGreaterThan(1);
  expect(pausesMs.length).toBeLessThanOrEqual(6);
  expect(Math.max(...pausesMs)).toBeLessThan(2000);
  await own.client.call("transfer.cancel", { id, keepParts: false });
});

it("S7 requests that wait long for their turn: each is signed when it goes, not when it was ready", async () => {
  const own = await begin({ host: { connections: 1 } });
  const settings = await own.client.call("settings.get", null);
  await own.client.call("settings.set", { ...settings, maxUploads: 4 });
  await own.script({
    maxSkewSeconds: 2.5,
    rules: [{ on: { op: "PutObject" }, times: null, fault: { kind: "delay", ms: 1200 } }],
  });
  const sent: Sent[] = [];
  while (sent.length < 4) sent.push(await own.upload(MiB));
  for (const { id, key, sha256 } of sent) {
    expect(await own.rest(id)).toMatchObject({ state: { phase: "done" } });
    expect(await own.storedSha256(key)).toBe(sha256);
  }
  expect(own.errors()).toEqual([]);
  expect(own.count({ op: "PutObject" })).toBe(4);
});

it("S42 object that is far larger than the buffers: memory does not grow with it", async () => {
  const own = await begin();
  await own.script();
  const path = join(own.folder, "large.bin");
  const file = await open(path, "w");
  await file.truncate(256 * MiB);
  await file.close();
  const destination = { ...lab, prefix: "up/" };
  const sent = await own.client.call("transfer.upload", { sources: [{ path }], destination });
  expect(await own.rest(sent.id)).toMatchObject({ state: { phase: "done" } });

  const beforeBytes = process.memoryUsage.rss();
  let mostBytes = beforeBytes;
  const looking = setInterval(() => {
    mostBytes = Math.max(mostBytes, process.memoryUsage.rss());
  }, 10);
  const { id } = await own.download("up/large.bin");
  expect(await own.rest(id)).toMatchObject({ state: { phase: "done" }, rung: "part-sha256" });
  clearInterval(looking);
  expect(mostBytes - beforeBytes).toBeLessThan(120 * MiB);
});
