import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
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
  readonly stop: () => Promise<void>;
};

export async function startStore(folder: string, bucket: string): Promise<Store> {
  const keysFile = join(folder, "keys.json");
  const log = join(folder, "requests.log");
  const place = ["--dir", join(folder, "store"), "--keys", keysFile, "--bucket", bucket];
  const { endpoint, stop } = await openStore([...place, "--log", log]);
  return { endpoint, keys: await readKeys(keysFile), requests: () => readLog(log), stop };
}

/** Starts the program that serves a store's folder, on any free port. */
export async function openStore(
  args: readonly string[],
): Promise<Pick<Store, "endpoint" | "stop">> {
  const program = await startProgram("sandbox", ["--port", "0", "--one-process", ...args]);
  const { endpoint } = Ready.parse(JSON.parse(program.firstLine));
  return { endpoint, stop: () => endProgram(program, "SIGTERM") };
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
