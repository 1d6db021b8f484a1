import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

export type Command = {
  readonly program: string;
  readonly args: readonly string[];
  /** Added to the bench's own environment, which lends nothing of `AWS_…`. */
  readonly env: Readonly<Record<string, string>>;
};

/** What a command took, with all processes that it waited for. */
export type Taken = {
  readonly wallSeconds: number;
  /** User and system. */
  readonly cpuSeconds: number;
  /** The largest single process. */
  readonly peakBytes: number;
};

/** GNU time: wall seconds, user, system, peak KiB. */
const FORMAT = "%e %U %S %M";
const TIMER = "/usr/bin/time";
/** A client that hangs must not hold up the night. */
const LONGEST_RUN_MS = 30 * 60_000;

/** Runs a command to its end under GNU time. @throws {Error} when it fails, with its last words. */
export async function measure(command: Command, scratch: string): Promise<Taken> {
  const report = join(scratch, "time.txt");
  const args = ["-f", FORMAT, "-o", report, command.program, ...command.args];
  const child = spawn(TIMER, args, {
    env: { ...plainEnvironment(), ...command.env },
    stdio: ["ignore", "ignore", "pipe"],
    signal: AbortSignal.timeout(LONGEST_RUN_MS),
  });
  let words = "";
  child.stderr.on("data", (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-2000);
  });
  const [status] = await once(child, "exit");
  if (status !== 0) throw new Error(`${command.program} ended with ${status}: ${words}`);
  return parseTaken(await readFile(report, "utf8"));
}

/** Without the variables of this machine's AWS tools: all clients are told the same. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith("AWS_"));
  return Object.fromEntries(entries);
}

/** Reads what GNU time wrote in `FORMAT`, which is its last line. */
export function parseTaken(report: string): Taken {
  const line = report.trimEnd().split("\n").at(-1) ?? "";
  const figures = line.split(" ").map(Number);
  const [wall = Number.NaN, user = Number.NaN, system = Number.NaN, peakKib = Number.NaN] = figures;
  if (figures.length !== 4 || figures.some(Number.isNaN)) {
    throw new Error(`time wrote what nobody asked for: ${line}`);
  }
  return { wallSeconds: wall, cpuSeconds: user + system, peakBytes: peakKib * 1024 };
}
