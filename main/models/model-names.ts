import type { ModelFormat } from "#shared/library-models.ts";

/** What a file of a model is, by its name alone. */
export type ModelName =
  | {
      readonly kind: "weights";
      readonly format: ModelFormat;
      /** Without its ending and its place among shards: the same for all shards of one. */
      readonly stem: string;
    }
  /** Says that a folder is a model: its configuration. */
  | { readonly kind: "config" }
  /** Says that a folder and all below it are one model in several parts. */
  | { readonly kind: "pipeline" }
  /** Names the tensors of all shards. */
  | { readonly kind: "index" }
  | { readonly kind: "rest" };

/** Weights by their ending. */
const FORMATS: Readonly<Record<string, ModelFormat>> = {
  safetensors: "safetensors",
  gguf: "gguf",
  onnx: "onnx",
  ckpt: "pytorch",
  pt: "pytorch",
  pth: "pytorch",
};

/** `.bin` can be anything; these are what PyTorch's own programs call weights. */
const PYTORCH_BIN = /^(?:(?:diffusion_)?pytorch_model|adapter_model|model|consolidated)[-._\d]/u;

/** What training leaves beside weights, in the same formats. */
const NO_WEIGHTS = /^(?:optimizer|scheduler|scaler|rng_state|training_args|tokenizer)/iu;

/** `-00001-of-00030`, and Meta's `.00`. */
const SHARD = /(?:-\d{3,6}-of-\d{3,6}|(?<=^consolidated)\.\d{2,3})$/u;

/** @param name The last part of a key. */
export function nameOfModelFile(name: string): ModelName {
  if (name === "config.json") return { kind: "config" };
  if (name === "model_index.json") return { kind: "pipeline" };
  if (name.endsWith(".safetensors.index.json")) return { kind: "index" };
  const dot = name.lastIndexOf(".");
  const format = dot <= 0 ? undefined : formatOf(name, name.slice(dot + 1).toLowerCase());
  if (format === undefined || NO_WEIGHTS.test(name)) return { kind: "rest" };
  return { kind: "weights", format, stem: name.slice(0, dot).replace(SHARD, "") };
}

function formatOf(name: string, ending: string): ModelFormat | undefined {
  if (ending === "bin") return PYTORCH_BIN.test(name) ? "pytorch" : undefined;
  return Object.hasOwn(FORMATS, ending) ? FORMATS[ending] : undefined;
}

/** How many shards there are to a file's set; 1 for a file by itself. */
export function shardCountOf(name: string): number {
  return Number(/-\d{3,6}-of-(\d{3,6})\.[^.]+$/u.exec(name)?.[1] ?? 1);
}

/** The last part of a key. */
export function lastNameOf(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1);
}

/** The prefix that a key lies directly in: empty, or ending in `/`. */
export function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf("/") + 1);
}
