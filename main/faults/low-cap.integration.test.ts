import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { KiB, MiB } from "../bytes/sizes.ts";
import { CONNECTIONS } from "../engine-rig.ts";
import { FaultRig } from "./fault-rig.ts";

/** A server gives up on a socket that is idle for 20 s; what is seen here in 3 s must be far from it. */
const WATCHED_MS = 3000;
const LONGEST_PAUSE_MS = 1500;
/** What a line has sent that carries parts, and no questions. */
const DATA_BYTES = 64 * KiB;

let rig: FaultRig;
beforeAll(async () => {
  // Under a cap each direction gets half of the sockets.
  rig = await FaultRig.open({ throughProxy: true, host: { connections: 2 * CONNECTIONS } });
});
afterAll(async () => await rig.close());

async function limitUp(upBytesPerSecond: number | null): Promise<void> {
  await rig.client.call("limit.set", { upBytesPerSecond, downBytesPerSecond: null });
}

it("E9 cap so low that sockets idle: with eight streams under way it falls to 50 KB/s, and each goes on having its turn", async () => {
  await rig.script();
  await limitUp(4_000_000);
  const { id, key, sha256 } = await rig.upload(40 * MiB);
  const { proxy } = rig;
  if (proxy === null) throw new Error("there is no proxy");
  const areAllUnderWay = () => proxy.pausesMs(DATA_BYTES).length === CONNECTIONS;
  await expect.poll(areAllUnderWay, { interval: 20, timeout: 5000 }).toBe(true);
  await limitUp(50_000);
  await sleep(300);
  proxy.resetPauses();
  await sleep(WATCHED_MS);
  const pauses = proxy.pausesMs(DATA_BYTES);
  expect(pauses).toHaveLength(CONNECTIONS);
  expect(Math.max(...pauses)).toBeLessThan(LONGEST_PAUSE_MS);
  await limitUp(null);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.storedSha256(key)).toBe(sha256);
  expect(rig.errors()).toEqual([]);
  expect(rig.count({ op: "UploadPart" })).toBe(8);
});

it("E9 cap so low that sockets idle: what begins under 50 KB/s has no more streams than that feeds", async () => {
  await rig.script();
  await limitUp(50_000);
  const before = rig.proxy?.pausesMs(DATA_BYTES).length ?? 0;
  const { id, key, sha256 } = await rig.upload(40 * MiB);
  await rig.until(id, ({ bytesPerSecond }) => bytesPerSecond > 0);
  await sleep(WATCHED_MS);
  const fresh = (rig.proxy?.pausesMs(8 * KiB) ?? []).length - before;
  expect(fresh).toBeLessThanOrEqual(3);
  await limitUp(null);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.storedSha256(key)).toBe(sha256);
  expect(rig.errors()).toEqual([]);
});
