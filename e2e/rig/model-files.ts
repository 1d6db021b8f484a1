import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Reader } from "./reader.ts";

/** A whole safetensors file of so many tensors, with 128 elements each unless told. */
export function safetensors(tensors: number, elements = 128): Buffer {
  const tensorBytes = 2 * elements;
  const dataBytes = tensors * tensorBytes;
  const entries = Array.from({ length: tensors }, (_, at) => [
    `model.layers.${at}.self_attn.q_proj.weight`,
    { dtype: "BF16", shape: [elements], data_offsets: [at * tensorBytes, (at + 1) * tensorBytes] },
  ]);
  const header = JSON.stringify(Object.fromEntries(entries));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, Buffer.from(header), Buffer.alloc(dataBytes, 7)]);
}

/** A whole GGUF file of Llama's kind, with one tensor of 4,096 elements. */
export function gguf(fileType: number): Buffer {
  const data = Buffer.alloc(4096, 9);
  const facts = [
    [text("general.architecture"), u32(8), text("llama")],
    [text("general.file_type"), u32(4), u32(fileType)],
    [text("llama.block_count"), u32(4), u32(24)],
  ].flat();
  const tensor = [text("token_embd.weight"), u32(1), u64(4096), u32(8), u64(0)];
  return Buffer.concat([Buffer.from("GGUF"), u32(3), u64(1), u64(3), ...facts, ...tensor, data]);
}

/** Puts files into the bucket, by key. */
export async function putFiles(
  reader: Reader,
  folder: string,
  files: Readonly<Record<string, Buffer | string>>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, "model-file");
  for (const [key, content] of Object.entries(files)) {
    await writeFile(path, content);
    await reader.putFile(key, path);
  }
}

function text(value: string): Buffer {
  return Buffer.concat([u64(value.length), Buffer.from(value)]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
