import type { Client } from "#shared/client.ts";
import { createClient } from "#shared/client.ts";
import type { Profile } from "#shared/profile.ts";
import { dispatch } from "#shared/dispatch.ts";
import type { SharedEngine } from "#main/attach/shared-engine.ts";
import type { Engine } from "#main/engine-host.ts";

/** What a command needs of the engine that it starts. */
export type SessionOptions = {
  /** The command, for whoever finds the home taken: `cp`. */
  readonly command: string;
  readonly runs: "all" | "own";
  /** Known to this session only, never kept. */
  readonly profiles: readonly Profile[];
  /** It leaves no profile and no recent place behind. */
  readonly isTransient: boolean;
  /** Most sockets to one endpoint; null is the default. */
  readonly connections: number | null;
  /** Milliseconds without a byte after which a command ends; null is the default of commands. */
  readonly giveUpAfterMs?: number | null;
  /** The folders that calls may touch; null is everything. */
  readonly roots: readonly string[] | null;
  /** A window or a `serve` that comes meanwhile gets the home, and this command attaches to it. */
  readonly canYield?: boolean;
};

/** Of a command that looks at the home or changes it, and moves nothing of its own. */
export function plainSession(command: SessionOptions["command"]): SessionOptions {
  return {
    command,
    runs: "own",
    profiles: [],
    isTransient: false,
    connections: null,
    roots: null,
  };
}

/** An engine running for one command. */
export type Session = {
  readonly client: Client;
  readonly engine: Engine;
  /** The engine is in another process, which goes on when this command ends. */
  readonly isAttached: () => boolean;
  /** It lives and does not answer. */
  readonly isSilent: () => boolean;
};

export type OpenEngine = (
  options: SessionOptions,
) => Promise<Engine & Partial<Pick<SharedEngine, "isAttached" | "isSilent" | "failed">>>;

/** Runs with an engine, which is closed whatever happens. @throws {LonghaulError} `locked` while another holds the home that cannot be attached to. */
export async function withSession<T>(
  openEngine: OpenEngine,
  options: SessionOptions,
  run: (session: Session) => Promise<T>,
): Promise<T> {
  const engine = await openEngine(options);
  try {
    const isAttached = () => engine.isAttached === true;
    const isSilent = () => engine.isSilent === true;
    const running = run({ client: clientOf(engine), engine, isAttached, isSilent });
    // What follows a transfer waits for events, and of an engine that is lost none come.
    return await Promise.race([running, ...(engine.failed ? [engine.failed] : [])]);
  } finally {
    await engine.close();
  }
}

/** The same dispatcher as for a page: a command line is a client like any other. */
function clientOf(engine: Engine): Client {
  return createClient({
    call: (name, input) => dispatch(engine.handlers, name, input),
    onEvent: (listener) => engine.onEvent(listener),
  });
}
