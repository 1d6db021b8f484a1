import type { CallHandlers, HostEvent } from "#shared/contract.ts";
import type { LentProfile } from "#shared/local-protocol.ts";
import type { HomeLock } from "../disk/home-lock.ts";
import type { EngineHost, IncomingDoor, OwnEngine } from "../engine-host.ts";
import { systemClock } from "../flow/clock.ts";
import { LASTING_PATIENCE } from "../flow/patience.ts";
import { handlersFor } from "./attached-engine.ts";

/** For tests: an engine that holds the lock of its home and answers what is given. */
export class FakeOwnEngine implements OwnEngine {
  readonly handlers: CallHandlers;
  readonly local: OwnEngine["local"];
  readonly incoming: IncomingDoor;
  readonly calls: { readonly name: string; readonly input: unknown }[] = [];
  /** What is lent now. */
  readonly lent = new Set<LentProfile>();
  isClosed = false;
  readonly #lock: HomeLock;
  readonly #listeners = new Set<(event: HostEvent) => void>();

  constructor(lock: HomeLock, given: Partial<CallHandlers> & { readonly door?: IncomingDoor }) {
    this.#lock = lock;
    const { door, ...answers } = given;
    this.incoming = door ?? refusing;
    const none = handlersFor(async (name) => {
      throw new Error(`the test gives no ${name}`);
    });
    const all: CallHandlers = {
      ...none,
      "transfer.list": async () => [],
      "profile.list": async () => [],
      ...answers,
    };
    this.handlers = handlersFor(async (name, input) => {
      this.calls.push({ name, input });
      return await all[name](input);
    });
    this.local = {
      handlers: this.handlers,
      lend: async (lent) => {
        for (const one of lent) this.lent.add(one);
        return () => {
          for (const one of lent) this.lent.delete(one);
        };
      },
    };
  }

  onEvent(listener: (event: HostEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: HostEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.#lock.release();
  }
}

/** For tests: what a process gives an engine, over a home that exists. */
export function fakeHost(home: string, given: Partial<EngineHost> = {}): EngineHost {
  return {
    info: {
      kind: "web",
      version: "0.0.0",
      platform: process.platform,
      home,
      roots: [home],
      pathSeparator: "/",
      userFolder: home,
      canShowInFolder: false,
      canPick: false,
    },
    program: "a test",
    clock: systemClock,
    random: Math.random,
    document: { read: () => undefined, write: () => {} },
    secrets: { get: async () => null, set: async () => {}, remove: async () => {} },
    runs: "all",
    connections: 1,
    patience: LASTING_PATIENCE,
    startPractice: () => Promise.reject(new Error("not here")),
    resolveRef: async (ref) => ("path" in ref ? ref.path : `/granted/${ref.handle}`),
    pick: async () => [],
    showInFolder: async () => {},
    saveText: async () => null,
    redact: (text) => text,
    log: () => {},
    ...given,
  };
}

const refusing: IncomingDoor = {
  begin: () => Promise.reject(new Error("the test gives no door")),
  progress: () => {},
  end: () => Promise.reject(new Error("the test gives no door")),
};
