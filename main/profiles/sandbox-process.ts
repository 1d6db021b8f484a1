import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { LonghaulError } from "#shared/errors.ts";
import type { Credentials } from "./credentials.ts";

export type SandboxOptions = {
  /** Where the objects are; made where it is missing. */
  readonly dir: string;
  /** Of mode 0600; made with random keys where it is missing. Keys travel in it alone. */
  readonly keysFile: string;
  readonly buckets: readonly string[];
  /** One JSON line for each request; for tests that count. */
  readonly logFile?: string;
  /** A fixed port; any free one unless told. */
  readonly port?: number;
  /** One process in place of three: half the speed, a third of the memory. */
  readonly isOneProcess?: boolean;
  /** Where a test scripts faults; never given for a practice bucket. */
  readonly faultSocket?: string;
};

export type SandboxProcess = {
  /** Changes with every start: `http://127.0.0.1:40123`. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** Resolves when the process is gone, whether asked to or not. */
  readonly exited: Promise<void>;
  /** Safe to call twice. */
  stop(): Promise<void>;
};

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const ReadyLine = z.object({ endpoint: z.url(), region: z.string() });
const KeysFile = z.object({ accessKeyId: z.string(), secretAccessKey: z.string() });

/** It takes half a second, but on a machine that is busy with something else. */
const READY_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 5000;

/** What a child needs of our environment; the rest may hold secrets. */
const PASSED_VARIABLES = ["PATH", "HOME", "SystemRoot", "TEMP", "TMP", "TMPDIR", "LONGHAUL_HOME"];

/**
 * Starts the embedded S3 server as a process of its own, which ends when this one does.
 *
 * @throws {LonghaulError} `internal` when it does not get ready; AbortError.
 */
export async function startSandbox(
  options: SandboxOptions,
  signal: AbortSignal,
): Promise<SandboxProcess> {
  signal.throwIfAborted();
  const child: Child = spawn(process.execPath, [sandboxModule(), ...toArguments(options)], {
    stdio: ["pipe", "pipe", "pipe"],
    env: passedEnvironment(process.env),
    windowsHide: true,
    // Ctrl-C is for this process, which still needs the store to end its transfers well.
    detached: process.platform !== "win32",
  });
  const exited = whenGone(child);
  // Ended while its input was: nothing is lost.
  child.stdin.on("error", () => undefined);
  try {
    const ready = await readyLine(
      child,
      AbortSignal.any([signal, AbortSignal.timeout(READY_DEADLINE_MS)]),
    );
    const keys = KeysFile.parse(JSON.parse(await readFile(options.keysFile, "utf8")));
    return {
      ...ready,
      credentials: { ...keys, sessionToken: null, expiresAtMs: null },
      exited,
      stop: async () => stop(child, exited),
    };
  } catch (thrown) {
    await stop(child, exited);
    signal.throwIfAborted();
    throw new LonghaulError("internal", "the practice store did not start", { cause: thrown });
  }
}

/** `sandbox/main.ts` where the sources run, `sandbox.js` beside us in the bundle. */
function sandboxModule(): string {
  const isSource = import.meta.url.endsWith(".ts");
  return fileURLToPath(
    new URL(isSource ? "../../sandbox/main.ts" : "./sandbox.js", import.meta.url),
  );
}

function toArguments(options: SandboxOptions): string[] {
  return [
    `--dir=${options.dir}`,
    `--keys=${options.keysFile}`,
    `--port=${options.port ?? 0}`,
    ...options.buckets.map((name) => `--bucket=${name}`),
    ...(options.logFile === undefined ? [] : [`--log=${options.logFile}`]),
    ...(options.faultSocket === undefined ? [] : [`--fault-socket=${options.faultSocket}`]),
    ...(options.isOneProcess ? ["--one-process"] : []),
    "--exit-with-parent",
  ];
}

function passedEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    PASSED_VARIABLES.flatMap((name) =>
      environment[name] === undefined ? [] : [[name, environment[name]]],
    ),
  );
}

/** The first line; whatever else the process says is read, so that it never waits for a reader. */
async function readyLine(child: Child, signal: AbortSignal): Promise<z.infer<typeof ReadyLine>> {
  const complaints: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (complaints.length < 20) complaints.push(text);
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([
    once(lines, "line", { signal }),
    once(child, "exit").then(() => {
      throw new Error(`it ended: ${complaints.join("").slice(0, 2000)}`);
    }),
  ]);
  return ReadyLine.parse(JSON.parse(String(line)));
}

async function whenGone(child: Child): Promise<void> {
  // A program that cannot be started has an error and no exit.
  await Promise.race([once(child, "exit"), once(child, "error")]).catch(() => undefined);
}

async function stop(child: Child, exited: Promise<void>): Promise<void> {
  child.stdin.end();
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_DEADLINE_MS);
  await exited;
  clearTimeout(timer);
}
