import { afterEach, expect, it } from "vitest";
import { MiB } from "../bytes/sizes.ts";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ProfileId } from "#shared/profile.ts";
import { FaultRig } from "./fault-rig.ts";
import type { FaultRigOptions } from "./fault-rig.ts";

const lab = { profileId: ProfileId.parse("lab"), bucket: "lab" };

/** Each test has an engine of its own: what they ask of it differs. */
let rig: FaultRig | null = null;

async function open(options: FaultRigOptions = {}): Promise<FaultRig> {
  rig = await FaultRig.open(options);
  return rig;
}

afterEach(async () => {
  await rig?.close();
  rig = null;
});

it("N2 trickle on one of several streams: that one alone is given up and asked for again", async () => {
  const { script, ...own } = await openWithObject({ waits: { judgedMs: 1500 } });
  await script({
    on: { op: "GetObject", start: 16 * MiB },
    fault: { kind: "trickle", bytesPerSecond: 10 },
  });
  await own.expectWhole();
  const ranges = own.rig.requests({ op: "GetObject" });
  expect(ranges).toHaveLength(4);
  expect(ranges.filter(({ cut }) => cut === true)).toHaveLength(1);
});

it("N3 kept-alive connection closed as it is used again: one more try at once, which is no failure", async () => {
  const own = await open({ host: { connections: 1 } });
  await own.script({
    on: { op: "UploadPart" },
    skip: 4,
    fault: { kind: "break", how: "reset", at: "head" },
  });
  const { id, key, sha256 } = await own.upload(40 * MiB);
  expect(await own.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await own.storedSha256(key)).toBe(sha256);
  expect(await own.used()).toEqual([1]);
  expect(own.errors()).toEqual([]);
  expect(own.count({ op: "UploadPart" })).toBe(9);
});

it("N10 200 downloads canceled in their bodies: the next question is answered within a second", async () => {
  const own = await open();
  const { key } = await own.seed(MiB);
  await own.script({
    on: { op: "GetObject" },
    times: null,
    fault: { kind: "trickle", bytesPerSecond: 50_000 },
  });
  const settings = await own.client.call("settings.get", null);
  await own.client.call("settings.set", { ...settings, maxDownloads: 20 });
  for (let round = 0; round < 10; round += 1) {
    const started = await Promise.all(Array.from({ length: 20 }, () => own.download(key)));
    await own.until(started[0]?.id ?? lost(), ({ state }) => state.phase === "running");
    await Promise.all(
      started.map(({ id }) => own.client.call("transfer.cancel", { id, keepParts: false })),
    );
  }
  const askedAtMs = performance.now();
  const page = await own.client.call("library.list", { ...lab, prefix: "", cursor: null });
  expect(page.objects.map((object) => object.key)).toEqual([key]);
  expect(performance.now() - askedAtMs).toBeLessThan(1000);
});

it("N11 request that hangs on the only connection: what waits for it has its turn, and ends", async () => {
  const own = await open({ host: { connections: 1 } });
  const [one, two] = [await own.seed(MiB), await own.seed(MiB)];
  await own.script({
    on: { op: "GetObject", key: one.key },
    fault: { kind: "break", how: "silence", at: "request-end" },
  });
  const fetched = [await own.download(one.key), await own.download(two.key)];
  for (const { id } of fetched) {
    expect(await own.rest(id)).toMatchObject({ state: { phase: "done" } });
  }
  expect(await Promise.all(fetched.map(({ path }) => own.fileSha256(path)))).toEqual([
    one.sha256,
    two.sha256,
  ]);
  expect(own.errors()).toEqual(["unreachable stalled"]);
});

it("N13 name that nobody knows: waits and says so, and goes on when it is known", async () => {
  // No label of a name is longer than 63 characters, so nobody has to be asked.
  const endpoint = `http://${"a".repeat(64)}.invalid:9000`;
  const keys = { accessKeyId: "a", secretAccessKey: "b" };
  const stop = async () => undefined;
  const own = await open({ pace: 20 });
  await own.stop();
  await own.start({ startPractice: async () => ({ endpoint, ...keys, stop }) });
  await own.script();
  const { id, key, sha256 } = await own.upload(6 * MiB);
  expect((await own.stalled(id)).state).toMatchObject({
    activity: { retry: { error: { code: "unknown-host" } } },
  });
  await own.stop();
  await own.start();
  expect(await own.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await own.storedSha256(key)).toBe(sha256);
});

