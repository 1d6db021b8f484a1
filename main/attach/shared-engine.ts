import type { CallHandlers, HostEvent } from "#shared/contract.ts";
import type { LentKeys, LentProfile } from "#shared/local-protocol.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { HomeLock } from "../disk/home-lock.ts";
import type { Engine, EngineHost, OwnEngine } from "../engine-host.ts";
import type { LocalHost } from "./local-host.ts";
import { realpath } from "node:fs/promises";
import { z } from "zod";
import { isAbort, LonghaulError } from "#shared/errors.ts";
import { CONTRACT_VERSION } from "#shared/local-protocol.ts";
import { TransferId } from "#shared/transfer.ts";
import { lockHome, readLockHolder } from "../disk/home-lock.ts";
import { attachedEngine, handlersFor } from "./attached-engine.ts";
import { serveLocal } from "./local-host.ts";
import { attach, LinkLost } from "./local-link.ts";
import { checkSocketFolder, socketPathOf, socketSurroundings } from "./socket-path.ts";

/** The engine of a home, in this process or in the one that has it; which one may change. */
export interface SharedEngine extends Engine {
  readonly isAttached: boolean;
  /** Rejects when the home went to somebody whom this process cannot work with; else never settles. */
  readonly failed: Promise<never>;
  /** The other process lives and does not answer; calls wait for it. */
  readonly isSilent: boolean;
}

export type SharedOptions = {
  readonly host: EngineHost;
  /** Starts the engine here, under a lock that it gives back when it closes, or cannot start. */
  readonly start: (lock: HomeLock) => Promise<OwnEngine>;
  /** Read when it attaches: what only this process knows. */
  readonly lent: () => Promise<readonly LentProfile[]>;
  /** Keys that were lent, anew; null where there are none any more. */
  readonly renew?: (id: ProfileId) => Promise<LentKeys | null>;
  /** Words for a person about the other process: it does not answer, it answers again. */
  readonly say?: (line: string) => void;
  /** A command gives the home to a window or a `serve`, which runs everything. */
  readonly canYield: boolean;
};

/** How long the home may be neither free nor answered for. */
const JOIN_MS = 30_000;
const AGAIN_MS = 50;
/** When many wait for one that starts, they must not keep it from starting. */
const CALM_AGAIN_MS = 250;
const CALM_AFTER_MS = 1_500;
/** A command waits this long for a window or a `serve` to take the home, which runs everything. */
const AFTER_YOU_MS = 700;

/** Between two looks at whether a silent one answers, or is gone. */
const SILENT_AGAIN_MS = 1_000;

const WithId = z.object({ id: TransferId });

/** Somebody has the home, and may answer later. */
function isAway(error: unknown): boolean {
  if (!(error instanceof LonghaulError) || error.code !== "locked") return false;
  return error.details["cause"] !== "version";
}

type Backend = Pick<Engine, "handlers" | "incoming" | "close"> & {
  readonly isAttached: boolean;
  /** It gives no answers any more; another one follows. */
  isOver: boolean;
};

/**
 * Attaches to the process that has the home, or takes the home; and when that process goes, does
 * it again.
 *
 * @throws {LonghaulError} `locked` when the home is taken and nobody there can be attached to.
 */
export async function openSharedEngine(options: SharedOptions): Promise<SharedEngine> {
  const home = await realpath(options.host.info.home);
  const surroundings = socketSurroundings();
  const path = socketPathOf(home, surroundings);
  const engine = new Shared(options, path, () => checkSocketFolder(path, surroundings));
  await engine.open();
  return engine;
}

class Shared implements SharedEngine {
  readonly handlers: CallHandlers;
  readonly incoming: Engine["incoming"];
  readonly #options: SharedOptions;
  readonly #path: string;
  readonly #checkFolder: () => Promise<void>;
  readonly #closing = new AbortController();
  readonly #listeners = new Set<(event: HostEvent) => void>();
  readonly #started = new Set<TransferId>();
  /** What listeners were told of: what is gone with an owner must be taken back. */
  readonly #told = new Set<TransferId>();
  #current: Promise<Backend> = Promise.reject(new Error("not open"));
  readonly #failing = Promise.withResolvers<never>();
  #isAttached = false;
  #isSilent = false;
  #closed: Promise<void> | null = null;

