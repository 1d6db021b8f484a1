import { spawn } from "node:child_process";
import { tmpdir } from "node:os";

export type Finished = {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
};

/** Above what a hundred MiB take on a slow machine. */
const DEADLINE_MS = 120_000;

/** Nothing of the person's own set-up: their proxies, certificates and profiles are not tested. */
const CLEAN_ENV = { PATH: process.env["PATH"] ?? "", HOME: tmpdir(), LANG: "C.UTF-8" };

/** Runs a program to its end; killed after two minutes. Resolves whatever its exit code. */
export function runProgram(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...CLEAN_ENV, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: DEADLINE_MS,
      killSignal: "SIGKILL",
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", reject);
    child.on("close", (code) =>
      resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }),
    );
  });
}

/**
 * The first of the programs that answers `args` with success. A version manager's shim that stands
 * for nothing does not count.
 */
export async function findProgram(
  candidates: readonly string[],
  args: readonly string[],
): Promise<string | undefined> {
  for (const candidate of candidates) {
    const finished = await runProgram(candidate, args).catch(() => undefined);
    if (finished?.code === 0) return candidate;
  }
  return undefined;
}