it("N14 server that is away: is tried again until it is back, from where it was", async () => {
  const own = await open({ throughProxy: true });
  await own.script();
  await own.client.call("limit.set", { upBytesPerSecond: 10 * MiB, downBytesPerSecond: null });
  const { id, key, sha256 } = await own.upload(30 * MiB);
  await own.until(id, ({ doneBytes }) => doneBytes >= 5 * MiB);
  await own.proxy?.stopListening();
  await own.until(id, () => own.retries.length >= 8);
  await own.proxy?.listenAgain();
  await own.client.call("limit.set", { upBytesPerSecond: null, downBytesPerSecond: null });
  expect(await own.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await own.storedSha256(key)).toBe(sha256);
  expect(own.errors()).toContain("unreachable ECONNREFUSED");
  // One or two whose answer was on its way are not known to be there.
  expect(own.count({ op: "UploadPart", status: 200 })).toBeLessThanOrEqual(8);
});

it("N19 Expect: 100-continue: is never sent, so nobody waits for an answer to it", async () => {
  const own = await open({ throughProxy: true });
  await own.script();
  const { id, key, sha256 } = await own.upload(10 * MiB);
  expect(await own.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await own.storedSha256(key)).toBe(sha256);
  const heads = own.proxy?.heads ?? [];
  expect(heads.filter((head) => head.startsWith("PUT /"))).not.toEqual([]);
  expect(heads.filter((head) => /^expect:/im.test(head))).toEqual([]);
});

it("N20 early answer while the body is still on its way: its status counts, not the broken pipe", async () => {
  const own = await open();
  await own.script({
    on: { op: "UploadPart", part: 2 },
    fault: {
      kind: "answer",
      status: 503,
      code: "SlowDown",
      at: "request-body",
      afterBytes: 65_536,
    },
  });
  const { id, key, sha256 } = await own.upload(20 * MiB);
  expect(await own.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await own.storedSha256(key)).toBe(sha256);
  expect(own.errors()).toEqual(["throttled SlowDown"]);
  expect(own.count({ op: "UploadPart" })).toBe(5);
});

it("N21 one request in five answered 503: every file arrives, and no more is asked than was refused", async () => {
  const own = await open();
  const folder = join(own.folder, "tree");
  await mkdir(folder);
  for (let n = 0; n < 300; n += 1) await writeFile(join(folder, `${n}.bin`), own.bytes(2000));
  await own.script({
    on: { op: "PutObject" },
    times: null,
    chance: 0.2,
    fault: { kind: "answer", status: 503, code: "SlowDown" },
  });
  const { id } = await own.client.call("transfer.upload", {
    sources: [{ path: folder }],
    destination: { ...lab, prefix: "many/" },
  });
  expect(await own.rest(id)).toMatchObject({ state: { phase: "done" }, doneItemCount: 300 });
  const [refusedCount = 0] = await own.used();
  expect(refusedCount).toBeGreaterThan(30);
  expect(own.count({ op: "PutObject", status: 200 })).toBe(300);
  expect(own.count({ op: "PutObject", status: 503 })).toBe(refusedCount);
  expect(new Set(own.errors())).toEqual(new Set(["throttled SlowDown"]));
});

async function openWithObject(options: FaultRigOptions) {
  const own = await open(options);
  const { key, sha256 } = await own.seed(40 * MiB);
  return {
    rig: own,
    script: own.script.bind(own),
    expectWhole: async () => {
      const { id, path } = await own.download(key);
      expect(await own.rest(id)).toMatchObject({ state: { phase: "done" } });
      expect(await own.fileSha256(path)).toBe(sha256);
    },
  };
}

function lost(): never {
  throw new Error("nothing was started");
}
