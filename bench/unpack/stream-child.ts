/**
 * The engine of the stream bench: `node stream-child.ts ENDPOINT ARCHIVE FOLDER RUNS MBIT`, which prints
 * its seconds as one line of JSON. The keys come in the environment.
 */
import { execFile } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import type { TransferId } from "#shared/transfer.ts";
import { LAB_BUCKET, labProfileId, openLabEngine } from "../lab-engine.ts";

const [endpoint = "", archive = "", folder = "", runs = "3", mbit = "0"] = process.argv.slice(2);
const BYTES_PER_MBIT = 125_000;
const UNSETTLED: ReadonlySet<string> = new Set(["queued", "running", "verifying"]);

const home = join(folder, "home");
await mkdir(home, { mode: 0o700 });
const { client, close } = await openLabEngine({
  home,
  endpoint,
  connections: 16,
  partSizeBytes: 16 * 1024 * 1024,
});
const place = { profileId: labProfileId, bucket: LAB_BUCKET };
const destination = { ...place, prefix: "" };
await untilDone(
  (await client.call("transfer.upload", { sources: [{ path: archive }], destination })).id,
);
// What was uploaded is a copy of the object, and would be taken instead of the network.
await rm(archive);
if (mbit !== "0") {
  const downBytesPerSecond = Number(mbit) * BYTES_PER_MBIT;
  await client.call("limit.set", { downBytesPerSecond, upBytesPerSecond: null });
}
const [alone, unpacked]: [number[], number[]] = [[], []];
for (let turn = 0; turn < Number(runs); turn += 1) {
  alone.push(await timed(false));
  unpacked.push(await timed(true));
}
await close();
process.stdout.write(`${JSON.stringify({ alone, unpacked })}\n`);

async function timed(isUnpacked: boolean): Promise<number> {
  const out = join(folder, "out");
  await promisify(execFile)("sync");
  const startedAtMs = performance.now();
  const { id } = await client.call("transfer.download", {
    ...place,
    keys: [basename(archive)],
    folder: { path: out },
    ...(isUnpacked && { unpack: { destination: { path: join(out, "files") }, method: "auto" } }),
  });
  await untilDone(id);
  const seconds = (performance.now() - startedAtMs) / 1000;
  await rm(out, { recursive: true });
  return seconds;
}

async function untilDone(id: TransferId): Promise<void> {
  for (;;) {
    const view = (await client.call("transfer.list", null)).find((one) => one.id === id);
    if (view?.state.phase === "done") return;
    if (view !== undefined && !UNSETTLED.has(view.state.phase)) {
      throw new Error(`${view.name} ended as ${JSON.stringify(view.state)}`);
    }
    await pause(10);
  }
}
