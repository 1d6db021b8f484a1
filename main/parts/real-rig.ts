import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Profile } from "#shared/profile.ts";
import { MiB } from "../bytes/sizes.ts";
import { statFile } from "../disk/stat-file.ts";
import { systemClock } from "../flow/clock.ts";
import { ONE_SHOT_PATIENCE, Patience } from "../flow/patience.ts";
import { withRetries } from "../flow/retry.ts";
import { Semaphore } from "../flow/semaphore.ts";
import { fixedCredentials } from "../profiles/credentials.ts";
import type { SandboxProcess } from "../profiles/sandbox-process.ts";
import { startSandbox } from "../profiles/sandbox-process.ts";
import { openStore } from "../stores/open-store.ts";
import type { Store } from "../stores/store.ts";
import { createWire } from "../wire/create-wire.ts";
import type { Wire } from "../wire/wire.ts";
import type { FetchItem, MoveObserver, MoveTools, SendItem } from "./ports.ts";
import type { FetchResume, SendResume, SentPart } from "./resume.ts";

const profile = Profile.parse({
  id: "practice",
  name: "Practice bucket",
  preset: "practice",
  endpoint: { kind: "practice", folder: "" },
  region: "us-east-1",
  addressing: "path",
  bucket: "parts",
  credentials: { kind: "anonymous" },
  partSizeBytes: null,
  connections: null,
});

/** Moves items for real: the sandbox store in its process, the wire in its threads, files on disk. */
export class RealRig {
  readonly folder: string;
  readonly store: Store;
  readonly wire: Wire;
  readonly slots = new Semaphore(8);
  readonly #sandbox: SandboxProcess;
  /** Bytes reported done, less what was taken back; of them, kept from an earlier run. */
  doneBytes = 0;
  keptBytes = 0;
  onDone: () => void = () => undefined;
  /** Of the waits between attempts. */
  random: () => number = Math.random;
  /** What a crash would leave in the journal. */
  sent: SentPart[] = [];
  sendResume: SendResume | null = null;
  fetchResume: FetchResume | null = null;

  private constructor(folder: string, sandbox: SandboxProcess, store: Store) {
    this.folder = folder;
    this.store = store;
    this.wire = createWire({});
    this.#sandbox = sandbox;
  }

  /** @param through Where the store is reached, told where it is: a proxy before it. */
  static async open(
    through: (endpoint: string) => Promise<string> = async (endpoint) => endpoint,
  ): Promise<RealRig> {
    const never = new AbortController().signal;
    const folder = mkdtempSync(join(tmpdir(), "longhaul-parts-"));
    const keysFile = join(folder, "keys.json");
    const options = {
      dir: join(folder, "store"),
      keysFile,
      buckets: ["parts"],
      isOneProcess: true,
    };
    const sandbox = await startSandbox(options, never);
    const place = {
      endpoint: await through(sandbox.endpoint),
      region: sandbox.region,
      credentials: sandbox.credentials,
    };
    const ports = {
      credentials: () => fixedCredentials(sandbox.credentials),
      practice: async () => place,
      clock: systemClock,
    };
    return new RealRig(folder, sandbox, await openStore(profile, "parts", ports, never));
  }

  async close(): Promise<void> {
    await this.wire.close();
    await this.#sandbox.stop();
    rmSync(this.folder, { recursive: true });
  }

  get tools(): MoveTools {
    const patience = new Patience(ONE_SHOT_PATIENCE, systemClock);
    const retry = { clock: systemClock, random: this.random, patience };
    return {
      store: this.store,
      wire: this.wire,
      slots: this.slots,
      retry: { run: (_part, attempt, signal) => withRetries(attempt, retry, signal) },
      clock: systemClock,
      meter: this.wire.openMeter(),
      observer: this.#observer(),
      lanes: 10,
      rangeBytes: () => 16 * MiB,
    };
  }

  /** Where the store is, for other clients. */
  get place() {
    const { endpoint, region, credentials } = this.#sandbox;
    return { endpoint, region, credentials };
  }

  async source(name: string, bytes: Buffer): Promise<SendItem> {
    const path = join(this.folder, name);
    writeFileSync(path, bytes);
    const { stamp, sizeBytes } = await statFile(path);
    const condition = { kind: "absent" } as const;
    return {
      path,
      sizeBytes,
      stamp,
      key: name,
      condition,
      partSizeBytes: null,
      resume: null,
      sent: [],
    };
  }

  async target(key: string, signal: AbortSignal): Promise<FetchItem> {
    const object = await this.store.stat(key, signal);
    const root = join(this.folder);
    return { object, root, path: join(root, "got", key), replaces: null, resume: null };
  }

  readonly sendJournal = {
    saved: async (resume: SendResume): Promise<void> => {
      this.sendResume = resume;
      if (resume.step === "intent") this.sent = [];
    },
    stored: async (part: SentPart): Promise<void> => {
      this.sent.push(part);
    },
  };

  readonly fetchJournal = {
    saved: async (resume: FetchResume): Promise<void> => {
      this.fetchResume = resume;
    },
  };

  #observer(): MoveObserver {
    const ignore = (): void => undefined;
    return {
      stage: ignore,
      started: ignore,
      settled: ignore,
      done: ({ start, end }, isKept) => {
        this.doneBytes += end - start;
        if (isKept) this.keptBytes += end - start;
        this.onDone();
      },
      undone: ({ start, end }) => {
        this.doneBytes -= end - start;
      },
      movedTwice: ignore,
      verified: ignore,
      retrying: ignore,
      retried: ignore,
    };
  }
}
