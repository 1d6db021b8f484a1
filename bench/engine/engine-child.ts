/**
 * One engine under measure: `node engine-child.ts CASE HOME ENDPOINT FOLDER CONNECTIONS`, which prints
 * its figures as one line of JSON. The keys come in the environment.
 */
import { readdir, readFile, utimes } from "node:fs/promises";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "#shared/client.ts";
import type { TransferId, TransferView } from "#shared/transfer.ts";
import { LAB_BUCKET, labProfileId, openLabEngine } from "../lab-engine.ts";

const [name = "", home = "", endpoint = "", folder = "", connections = "16"] =
  process.argv.slice(2);

const UNSETTLED: ReadonlySet<string> = new Set(["queued", "running", "verifying"]);

const { client, close } = await openLabEngine({
  home,
  endpoint,
  connections: Number(connections),
  partSizeBytes: 16 * 1024 * 1024,
});
const figures = name === "cancel" ? await cancelHalfWay() : await moveAll();
await close();
process.stdout.write(`${JSON.stringify(figures)}\n`);

/** The longest that the main thread kept others waiting, in milliseconds: 99 of 100 waits were shorter. */
async function moveAll() {
  const loop = monitorEventLoopDelay({ resolution: 1 });
  const ways = {
    "large-up": () => upload(client, join(folder, "large.bin"), "large/"),
    "large-down": () => download(client, "large/large.bin", join(folder, "back")),
    "small-up": () => upload(client, join(folder, "tree"), "small/"),
    "small-down": () => download(client, "small/tree/", join(folder, "back")),
  };
  const loopP99Ms: Record<string, number> = {};
  for (const [way, start] of Object.entries(ways)) {
    if (way.endsWith("-down")) await touchAll(folder);
    loop.reset();
    loop.enable();
    await untilDone(client, await start());
    loop.disable();
    // The measure itself waits a millisecond between looks.
    loopP99Ms[way] = Math.max(0, loop.percentile(99) / 1e6 - 1);
  }
  return { loopP99Ms };
}

/** What was sent is a copy of the object, and would be taken instead of the network: no more, now. */
async function touchAll(below: string): Promise<void> {
  const now = new Date();
  for (const found of await readdir(below, { withFileTypes: true, recursive: true })) {
    if (found.isFile()) await utimes(join(found.parentPath, found.name), now, now);
  }
}

/** Cancels an upload of many files and one large one when half of the files have gone. */
async function cancelHalfWay() {
  await upload(client, join(folder, "large.bin"), "canceled/");
  const id = await upload(client, join(folder, "tree"), "canceled/");
  await until(client, id, (view) => view.doneItemCount * 2 >= view.itemCount && !view.isListing);
  const canceledAtMs = Date.now();
  const startedMs = performance.now();
  for (const view of await client.call("transfer.list", null)) {
    await client.call("transfer.cancel", { id: view.id, keepParts: false });
  }
  const acknowledgedMs = performance.now() - startedMs;
  let socketsClosedMs: number | null = null;
  let abortedMs: number | null = null;
  while ((socketsClosedMs === null || abortedMs === null) && Date.now() - canceledAtMs < 10_000) {
    if (socketsClosedMs === null && (await countDataSockets()) === 0)
      socketsClosedMs = Date.now() - canceledAtMs;
    if (abortedMs === null && (await client.call("transfer.unfinished", null)).length === 0)
      abortedMs = Date.now() - canceledAtMs;
    await pause(10);
  }
  return { canceledAtMs, acknowledgedMs, socketsClosedMs, abortedMs };
}

async function upload(to: Client, path: string, prefix: string): Promise<TransferId> {
  const destination = { profileId: labProfileId, bucket: LAB_BUCKET, prefix };
  return (await to.call("transfer.upload", { sources: [{ path }], destination })).id;
}

async function download(from: Client, key: string, path: string): Promise<TransferId> {
  const place = { profileId: labProfileId, bucket: LAB_BUCKET };
  return (await from.call("transfer.download", { ...place, keys: [key], folder: { path } })).id;
}

async function untilDone(of: Client, id: TransferId): Promise<void> {
  const view = await until(of, id, ({ state }) => !UNSETTLED.has(state.phase));
  if (view.state.phase !== "done") throw new Error(`${view.name} ended as ${view.state.phase}`);
}

async function until(
  of: Client,
  id: TransferId,
  test: (view: TransferView) => boolean,
): Promise<TransferView> {
  for (;;) {
    const view = (await of.call("transfer.list", null)).find((one) => one.id === id);
    if (view !== undefined && test(view)) return view;
    await pause(20);
  }
}

/** This process's connections to the endpoint. */
async function countDataSockets(): Promise<number> {
  const port = Number(new URL(endpoint).port).toString(16).toUpperCase().padStart(4, "0");
  const table = await readFile("/proc/self/net/tcp", "utf8");
  // Column 3 is the other side, column 4 the state: 01 is established.
  return table
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote, state]) => remote?.endsWith(`:${port}`) === true && state === "01")
    .length;
}
