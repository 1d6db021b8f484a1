import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { MiB } from "../bytes/sizes.ts";
import { FaultRig } from "./fault-rig.ts";
import type { FaultProxy } from "./fault-proxy.ts";

const CHILD = fileURLToPath(new URL("./stopped-child.ts", import.meta.url));
/** Within what a transfer goes on after a wake. */
const GOES_ON_WITHIN_MS = 10_000;
/** As in earnest: whoever waits for the watchdog is late. */
const STALL_MS = 30_000;

let rig: FaultRig;
let proxy: FaultProxy;
/** The system says that it woke up. */
let wake = () => {};
const HERE = "127.0.0.1";
const OTHER = "192.168.7.7";
let addresses: ReadonlySet<string> = new Set([HERE, OTHER]);

beforeAll(async () => {
  const onResume = (listener: () => void) => {
    wake = listener;
    return () => undefined;
  };
  const waits = { stallMs: STALL_MS };
  const host = { onResume, addresses: () => addresses };
  rig = await FaultRig.open({ throughProxy: true, waits, pace: 10, host });
  if (rig.proxy === null) throw new Error("the rig has no proxy");
  proxy = rig.proxy;
}, 60_000);

afterAll(async () => {
  await rig.close();
});

async function limit(bytesPerSecond: number | null): Promise<void> {
  const both = { upBytesPerSecond: bytesPerSecond, downBytesPerSecond: bytesPerSecond };
  await rig.client.call("limit.set", both);
}

async function timed<T>(work: Promise<T>): Promise<{ readonly value: T; readonly tookMs: number }> {
  const startMs = performance.now();
  const value = await work;
  return { value, tookMs: performance.now() - startMs };
}

/** Every part came; one that was there already, and whose answer the sleep lost, came once more. */
function expectParts(count: number): void {
  const numbers = rig.requests({ op: "UploadPart", status: 200 }).map((one) => one.partNumber);
  expect(new Set(numbers).size).toBe(count);
  expect(numbers.length).toBeLessThan(2 * count);
}

it("N18 wake from sleep with every connection dead: an upload goes on over new ones at once", async () => {
  await rig.script({});
  await limit(15 * MiB);
  const { id, key, sha256 } = await rig.upload(30 * MiB);
  await rig.until(id, ({ doneBytes }) => doneBytes > 0);
  proxy.silence();
  await limit(null);
  wake();
  const { value, tookMs } = await timed(rig.rest(id));
  expect(value).toMatchObject({ state: { phase: "done" } });
  expect(tookMs).toBeLessThan(GOES_ON_WITHIN_MS);
  expect(await rig.storedSha256(key)).toBe(sha256);
  expectParts(6);
  expect(rig.errors().every((error) => error.startsWith("unreachable"))).toBe(true);
});

it("N18 wake from sleep with every connection dead: a download keeps what came and asks for the rest", async () => {
  const { key, sha256 } = await rig.seed(40 * MiB);
  await rig.script({});
  await limit(15 * MiB);
  const { id, path } = await rig.download(key);
  await rig.until(id, ({ inFlightBytes, doneBytes }) => inFlightBytes + doneBytes > MiB);
  proxy.silence();
  await limit(null);
  wake();
  const { value, tookMs } = await timed(rig.rest(id));
  expect(value).toMatchObject({ state: { phase: "done" } });
  expect(tookMs).toBeLessThan(GOES_ON_WITHIN_MS);
  expect(await rig.fileSha256(path)).toBe(sha256);
});

it("N18 wake from sleep with a kept-alive connection dead: the next question is answered at once", async () => {
  const { key, sha256 } = await rig.seed(MiB + 1);
  await rig.script({});
  const ask = { profileId: rig.profile("lab", { kind: "anonymous" }).id, bucket: "lab" };
  const list = () => rig.client.call("library.list", { ...ask, prefix: "", cursor: null });
  await list();
  proxy.silence();
  wake();
  const { tookMs } = await timed(list());
  expect(tookMs).toBeLessThan(1000);
  const { id, path } = await rig.download(key);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.fileSha256(path)).toBe(sha256);
});

it("N18 address of this machine goes, and what came from it is dead: goes on over new connections", async () => {
  await rig.script({});
  await limit(4 * MiB);
  const { id, key, sha256 } = await rig.upload(20 * MiB);
  await rig.until(id, ({ bytesPerSecond }) => bytesPerSecond > 0);
  addresses = new Set([HERE]);
  await sleep(1500);
  // None of them came from that one.
  expect(rig.errors()).toEqual([]);
  proxy.silence();
  addresses = new Set([OTHER]);
  await limit(null);
  const { value, tookMs } = await timed(rig.rest(id));
  expect(value).toMatchObject({ state: { phase: "done" } });
  expect(tookMs).toBeLessThan(GOES_ON_WITHIN_MS);
  expect(await rig.storedSha256(key)).toBe(sha256);
});

it("N18 engine process that was stopped while its connections died: goes on and ends by itself", async () => {
  const { path, sha256 } = await rig.file(12 * MiB);
  await rig.script({});
  const given = {
    home: await mkdtemp(join(rig.folder, "child-")),
    path,
    endpoint: proxy.endpoint,
    ...rig.keys,
    // A machine that is busy jumps by less.
    leastJumpMs: 2500,
    upBytesPerSecond: 4 * MiB,
  };
  const child = spawn(process.execPath, [CHILD, JSON.stringify(given)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  onTestFinished(() => void child.kill("SIGKILL"));
  const said = child.stdout.setEncoding("utf8");
  expect(await once(said, "data")).toEqual(["moving\n"]);
  child.kill("SIGSTOP");
  proxy.silence();
  await sleep(3000);
  child.kill("SIGCONT");
  const { value, tookMs } = await timed(once(said, "data"));
  expect(value).toEqual(["done\n"]);
  expect(tookMs).toBeLessThan(GOES_ON_WITHIN_MS);
  expect(await ended).toEqual([0, null]);
  expect(await rig.storedSha256(`up/${path.split("/").at(-1)}`)).toBe(sha256);
  expectParts(3);
});
