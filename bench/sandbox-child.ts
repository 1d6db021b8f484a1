import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { z } from "zod";

const MAIN = fileURLToPath(new URL("../sandbox/main.ts", import.meta.url));
const Ready = z.object({ endpoint: z.url(), region: z.string() });
const Keys = z.object({ accessKeyId: z.string(), secretAccessKey: z.string() });

/** Where a sandbox listens and the keys that it takes. */
export const SandboxAddress = z.object({ ...Ready.shape, ...Keys.shape });
export type SandboxAddress = z.infer<typeof SandboxAddress>;
export type RunningSandbox = {
  readonly address: SandboxAddress;
  /** One line of JSON for each request (`sandbox/http/request-log.ts`). */
  readonly logPath: string;
  /** Stops it and removes its folder. */
  readonly stop: () => Promise<void>;
};

/** Starts a sandbox of its own, with an empty bucket, in a temporary folder. */
export async function startSandbox(bucket: string): Promise<RunningSandbox> {
  const folder = await mkdtemp(join(tmpdir(), "longhaul-bench-"));
  const logPath = join(folder, "requests.jsonl");
  const child = spawn(
    process.execPath,
    [MAIN, "--dir", folder, "--bucket", bucket, "--log", logPath, "--exit-with-parent"],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const ready = Ready.parse(JSON.parse(await firstLine(child)));
  const keys = Keys.parse(JSON.parse(await readFile(join(folder, "keys.json"), "utf8")));
  return {
    address: { ...ready, ...keys },
    logPath,
    stop: async () => {
      child.kill("SIGTERM");
      await once(child, "exit");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("The sandbox has no standard output.");
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error("The sandbox ended before it was ready.");
}
