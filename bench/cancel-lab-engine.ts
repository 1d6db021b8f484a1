/**
 * One engine of the cancel lab: `node cancel-lab-engine.ts HOME ENDPOINT FILE CANCELS`. Sees to it
 * first that nothing of an earlier one is left, then keeps uploads moving and cancels them, one line
 * of JSON for each step. The keys come in the environment.
 */
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "#shared/client.ts";
import { createClient } from "#shared/client.ts";
import { dispatch } from "#shared/dispatch.ts";
import { Profile, ProfileId } from "#shared/profile.ts";
import { createEngine } from "#main/engine.ts";
import { systemClock } from "#main/flow/clock.ts";
import { LASTING_PATIENCE } from "#main/flow/patience.ts";

const [home = "", endpoint = "", file = "", count = "0"] = process.argv.slice(2);
/** Uploads under way at once. */
const LOAD = 4;
const CLEAN_DEADLINE_MS = 30_000;
const profileId = ProfileId.parse("lab");

const profile = Profile.parse({
  id: profileId,
  name: "Lab",
  preset: "custom",
  endpoint: { kind: "url", url: endpoint },
  region: "us-east-1",
  addressing: "path",
  bucket: "lab",
  credentials: { kind: "environment" },
  partSizeBytes: 5 * 1024 * 1024,
  connections: 8,
});

function tell(line: object): void {
  process.stdout.write(`${JSON.stringify({ ...line, atMs: Date.now() })}\n`);
}

const sections = new Map<string, unknown>([["profiles", [profile]]]);
const engine = await createEngine({
  info: {
    kind: "web",
    version: "0.0.0",
    platform: process.platform,
    home,
    roots: ["/"],
    pathSeparator: "/",
    userFolder: home,
    canShowInFolder: false,
    canPick: false,
  },
  program: "the cancel lab",
  clock: systemClock,
  random: Math.random,
  document: {
    read: (name) => sections.get(name),
    write: (name, value) => void sections.set(name, structuredClone(value)),
  },
  secrets: { get: async () => null, set: async () => {}, remove: async () => {} },
  runs: "all",
  connections: 8,
  patience: LASTING_PATIENCE,
  startPractice: () => Promise.reject(new Error("no practice store here")),
  resolveRef: async (ref) => ("path" in ref ? ref.path : ref.handle),
  pick: async () => [],
  showInFolder: async () => {},
  saveText: async () => null,
  redact: (text) => text,
  log: (level, text) => void process.stderr.write(`${level} ${text}\n`),
});
const client: Client = createClient({
  call: (name, input) => dispatch(engine.handlers, name, input),
  onEvent: (listener) => engine.onEvent(listener),
});
tell({ type: "started" });
await cleanUp();
await client.call("settings.set", { maxUploads: LOAD });
let begun = 0;
await Promise.all(Array.from({ length: LOAD }, () => lane()));
await cleanUp();
await engine.close();
tell({ type: "closed" });

async function lane(): Promise<void> {
  while (begun < Number(count)) {
    begun += 1;
    const prefix = `${crypto.randomUUID()}/`;
    const { id } = await client.call("transfer.upload", {
      sources: [{ path: file }],
      destination: { profileId, bucket: "lab", prefix },
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
