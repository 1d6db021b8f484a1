/** The command line: `longhaul …`. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { fileURLToPath } from "node:url";
import { resolveHome, thisProcess } from "#main/disk/home-folder.ts";
import { systemClock } from "#main/flow/clock.ts";
import { widenThreadPool } from "#main/flow/thread-pool.ts";
import type { CommandContext } from "./context.ts";
import { chooseFromHome, openHeadlessEngine } from "./host/headless-engine.ts";
import { watchInterrupts } from "./interrupts.ts";
import { rawArguments } from "./raw-arguments.ts";
import { runProgram } from "./program.ts";
import { outputsTaken, systemTerminal } from "./terminal.ts";
import { takeVerbose } from "./verbose.ts";

widenThreadPool();

// A file longer than the system allows ends this process unless somebody listens; then it is an error.
process.on("SIGXFSZ", () => undefined);

const terminal = systemTerminal();
const given = rawArguments(process.argv.slice(2), readCommandLine);
const { isVerbose, rest: args } = takeVerbose(given);

/** Only Linux tells it as bytes. */
function readCommandLine(): Buffer | null {
  try {
    return readFileSync("/proc/self/cmdline");
  } catch {
    return null;
  }
}

async function openContext(): Promise<CommandContext> {
  const home = resolveHome(thisProcess());
  const where = { home, userFolder: homedir(), clock: systemClock };
  const say = isVerbose ? (line: string) => terminal.err(line) : null;
  return {
    ...where,
    pageFolder: fileURLToPath(new URL("../renderer", import.meta.url)),
    terminal,
    args,
    interrupts: watchInterrupts(
      process,
      () => systemClock.nowMs(),
      (code) => process.exit(code),
    ),
    workingFolder: process.cwd(),
    openEngine: (options) =>
      openHeadlessEngine({ ...where, say, warn: (line) => terminal.err(line) }, options),
    chooseProfile: (flags) => chooseFromHome(home, flags),
  };
}

const exitCode = await runProgram(args, openContext, terminal);
await outputsTaken();
// Everything has closed by now. A process that ends by itself takes its heap apart first, which takes
// longer than a small transfer.
process.exit(exitCode);
