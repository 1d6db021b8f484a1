/**
 * One engine of the cancel lab: `node cancel-lab-engine.ts HOME ENDPOINT FILE CANCELS`. Sees to it
 * first that nothing of an earlier one is left, then keeps uploads moving and cancels them, one line
 * of JSON for each step. The keys come in the environment.
 */
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { LAB_BUCKET, labProfileId, openLabEngine } from "./lab-engine.ts";

const [home = "", endpoint = "", file = "", count = "0"] = process.argv.slice(2);
/** Uploads under way at once. */
const LOAD = 4;
/** One that has nothing to do looks at what others left. */
const LOOKS_MS = 3_000;
const CLEAN_DEADLINE_MS = 30_000;
function tell(line: object): void {
  process.stdout.write(`${JSON.stringify({ ...line, atMs: Date.now() })}\n`);
}

const { client, close } = await openLabEngine({
  home,
  endpoint,
  connections: 8,
  partSizeBytes: 5 * 1024 * 1024,
});
tell({ type: "started" });
await cleanUp();
await client.call("settings.set", { maxUploads: LOAD });
let begun = 0;
if (count === "0") await pause(LOOKS_MS);
await Promise.all(Array.from({ length: LOAD }, () => lane()));
await cleanUp();
await close();
tell({ type: "closed" });

async function lane(): Promise<void> {
  while (begun < Number(count)) {
    begun += 1;
    const prefix = `${crypto.randomUUID()}/`;
    const { id } = await client.call("transfer.upload", {
      sources: [{ path: file }],
      destination: { profileId: labProfileId, bucket: LAB_BUCKET, prefix },
    });
    await pause(20 + Math.random() * 250);
    tell({ type: "canceling", prefix });
    const startedMs = performance.now();
    await client.call("transfer.cancel", { id, keepParts: false });
    tell({ type: "canceled", prefix, tookMs: performance.now() - startedMs });
    await client.call("transfer.clear", { ids: [id] });
  }
}

/** Cancels what an engine that was killed left running; what it had canceled goes by itself. */
async function cleanUp(): Promise<void> {
  const ended = AbortSignal.timeout(CLEAN_DEADLINE_MS);
  for (const { id } of await client.call("transfer.list", null)) {
    await client.call("transfer.cancel", { id, keepParts: false });
  }
  while ((await client.call("transfer.unfinished", null)).length > 0) {
    if (ended.aborted) throw new Error("something is still unfinished");
    await pause(10);
  }
  if (process.stdout.writableNeedDrain) await once(process.stdout, "drain");
  tell({ type: "clean" });
}
