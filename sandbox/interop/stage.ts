import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";

import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";

import type { Keys } from "../auth/authenticate.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const Ready = z.object({ endpoint: z.string() });
const KeysFile = z.object({ accessKeyId: z.string(), secretAccessKey: z.string() });

export const BUCKET = "interop";
/** Keys under `many/`: 2,400 in 24 folders and 100 beside them. */
const MANY_KEYS = 2500;
export const MANY_FOLDERS = 24;
const PER_FOLDER = 100;
const PARALLEL_PUTS = 16;

/** A sandbox with something in it, and files to send to it. */
export type Stage = {
  readonly endpoint: string;
  readonly keys: Keys;
  /** For files of a test's own. */
  readonly folder: string;
  /** 100,000 bytes and 100 MiB of noise. */
  readonly smallFile: string;
  readonly largeFile: string;
  readonly stop: () => Promise<void>;
};

export async function openStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "longhaul-interop-"));
  const store = join(folder, "store");
  const child = spawn(
    process.execPath,
    [MAIN, "--dir", store, "--bucket", BUCKET, "--exit-with-parent"],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.kill("SIGTERM")) await once(child, "exit");
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [line] = await once(createInterface({ input: child.stdout }), "line");
    const { endpoint } = Ready.parse(JSON.parse(String(line)));
    const keys = KeysFile.parse(JSON.parse(await readFile(join(store, "keys.json"), "utf8")));
    const files = join(folder, "files");
    await mkdir(files);
    const smallFile = await writeNoise(join(files, "small.bin"), 100_000);
    const largeFile = await writeNoise(join(files, "large.bin"), 100 * 1024 ** 2);
    await putMany(endpoint, keys);
    return { endpoint, keys, folder: files, smallFile, largeFile, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function writeNoise(path: string, sizeBytes: number): Promise<string> {
  await writeFile(path, randomBytes(sizeBytes));
  return path;
}

export function manyKeys(): string[] {
  return Array.from({ length: MANY_KEYS }, (_, index) => {
    const name = `item ${String(index % PER_FOLDER).padStart(3, "0")}+ü.txt`;
    const folder = Math.floor(index / PER_FOLDER);
    return folder < MANY_FOLDERS ? `many/folder-${folder}/${name}` : `many/${name}`;
  });
}

async function putMany(endpoint: string, credentials: Keys): Promise<void> {
  const s3 = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials });
  const waiting = manyKeys();
  const lanes = Array.from({ length: PARALLEL_PUTS }, async () => {
    for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
      await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: key }));
    }
  });
  await Promise.all(lanes);
  s3.destroy();
}

/** Hex. */
export async function digestFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
