import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess, ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { S3Client } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { z } from "zod";
import type { SandboxProcess } from "#main/profiles/sandbox-process.ts";
import { startSandbox } from "#main/profiles/sandbox-process.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

/** Milliseconds. Other tests may have the machine. */
export const SLOW = 90_000;
export const WITHIN = { timeout: 30_000, interval: 20 };
export const MiB = 1024 * 1024;

const StoreRequest = z.object({
  op: z.string(),
  key: z.string(),
  partNumber: z.int().optional(),
  range: z.string().optional(),
  status: z.int(),
});
type StoreRequest = z.infer<typeof StoreRequest>;

type Ended = {
  /** Null for what a signal ended. */
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
};

export type Launched = {
  readonly child: ChildProcess;
  /** What it has said so far. */
  readonly said: { out: string; err: string };
  readonly ended: Promise<Ended>;
};

/** The command line as a person has it: real processes over one home and one sandbox store. */
export type ProcessRig = {
  readonly sandbox: SandboxProcess;
  /** The store as it is seen without the engine. */
  readonly s3: S3Client;
  /** Of this test: the working folder, which has the home in `home`. */
  readonly folder: string;
  /** All processes of this test. */
  readonly children: readonly ChildProcess[];
  /** With AWS variables and nothing set up. */
  readonly launch: (...args: string[]) => Launched;
  /**
   * As `launch`, started by another program. Below strace one thread does all file calls, so that
   * what is counted for each thread is what happened.
   */
  readonly launchUnder: (under: readonly string[], ...args: string[]) => Launched;
  /** Without a variable but those given, so that only what is lent or saved can sign. */
  readonly launchWith: (variables: NodeJS.ProcessEnv, ...args: string[]) => Launched;
  /** On a terminal, where a person types: `said.out` is the screen. Needs `script` of util-linux. */
  readonly launchOnTerminal: (...args: string[]) => Launched;
  /** To its end. */
  readonly run: (...args: string[]) => Promise<Ended>;
  /** All that the store was asked, by every test of the file and every process. */
  readonly requests: () => readonly StoreRequest[];
  /** What the store was asked about a key. */
  readonly requestsFor: (key: string) => readonly StoreRequest[];
  /** The parts that it took. */
  readonly partsOf: (key: string) => readonly StoreRequest[];
};

/** Whether system calls of a child process can be made to fail here: Linux, with strace. */
export function canTrace(): boolean {
  if (process.platform !== "linux") return false;
  return spawnSync("strace", ["-f", "-o", "/dev/null", "true"]).status === 0;
}

/** For tests: registers its own beginning and end with the file that calls it. */
export function useProcesses(name: string): ProcessRig {
  const at = useStore(name);
  let folder = "";
  const children: ChildProcess[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(at.base, "work-"));
  });
  afterEach(async () => {
    await Promise.all(children.splice(0).map(killed));
  });

  const start = (variables: NodeJS.ProcessEnv, program: string, args: readonly string[]) => {
    const child = spawn(program, args, {
      cwd: folder,
      stdio: ["pipe", "pipe", "pipe"],
      // The same sources are compiled a dozen times over otherwise.
      env: {
        ...environmentIn(folder),
        NODE_COMPILE_CACHE: join(at.base, "compiled"),
        ...variables,
      },
    });
    children.push(child);
    return listenTo(child);
  };
  const startUnread = (...given: Parameters<typeof start>) => {
    const launched = start(...given);
    launched.child.stdin?.end();
    return launched;
  };
  const launchWith: ProcessRig["launchWith"] = (variables, ...args) =>
    startUnread(variables, process.execPath, [MAIN, ...args]);
  const launch: ProcessRig["launch"] = (...args) => launchWith(keysOf(at.sandbox), ...args);
  const launchUnder: ProcessRig["launchUnder"] = (under, ...args) => {
    const [program = "", ...words] = [...under, process.execPath, MAIN, ...args];
    const threads = program === "strace" ? { UV_THREADPOOL_SIZE: "1" } : {};
    return startUnread({ ...keysOf(at.sandbox), ...threads }, program, words);
  };
  const requests = () => readRequests(join(at.base, "requests.jsonl"));
  const requestsFor = (key: string) => requests().filter((one) => one.key === key);
  return {
    get sandbox() {
      return at.sandbox;
    },
    get s3() {
      return at.s3;
    },
    get folder() {
      return folder;
    },
    children,
    launch,
    launchUnder,
    launchWith,
    launchOnTerminal: (...args) =>
      start(keysOf(at.sandbox), "script", onTerminal([process.execPath, MAIN, ...args])),
    run: async (...args) => await launch(...args).ended,
    requests,
    requestsFor,
    partsOf: (key) => requestsFor(key).filter(isTakenPart),
  };
}

/** One store for all tests of a file, in a folder that has everything else, too. */
function useStore(name: string) {
  let store: { base: string; sandbox: SandboxProcess; s3: S3Client } | undefined;
  const started = () => {
    if (store) return store;
    throw new Error("the store starts before the first test of the file");
  };
  beforeAll(async () => {
    const base = mkdtempSync(join(tmpdir(), `longhaul-${name}-`));
    const sandbox = await startStore(base);
    store = { base, sandbox, s3: clientOf(sandbox) };
  }, SLOW);
  afterAll(async () => {
    const { base, sandbox, s3 } = started();
    s3.destroy();
    await sandbox.stop();
    rmSync(base, { recursive: true, maxRetries: 3 });
  });
  return {
    get base() {
      return started().base;
    },
    get sandbox() {
      return started().sandbox;
    },
    get s3() {
      return started().s3;
    },
  };
}

function isTakenPart({ op, status }: StoreRequest): boolean {
  return op === "UploadPart" && status === 200;
}

/** What `script` is told, so that these words run on a terminal. */
function onTerminal(words: readonly string[]): string[] {
  return ["-qec", words.map((word) => `'${word}'`).join(" "), "/dev/null"];
}

async function startStore(base: string): Promise<SandboxProcess> {
  const options = {
    dir: join(base, "store"),
    keysFile: join(base, "keys.json"),
    buckets: ["lab"],
    logFile: join(base, "requests.jsonl"),
  };
  return await startSandbox(options, AbortSignal.timeout(60_000));
}

function clientOf({ endpoint, region, credentials }: SandboxProcess): S3Client {
  const { accessKeyId, secretAccessKey } = credentials;
  const keys = { accessKeyId, secretAccessKey };
  return new S3Client({ endpoint, region, credentials: keys, forcePathStyle: true });
}

function environmentIn(folder: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    HOME: folder,
    LONGHAUL_HOME: join(folder, "home"),
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

function keysOf({ credentials, endpoint }: SandboxProcess): NodeJS.ProcessEnv {
  return {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL: endpoint,
  };
}

function listenTo(child: ChildProcessWithoutNullStreams): Launched {
  const said = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.err += text));
  const ended = once(child, "close").then(() => ({ code: child.exitCode, ...said }));
  return { child, said, ended };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

function readRequests(path: string): readonly StoreRequest[] {
  const lines = readFileSync(path, "utf8").trim().split("\n");
  // The last line may be half written.
  return lines.flatMap((line) => parseRequest(line) ?? []);
}

function parseRequest(line: string): StoreRequest | undefined {
  try {
    return StoreRequest.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
