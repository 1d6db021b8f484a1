import { isObject, parseJsonHead } from "./json-head.ts";

/** What a configuration says; null where it says nothing of it. */
export type ConfigHead = {
  readonly architecture: string | null;
  /** As PyTorch calls it: `bfloat16`. */
  readonly dtype: string | null;
  readonly layers: number | null;
  readonly hiddenSize: number | null;
  readonly vocabularySize: number | null;
  readonly contextLength: number | null;
};

/** What an index of shards says of all of them. */
export type IndexHead = {
  readonly totalBytes: number | null;
  readonly totalParameters: number | null;
};

type Members = Readonly<Record<string, unknown>>;

/** Of `config.json` or `model_index.json`, as far as it is there. Null where it is no JSON object. */
export function readConfigHead(bytes: Uint8Array): ConfigHead | null {
  const config = parseJsonHead(new TextDecoder().decode(bytes));
  if (config === null) return null;
  // Models that also see or hear keep what they read and write apart.
  const inner = config["text_config"];
  const all = isObject(inner) ? [config, inner] : [config];
  const { architectures } = config;
  const named: unknown = Array.isArray(architectures) ? architectures[0] : config["_class_name"];
  return {
    architecture: shortText(named) ?? textOf(all, ["model_type"]),
    dtype: textOf(all, ["torch_dtype", "dtype"]),
    layers: countOf(all, ["num_hidden_layers", "n_layer", "n_layers", "num_layers"]),
    hiddenSize: countOf(all, ["hidden_size", "d_model", "n_embd", "dim"]),
    vocabularySize: countOf(all, ["vocab_size"]),
    contextLength: countOf(all, ["max_position_embeddings", "n_positions", "n_ctx"]),
  };
}

/** Of `model.safetensors.index.json`, whose figures come before its long list. */
export function readIndexHead(bytes: Uint8Array): IndexHead | null {
  const index = parseJsonHead(new TextDecoder().decode(bytes));
  const metadata = index?.["metadata"];
  if (!isObject(metadata)) return null;
  return {
    totalBytes: countOf([metadata], ["total_size"]),
    totalParameters: countOf([metadata], ["total_parameters"]),
  };
}

function countOf(all: readonly Members[], names: readonly string[]): number | null {
  return first(all, names, (value) =>
    typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : null,
  );
}

function textOf(all: readonly Members[], names: readonly string[]): string | null {
  return first(all, names, shortText);
}

function first<T>(
  all: readonly Members[],
  names: readonly string[],
  read: (value: unknown) => T | null,
): T | null {
  for (const members of all) {
    for (const name of names) {
      const found = Object.hasOwn(members, name) ? read(members[name]) : null;
      if (found !== null) return found;
    }
  }
  return null;
}

/** Longer than this is no name. */
const LONGEST_TEXT = 200;

export function shortText(value: unknown): string | null {
  return typeof value === "string" && value !== "" && value.length <= LONGEST_TEXT ? value : null;
}
