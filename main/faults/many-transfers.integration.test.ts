import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { HostEvent } from "#shared/contract.ts";
import { ProfileId } from "#shared/profile.ts";
import { KiB, MiB } from "../bytes/sizes.ts";
import { aTransferView } from "../calls/calls-rig.ts";
import { EventHub } from "../calls/event-hub.ts";
import { someId } from "../transfers/run-rig.ts";
import { FaultRig } from "./fault-rig.ts";

let rig: FaultRig;

beforeAll(async () => {
  rig = await FaultRig.open({ waits: { stallMs: 30_000 } });
}, 60_000);
afterAll(async () => {
  await rig.close();
});

it("E4 progress of 10,000 transfers at once: eight messages a second, whatever happens", () => {
  vi.useFakeTimers();
  try {
    const ids = Array.from({ length: 10_000 }, someId);
    const hub = new EventHub((id) => aTransferView({ id }));
    const heard: HostEvent[] = [];
    hub.onEvent((event) => heard.push(event));
    for (let ms = 0; ms < 2000; ms += 50) {
      for (const id of ids) hub.changed(id);
      vi.advanceTimersByTime(50);
    }
    expect(heard.length).toBeLessThanOrEqual(16);
    const [batch] = heard;
    expect(batch?.type === "transfers" && batch.changed.length).toBe(10_000);
    hub.close();
  } finally {
    vi.useRealTimers();
  }
});

it("E4 progress of a thousand files: a bounded number of messages a second, each of one transfer", async () => {
  const tree = join(rig.folder, "thousand");
  mkdirSync(tree);
  for (let n = 0; n < 1000; n += 1) writeFileSync(join(tree, `${n}.txt`), `file ${n}`);
  await rig.script();
  const heard: { atMs: number; sizeBytes: number; type: string }[] = [];
  const stop = rig.client.onEvent((event) => {
    const sizeBytes = JSON.stringify(event).length;
    heard.push({ atMs: performance.now(), sizeBytes, type: event.type });
  });
  const startedMs = performance.now();
  const { id } = await rig.client.call("transfer.upload", {
    sources: [{ path: tree }],
    destination: { profileId: ProfileId.parse("lab"), bucket: "lab", prefix: "many/" },
  });
  await rig.until(id, ({ state }) => state.phase === "done");
  stop();
  const seconds = (performance.now() - startedMs) / 1000;
  // Four pairs of batches and a status, and what a recent place or two costs.
  expect(heard.length).toBeLessThanOrEqual(Math.ceil(seconds + 1) * 9 + 4);
  // A message tells of the transfer, not of each of its files.
  expect(Math.max(...heard.map(({ sizeBytes }) => sizeBytes))).toBeLessThan(4 * KiB);
  expect(rig.count({ op: "PutObject" })).toBe(1000);
}, 60_000);

it("E10 huge transfer beside fifty small ones: each has its turn while the huge one runs", async () => {
  // Pieces of 9 MiB, so that it has two more goes of ranges than there are connections.
  const huge = await rig.upload(153 * MiB, { partSizeBytes: 9 * MiB });
  await rig.until(huge.id, ({ state }) => state.phase === "done");
  // What was sent is a copy of the object: nothing would be fetched.
  rmSync(huge.path);
  const small = rig.bytes(200 * KiB);
  for (let n = 0; n < 50; n += 1) await rig.put(`small/${n}.bin`, small);
  await rig.script({
    on: { op: "GetObject", key: huge.key },
    times: null,
    fault: { kind: "trickle", bytesPerSecond: 2 * MiB },
  });
  const slow = await rig.download(huge.key);
  await rig.until(slow.id, ({ inFlightBytes }) => inFlightBytes > 60 * MiB);
  const others = [];
  for (let n = 0; n < 50; n += 1) others.push(await rig.download(`small/${n}.bin`));
  await Promise.all(others.map(({ id }) => rig.until(id, ({ state }) => state.phase === "done")));
  const views = await rig.client.call("transfer.list", null);
  const view = views.find(({ id }) => id === slow.id);
  expect(view?.state.phase).toBe("running");
  await rig.until(slow.id, ({ state }) => state.phase === "done");
  expect(await rig.fileSha256(slow.path)).toBe(huge.sha256);
  for (const { path } of others.slice(0, 5)) {
    expect(await rig.fileSha256(path)).toBe(await rig.storedSha256("small/0.bin"));
  }
  expect(rig.requests({ op: "GetObject", key: huge.key })).toHaveLength(17);
}, 60_000);
