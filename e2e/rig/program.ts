import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const APP = fileURLToPath(new URL("../../out/app/", import.meta.url));

/** How long a program may take to say that it is ready, on a machine with much else to do. */
const READY_WITHIN_MS = 60_000;

/** A program of the built app, and what it said first on standard output. */
export type Program = {
  readonly firstLine: string;
  readonly child: ChildProcess;
  /** Everything on standard error so far. */
  readonly complaints: () => string;
};

/** Starts `out/app/<name>.js` and waits for its first line. */
export async function startProgram(
  name: "cli" | "sandbox",
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Program> {
  const child = spawn(process.execPath, [`${APP}${name}.js`, ...args], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => (complaints += chunk.toString()));
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, "exit").then(() => {
    throw new Error(`${name} ended before it was ready: ${complaints}`);
  });
  const line = once(lines, "line", { signal: AbortSignal.timeout(READY_WITHIN_MS) });
  ended.catch(() => undefined);
  const [firstLine] = await Promise.race([line, ended]);
  return { firstLine: String(firstLine), child, complaints: () => complaints };
}

/** Ends one program in the given way and waits until it is gone. */
export async function endProgram(program: Program, signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  const { child } = program;
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill(signal);
  await gone;
}

/** Runs a command of `longhaul` to its end. */
export async function runCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  input: string,
): Promise<void> {
  const child = spawn(process.execPath, [`${APP}cli.js`, ...args], {
    env: { ...process.env, ...environment },
    stdio: ["pipe", "ignore", "pipe"],
  });
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => (complaints += chunk.toString()));
  child.stdin.end(input);
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`longhaul ${args.join(" ")} ended with ${code}: ${complaints}`);
}
