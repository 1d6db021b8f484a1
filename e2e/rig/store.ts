import { readFile, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { FaultScriptInput } from "#shared/fault-script.ts";
import { endProgram, startProgram } from "./program.ts";

const Keys = z.object({ accessKeyId: z.string(), secretAccessKey: z.string() });
export type Keys = z.infer<typeof Keys>;

const Ready = z.object({ endpoint: z.string(), region: z.string() });

/** What the store writes down about one finished request, as far as a story counts it. */
const LoggedRequest = z.object({
  atMs: z.number(),
  op: z.string().optional(),
  bucket: z.string(),
  key: z.string(),
  partNumber: z.number().optional(),
  range: z.string().optional(),
  status: z.number(),
  bodyBytesIn: z.number(),
  bodyBytesOut: z.number(),
});
export type LoggedRequest = z.infer<typeof LoggedRequest>;

/** A second S3 store beside the practice bucket, with a log of its requests. */
export type Store = {
  readonly endpoint: string;
  readonly keys: Keys;
  /** All requests finished so far, oldest first. */
  readonly requests: () => Promise<LoggedRequest[]>;
  /** What it does wrong from now on, and nothing else any more. */
  readonly faults: (script: FaultScriptInput) => Promise<void>;
  /** Dies as a machine does that loses its power; what is answered starts it again where it was. */
  readonly die: () => Promise<() => Promise<void>>;
  readonly stop: () => Promise<void>;
};

export async function startStore(folder: string, bucket: string): Promise<Store> {
  const keysFile = join(folder, "keys.json");
  const log = join(folder, "requests.log");
  const place = ["--dir", join(folder, "store"), "--keys", keysFile, "--bucket", bucket];
  // Not in the folder, whose path may be too long for a socket.
  const socket = join(tmpdir(), `longhaul-faults-${process.pid}-${Date.now().toString(36)}`);
  const args = [...place, "--log", log, "--fault-socket", socket];
  let opened = await openStore(args);
  const { endpoint } = opened;
  return {
    endpoint,
    stop: () => opened.stop(),
    die: async () => {
      await opened.kill();
      await rm(socket, { force: true });
      return async () => {
        opened = await openStore(args, new URL(endpoint).port);
      };
    },
    keys: await readKeys(keysFile),
    requests: () => readLog(log),
    faults: (script) => putFaults(socket, script),
  };
}

async function putFaults(socketPath: string, script: FaultScriptInput): Promise<void> {
  await new Promise<void>((done, failed) => {
    const put = request({ socketPath, method: "PUT", agent: false }, (response) => {
      response.resume();
      if (response.statusCode === 200) done();
      else failed(new Error(`the script was refused with ${response.statusCode}`));
    });
    put.on("error", failed).end(JSON.stringify(script));
  });
}

/** Starts the program that serves a store's folder; on any free port, unless told. */
export async function openStore(args: readonly string[], port = "0") {
  const program = await startProgram("sandbox", ["--port", port, "--one-process", ...args]);
  const { endpoint } = Ready.parse(JSON.parse(program.firstLine));
  return {
    endpoint,
    stop: () => endProgram(program, "SIGTERM"),
    kill: () => endProgram(program, "SIGKILL"),
  };
}

export async function readKeys(path: string): Promise<Keys> {
  return Keys.parse(JSON.parse(await readFile(path, "utf8")));
}

async function readLog(path: string): Promise<LoggedRequest[]> {
  const text = await readFile(path, "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => LoggedRequest.parse(JSON.parse(line)));
}
