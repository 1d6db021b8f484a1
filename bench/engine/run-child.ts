import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import type { EngineBench } from "./bench-engine.ts";

const CHILD = fileURLToPath(new URL("engine-child.ts", import.meta.url));
const LONGEST_MS = 15 * 60_000;

/** Runs a case of `engine-child.ts` in a home of its own, to its figures. */
export async function runChild<T>(
  name: string,
  bench: EngineBench,
  figures: z.ZodType<T>,
  connections = 16,
): Promise<T> {
  const home = join(bench.folder, `home-${name}`);
  await mkdir(home, { mode: 0o700, recursive: true });
  const { endpoint, accessKeyId, secretAccessKey } = bench.sandbox.address;
  const args = [CHILD, name, home, endpoint, bench.material.folder, `${connections}`];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
    signal: AbortSignal.timeout(LONGEST_MS),
    env: {
      PATH: process.env["PATH"],
      HOME: bench.folder,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
  });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`the engine of ${name} ended with ${code}`);
  return figures.parse(JSON.parse(text));
}
