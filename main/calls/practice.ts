import type { Profile } from "#shared/profile.ts";
import type { Store } from "../stores/store.ts";
import type { Wire } from "../wire/wire.ts";
import { createCipheriv, hash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ProfileId } from "#shared/profile.ts";
import { MiB } from "../bytes/sizes.ts";
import { findAt, statFile } from "../disk/stat-file.ts";

export const PRACTICE_BUCKET = "practice";
export const PRACTICE_ID = ProfileId.parse("practice");

/** The profile that is there at first start: an embedded store over a folder in the home. */
export function practiceProfile(home: string): Profile {
  return {
    id: PRACTICE_ID,
    name: "Practice bucket",
    preset: "practice",
    endpoint: { kind: "practice", folder: join(home, "practice") },
    region: "us-east-1",
    addressing: "path",
    bucket: PRACTICE_BUCKET,
    credentials: { kind: "anonymous" },
    partSizeBytes: null,
    connections: null,
  };
}

/** Whether it is the bucket that comes with samples. A profile that was given another address is not. */
export function isPracticeBucket({ id, endpoint }: Profile, bucket: string): boolean {
  return id === PRACTICE_ID && endpoint.kind === "practice" && bucket === PRACTICE_BUCKET;
}

/** Small artifacts of three kinds, so that both directions can be tried at once. */
const SAMPLES: readonly { readonly key: string; readonly bytes: () => Buffer }[] = [
  { key: "tiny-model.safetensors", bytes: () => tinyModel(24 * MiB) },
  { key: "tiny-model.config.json", bytes: () => Buffer.from(TINY_MODEL_CONFIG) },
  { key: "digits.csv", bytes: () => Buffer.from(digits(20_000)) },
];

const TINY_MODEL_CONFIG = `${JSON.stringify({ model_type: "tiny", hidden_size: 512, layers: 8 }, null, 2)}\n`;

type SampleTools = {
  readonly wire: Wire;
  readonly home: string;
  /** For files that are gone again at once. */
  readonly folder: string;
};

/** Puts the samples into the practice bucket, once in a home's life: who deletes them means it. */
export async function addSamplesOnce(
  store: Store,
  { wire, home, folder }: SampleTools,
  signal: AbortSignal,
): Promise<void> {
  const mark = join(home, "samples-added");
  if (await findAt(mark)) return;
  const made = await mkdtemp(join(folder, "samples-"));
  try {
    for (const { key, bytes } of SAMPLES) {
      const path = join(made, "sample");
      await writeFile(path, bytes(), { signal });
      await put(store, { key, path }, wire, signal);
    }
    await writeFile(mark, "");
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

async function put(
  store: Store,
  { key, path }: { readonly key: string; readonly path: string },
  wire: Wire,
  signal: AbortSignal,
): Promise<void> {
  const { sizeBytes: size } = await statFile(path);
  const body = await wire.load({ source: { path, start: 0, end: size } }, signal);
  const meter = wire.openMeter();
  try {
    const { sizeBytes, sha256 } = body;
    const condition = { kind: "any" } as const;
    const operation = { kind: "put", key, sizeBytes, sha256, condition } as const;
    const { request } = await store.sign(operation, signal);
    store.readStored(operation, await wire.send({ body, request, meter }, signal));
  } finally {
    wire.release(body);
    meter.free();
    await wire.closeFile(path);
  }
}

/** Bytes that look random and are the same on every machine: the key stream of AES in counter mode. */
function noise(seed: string, sizeBytes: number): Buffer {
  const key = hash("sha256", seed, "buffer").subarray(0, 16);
  return createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(sizeBytes));
}

/** A file as other programs read it: a header that says which tensors follow, and noise for these. */
function tinyModel(sizeBytes: number): Buffer {
  const headBytes = 1024;
  const columns = 512;
  const rows = (sizeBytes - headBytes) / (2 * columns);
  const tensor = {
    dtype: "BF16",
    shape: [rows, columns],
    data_offsets: [0, sizeBytes - headBytes],
  };
  const header = JSON.stringify({ "model.weight": tensor }).padEnd(headBytes - 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const weights = noise("weights", sizeBytes - headBytes);
  return Buffer.concat([length, Buffer.from(header), weights]);
}

function digits(rows: number): string {
  const lines = Array.from(
    { length: rows },
    (_, n) => `${n},${(n * 7919) % 10},${n % 28},${(n * 31) % 28}`,
  );
  return ["index,digit,x,y", ...lines, ""].join("\n");
}
