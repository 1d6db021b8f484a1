import type { Client } from "#shared/client.ts";
import { createClient } from "#shared/client.ts";
import { dispatch } from "#shared/dispatch.ts";
import { Profile, ProfileId } from "#shared/profile.ts";
import { createEngine } from "#main/engine.ts";
import type { CloneFile } from "#main/disk/clone-file.ts";
import { widenThreadPool } from "#main/flow/thread-pool.ts";
import { systemClock } from "#main/flow/clock.ts";
import type { Clock } from "#main/flow/clock.ts";
import { LASTING_PATIENCE } from "#main/flow/patience.ts";

export const LAB_BUCKET = "lab";
export const labProfileId = ProfileId.parse("lab");

export type LabEngine = { readonly client: Client; readonly close: () => Promise<void> };

export type LabOptions = {
  /** A folder that exists. */
  readonly home: string;
  /** Of a store that takes the keys of the environment. */
  readonly endpoint: string;
  readonly connections: number;
  readonly partSizeBytes: number;
  /** How copies are made; absent: as the disk can. */
  readonly cloneFile?: CloneFile;
};

/** The engine as `serve` runs it, in this process, with one profile named `lab`. */
export async function openLabEngine(
  options: LabOptions,
  clock: Clock = systemClock,
): Promise<LabEngine> {
  widenThreadPool();
  const { home, endpoint, connections, partSizeBytes, cloneFile } = options;
  const profile = Profile.parse({
    id: labProfileId,
    name: "Lab",
    preset: "custom",
    endpoint: { kind: "url", url: endpoint },
    region: "us-east-1",
    addressing: "path",
    bucket: LAB_BUCKET,
    credentials: { kind: "environment" },
    partSizeBytes,
    connections,
  });
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
    program: "a lab",
    clock,
    random: Math.random,
    document: {
      read: (name) => sections.get(name),
      write: (name, value) => void sections.set(name, structuredClone(value)),
    },
    secrets: { get: async () => null, set: async () => {}, remove: async () => {} },
    runs: "all",
    connections,
    ...(cloneFile && { cloneFile }),
    patience: LASTING_PATIENCE,
    startPractice: () => Promise.reject(new Error("no practice store here")),
    resolveRef: async (ref) => ("path" in ref ? ref.path : ref.handle),
    pick: async () => [],
    showInFolder: async () => {},
    saveText: async () => null,
    redact: (text) => text,
    log: (level, text) => void process.stderr.write(`${level} ${text}\n`),
  });
  const client = createClient({
    call: (name, input) => dispatch(engine.handlers, name, input),
    onEvent: (listener) => engine.onEvent(listener),
  });
  return { client, close: () => engine.close() };
}