  constructor(options: SharedOptions, path: string, checkFolder: () => Promise<void>) {
    this.#options = options;
    this.#path = path;
    this.#checkFolder = checkFolder;
    this.#current.catch(() => {});
    this.#failing.promise.catch(() => {});
    this.handlers = handlersFor(async (name, input) => {
      const output = await this.#onCurrent(async ({ handlers }) => await handlers[name](input));
      if (name === "transfer.upload" || name === "transfer.download") this.#remember(output);
      return output;
    });
    this.incoming = {
      begin: async (...given) =>
        await this.#onCurrent(async ({ incoming }) => await incoming.begin(...given)),
      progress: (...given) =>
        void this.#current.then(
          ({ incoming }) => incoming.progress(...given),
          () => {},
        ),
      end: async (...given) =>
        await this.#onCurrent(async ({ incoming }) => await incoming.end(...given)),
    };
  }

  get isAttached(): boolean {
    return this.#isAttached;
  }

  get isSilent(): boolean {
    return this.#isSilent;
  }

  get failed(): Promise<never> {
    return this.#failing.promise;
  }

  async open(): Promise<void> {
    this.#current = this.#join(0);
    await this.#current;
  }

  onEvent(listener: (event: HostEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#closed ??= this.#current.then(
      async (backend) => await backend.close(),
      () => {},
    );
    await this.#closed;
  }

  /** Asks again where an owner went without an answer: every call may be made twice. */
  async #onCurrent<T>(run: (backend: Backend) => Promise<T>): Promise<T> {
    for (;;) {
      const backend = await this.#current;
      try {
        return await run(backend);
      } catch (error) {
        const isLost = error instanceof LinkLost || backend.isOver;
        if (!isLost || this.#closing.signal.aborted) throw error;
      }
    }
  }

  /** A command follows what it started, from owner to owner. */
  #remember(output: unknown): void {
    const { data } = WithId.safeParse(output);
    if (data !== undefined && this.#options.host.runs === "own") this.#started.add(data.id);
  }

  async #join(waitMs: number): Promise<Backend> {
    const { clock } = this.#options.host;
    const begunMs = clock.nowMs();
    // Read once: where their source is slow, whoever is attached to would not wait for it twice.
    let lent: Promise<readonly LentProfile[]> | null = null;
    const lend = async () => await (lent ??= this.#options.lent());
    for (;;) {
      this.#closing.signal.throwIfAborted();
      const attached = await this.#attach(lend);
      if (attached !== null) return attached;
      const spentMs = clock.nowMs() - begunMs;
      const isLast = spentMs > JOIN_MS;
      try {
        if (spentMs >= waitMs) return await this.#own();
      } catch (error) {
        const isTaken = error instanceof LonghaulError && error.code === "locked";
        if (!isTaken || isLast) throw error;
      }
      const againMs = spentMs < CALM_AFTER_MS ? AGAIN_MS : CALM_AGAIN_MS;
      await clock.sleep(againMs, this.#closing.signal);
    }
  }

  async #attach(lend: SharedOptions["lent"]): Promise<Backend | null> {
    const { host } = this.#options;
    const makeHello = async () => ({
      contract: CONTRACT_VERSION,
      runs: host.runs,
      lent: [...(await lend())],
      started: [...this.#started],
    });
    const attaching = attach(this.#path, makeHello, {
      onEvent: (event) => this.#emit(event),
      onSilence: (isSilent) => this.#hearSilence(isSilent),
      renew: async (id) => (await this.#options.renew?.(id)) ?? null,
    });
    const link = await attaching.catch((error: unknown) => {
      throw this.#named(error);
    });
    if (link === null) return null;
    const backend: Backend = {
      ...attachedEngine({ link, host }),
      isAttached: true,
      isOver: false,
      close: async () => link.close(),
    };
    this.#hearSilence(false);
    void link.closed.then(() => {
      const isSecond = host.runs === "own" && link.hasKeeper;
      this.#moveOn(backend, isSecond ? AFTER_YOU_MS : 0);
    });
    this.#isAttached = true;
    return backend;
  }

  async #own(): Promise<Backend> {
    const { info, program, clock } = this.#options.host;
    // Before anything else: of many that start at once, one loads the engine.
    const lock = lockHome(info.home, { pid: process.pid, program, sinceMs: clock.wallMs() });
    const engine = await this.#options.start(lock);
    const stop = engine.onEvent((event) => this.#emit(event));
    let listening: LocalHost | null = null;
    const backend: Backend = {
      handlers: engine.handlers,
      incoming: engine.incoming,
      isAttached: false,
      isOver: false,
      close: async () => {
        await listening?.close();
        stop();
        await engine.close();
      },
    };
    listening = await this.#listen(engine, () => {
      if (!this.#options.canYield) return false;
      // After the answer has left.
      setImmediate(() => void this.#yield(backend));
      return true;
    });
    this.#isAttached = false;
    this.#hearSilence(false);
    await engine.local.lend([], [...this.#started]);
    return backend;
  }

  /** An engine that nobody can attach to is still an engine. */
  async #listen(engine: OwnEngine, onKeeper: () => boolean): Promise<LocalHost | null> {
    const { host } = this.#options;
    try {
      await this.#checkFolder();
      return await serveLocal(engine, { path: this.#path, program: host.program, onKeeper });
    } catch (error) {
      host.log("warn", `other processes cannot attach: ${String(error)}`);
      return null;
    }
  }

  async #yield(backend: Backend): Promise<void> {
    if (backend.isOver || this.#closing.signal.aborted) return;
    this.#moveOn(backend, AFTER_YOU_MS, backend.close());
  }

  /** Finds the next owner, or becomes it, and tells listeners all that is there now. */
  #moveOn(backend: Backend, waitMs: number, before: Promise<void> = Promise.resolve()): void {
    if (backend.isOver || this.#closing.signal.aborted) return;
    backend.isOver = true;
    this.#current = before.then(async () => await this.#follow(waitMs));
    this.#current.then(
      async () => await this.#tellAll(),
      (error: unknown) => {
        if (isAbort(error)) return;
        this.#options.host.log("error", `nobody has the home: ${String(error)}`);
        this.#failing.reject(error);
      },
    );
  }

  /** Waits for as long as another has the home and does not answer: it may be stopped. */
  async #follow(waitMs: number): Promise<Backend> {
    for (;;) {
      try {
        return await this.#join(waitMs);
      } catch (error) {
        if (!isAway(error)) throw error;
        this.#hearSilence(true);
        await this.#options.host.clock.sleep(SILENT_AGAIN_MS, this.#closing.signal);
      }
    }
  }

  #hearSilence(isSilent: boolean): void {
    if (this.#isSilent === isSilent) return;
    this.#isSilent = isSilent;
    const { host, say } = this.#options;
    const holder = readLockHolder(host.info.home);
    const who = holder === null ? "another Longhaul" : `${holder.program}, process ${holder.pid}`;
    const line = isSilent
      ? `The one that runs the transfers (${who}) does not answer; it may be stopped, or under a debugger. Waiting until it answers or ends.`
      : `The transfers go on (${who}).`;
    host.log(isSilent ? "warn" : "info", line);
    say?.(line);
  }

  async #tellAll(): Promise<void> {
    try {
      const changed = await this.handlers["transfer.list"](null);
      const ids = new Set(changed.map(({ id }) => id));
      const removed = [...this.#told].filter((id) => !ids.has(id));
      this.#emit({ type: "transfers", changed, removed });
      this.#emit({ type: "items", ids: [...ids] });
      this.#emit({ type: "profiles", profiles: await this.handlers["profile.list"](null) });
      this.#emit({ type: "settings", settings: await this.handlers["settings.get"](null) });
    } catch (error) {
      if (!isAbort(error))
        this.#options.host.log("error", `the queue is not known: ${String(error)}`);
    }
  }

  #emit(event: HostEvent): void {
    if (event.type === "transfers") {
      for (const { id } of event.changed) this.#told.add(id);
      for (const id of event.removed) this.#told.delete(id);
    }
    for (const listener of this.#listeners) listener(event);
  }

  /** Says who it is that cannot be attached to. */
  #named(error: unknown): unknown {
    if (!(error instanceof LonghaulError) || error.code !== "locked") return error;
    const { home } = this.#options.host.info;
    const holder = readLockHolder(home);
    const details = { path: home };
    return error.withDetails(
      holder === null
        ? details
        : { ...details, holder: `${holder.program}, process ${holder.pid}` },
    );
  }
}
