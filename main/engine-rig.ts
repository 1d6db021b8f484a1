import type { Client } from "#shared/client.ts";
import type { HostEvent } from "#shared/contract.ts";
import type { Profile } from "#shared/profile.ts";
import type { TransferId, TransferView } from "#shared/transfer.ts";
import type { Engine, EngineHost, PracticeStore } from "./engine-host.ts";
import type { DocumentFile } from "./profiles/document-file.ts";
import type { SandboxOptions, SandboxProcess } from "./profiles/sandbox-process.ts";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createClient } from "#shared/client.ts";
import { dispatch } from "#shared/dispatch.ts";
import { ProfileId } from "#shared/profile.ts";
import { createEngine } from "./engine.ts";
import { systemClock } from "./flow/clock.ts";
import { LASTING_PATIENCE } from "./flow/patience.ts";
import { startSandbox } from "./profiles/sandbox-process.ts";

/** Of the rig's profile and of its host. */
export const CONNECTIONS = 8;

/** For tests: an engine over a home of its own and a sandbox store beside it. */
export class EngineRig {
  readonly folder: string;
  readonly document = memoryDocument();
  readonly sandbox: SandboxProcess;
  #engine: Engine | null = null;

  /** @param more Of the store's process. */
  static async open(more: Partial<SandboxOptions> = {}): Promise<EngineRig> {
    const folder = await mkdtemp(join(tmpdir(), "longhaul-rig-"));
    const options = {
      dir: join(folder, "store"),
      keysFile: join(folder, "keys.json"),
      buckets: ["lab"],
      logFile: join(folder, "requests.jsonl"),
      isOneProcess: true,
      ...more,
    };
    return new EngineRig(folder, await startSandbox(options, AbortSignal.timeout(15_000)));
  }

  private constructor(folder: string, sandbox: SandboxProcess) {
    this.folder = folder;
    this.sandbox = sandbox;
  }

  /** Starts the engine, or starts it again after `stop`. */
  async start(given: Partial<EngineHost> = {}): Promise<Client> {
    const { endpoint, credentials } = this.sandbox;
    const host = hostOf(this.folder, this.document, { endpoint, ...credentials });
    this.#engine = await createEngine({ ...host, ...given });
    const client = clientOf(this.#engine);
    await client.call("profile.save", { profile: this.profile(), secret: null });
    return client;
  }

  get engine(): Engine {
    if (!this.#engine) throw new Error("the engine is not started");
    return this.#engine;
  }

  async stop(): Promise<void> {
    await this.#engine?.close();
    this.#engine = null;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.sandbox.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Its keys are in the environment of nobody: the practice preset asks the host for them. */
  profile(): Profile {
    return {
      id: ProfileId.parse("lab"),
      name: "Lab",
      preset: "practice",
      endpoint: { kind: "practice", folder: join(this.folder, "store") },
      region: "us-east-1",
      addressing: "path",
      bucket: "lab",
      credentials: { kind: "anonymous" },
      partSizeBytes: 5 * 1024 * 1024,
      connections: CONNECTIONS,
    };
  }
}

/** What an engine over `folder` needs of its host; `store` is the practice store. */
export function hostOf(
  folder: string,
  document: DocumentFile,
  store: Omit<PracticeStore, "stop">,
): EngineHost {
  return {
    info: {
      kind: "web",
      version: "0.0.0",
      platform: process.platform,
      home: folder,
      roots: ["/"],
      pathSeparator: "/",
      userFolder: folder,
      canShowInFolder: false,
      canPick: false,
    },
    program: "a test",
    clock: systemClock,
    random: Math.random,
    document,
    secrets: { get: async () => null, set: async () => {}, remove: async () => {} },
    runs: "all",
    connections: CONNECTIONS,
    patience: LASTING_PATIENCE,
    startPractice: async () => ({ ...store, stop: async () => {} }),
    resolveRef: async (ref) => ("path" in ref ? resolve(ref.path) : resolve(ref.handle)),
    pick: async () => [],
    showInFolder: async () => {},
    saveText: async () => null,
    redact: (text) => text,
    log: () => {},
  };
}

export function clientOf(engine: Engine): Client {
  return createClient({
    call: (name, input) => dispatch(engine.handlers, name, input),
    onEvent: (listener) => engine.onEvent(listener),
  });
}

/** Within which a test sees what it waits for, below the time that a whole test has. */
const SEEN_WITHIN_MS = 120_000;

/** Resolves with the first view of a transfer that `test` accepts, rejects with the last one seen. */
export async function untilView(
  client: Client,
  id: TransferId,
  test: (view: TransferView) => boolean,
): Promise<TransferView> {
  let last: TransferView | undefined;
  return await new Promise((found, failed) => {
    const look = (views: readonly TransferView[]) => {
      last = views.find((one) => one.id === id) ?? last;
      if (!last || !test(last)) return;
      end();
      found(last);
    };
    const stop = client.onEvent((event: HostEvent) => {
      if (event.type === "transfers") look(event.changed);
    });
    const late = setTimeout(() => {
      end();
      failed(new Error(`${String(test)} stayed false, last of ${JSON.stringify(last)}`));
    }, SEEN_WITHIN_MS);
    const end = () => {
      stop();
      clearTimeout(late);
    };
    client.call("transfer.list", null).then(look, (error) => {
      end();
      failed(error);
    });
  });
}

export function isAtRest({ state }: TransferView): boolean {
  return ["done", "failed", "canceled", "paused"].includes(state.phase);
}

export function memoryDocument(): DocumentFile {
  const sections = new Map<string, unknown>();
  return {
    read: (section) => sections.get(section),
    write: (section, value) => void sections.set(section, structuredClone(value)),
  };
}
