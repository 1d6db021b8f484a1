import type { CallHandlers } from "#shared/contract.ts";
import type { TransferView } from "#shared/transfer.ts";
import { FakeClock } from "#main/flow/fake-clock.ts";
import { chooseProfile } from "./choose-profile.ts";
import type { CommandContext } from "./context.ts";
import { FakeEngine } from "./fake-engine.ts";
import { FakeTerminal } from "./fake-terminal.ts";
import { makeView } from "./fake-views.ts";
import { runProgram } from "./program.ts";
import type { SessionOptions } from "./session.ts";

export type ProgramRig = {
  readonly terminal: FakeTerminal;
  readonly engine: FakeEngine;
  readonly sessions: SessionOptions[];
  readonly clock: FakeClock;
  readonly interrupt: () => void;
  /** Runs one command line, to its exit code. */
  run(...args: string[]): Promise<number>;
};

/** For tests: a command line in `folder` over an engine whose transfer passes through `views`, one an event. */
export function openProgram(
  folder: string,
  handlers: Partial<CallHandlers> = {},
  views: readonly TransferView[] = [],
): ProgramRig {
  const terminal = new FakeTerminal();
  const aborter = new AbortController();
  const sessions: SessionOptions[] = [];
  const clock = new FakeClock();
  const start = async () => {
    for (const view of views) {
      setImmediate(() => engine.emit({ type: "transfers", changed: [view], removed: [] }));
    }
    return { id: makeView().id, isContinued: false };
  };
  const engine = new FakeEngine({
    "transfer.upload": start,
    "transfer.download": start,
    "transfer.list": async () => [],
    "transfer.items": async () => ({ items: [], total: 0 }),
    ...handlers,
  });
  const openContext = (args: readonly string[]): CommandContext => ({
    terminal,
    args,
    clock,
    interrupts: { signal: aborter.signal, exitCode: () => (aborter.signal.aborted ? 130 : null) },
    workingFolder: folder,
    userFolder: folder,
    home: folder,
    pageFolder: folder,
    openEngine: async (options) => {
      sessions.push(options);
      return engine;
    },
    chooseProfile: async (flags) =>
      chooseProfile(flags, [], ["work"], { region: null, endpointUrl: null, addressing: "auto" }),
  });
  return {
    terminal,
    engine,
    sessions,
    clock,
    interrupt: () => aborter.abort(),
    run: (...args) => runProgram(args, async () => openContext(args), terminal),
  };
}
