import type { ModelFacts, ModelFormat } from "#shared/library-models.ts";
import type { ConfigHead, IndexHead } from "./config-head.ts";
import { shortText } from "./config-head.ts";
import type { GgufHead } from "./gguf-head.ts";
import { ggufFileType } from "./gguf-head.ts";
import type { SafetensorsHead } from "./safetensors-head.ts";
import { ELEMENT_BITS } from "./safetensors-head.ts";

/** What the heads of one variant's files said, each as far as it was read. */
export type Heads = {
  readonly format: ModelFormat;
  readonly config: ConfigHead | null;
  readonly index: IndexHead | null;
  readonly safetensors: readonly SafetensorsHead[];
  readonly gguf: readonly GgufHead[];
  /** How many files hold the weights together. */
  readonly shardCount: number;
  readonly isAsNamed: boolean | null;
};

type Parameters = ModelFacts["parameters"];

/** One description out of all heads. A parameter count is exact only where all was counted or stated. */
export function combineFacts(heads: Heads): ModelFacts {
  const { gguf, isAsNamed } = heads;
  const stated = statedBy(gguf);
  const elements = allElements(heads.safetensors);
  const config = heads.config ?? NO_CONFIG;
  const architecture = stated.text("general.architecture");
  const ofArchitecture = (name: string) => stated.count(`${architecture ?? ""}.${name}`);
  return {
    parameters: gguf.length > 0 ? ggufParameters(heads) : tensorParameters(heads, elements),
    architecture: config.architecture ?? architecture,
    precision:
      ggufFileType(stated.fact("general.file_type")) ??
      precisionName(mostOf(elements) ?? config.dtype),
    layers: config.layers ?? ofArchitecture("block_count"),
    hiddenSize: config.hiddenSize ?? ofArchitecture("embedding_length"),
    vocabularySize: config.vocabularySize ?? ofArchitecture("vocab_size"),
    contextLength: config.contextLength ?? ofArchitecture("context_length"),
    tensorCount: tensorCount(heads),
    name: stated.text("general.name"),
    isAsNamed,
  };
}

const NO_CONFIG: ConfigHead = {
  architecture: null,
  dtype: null,
  layers: null,
  hiddenSize: null,
  vocabularySize: null,
  contextLength: null,
};

/** The metadata of the shard that has it: the first. */
function statedBy([first]: readonly GgufHead[]) {
  const fact = (name: string) => first?.facts.get(name);
  const count = (name: string) => {
    const value = fact(name);
    return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : null;
  };
  return { fact, count, text: (name: string) => shortText(fact(name)) };
}

function ggufParameters({ gguf, shardCount }: Heads): Parameters {
  const counts = gguf.map(({ elementCount }) => elementCount);
  if (counts.length === shardCount && counts.every((count) => count !== null)) {
    return exactly(counts.reduce((sum, count) => sum + count, 0));
  }
  const stated = statedBy(gguf);
  const count = stated.count("general.parameter_count");
  if (count !== null) return exactly(count);
  return sizeLabel(stated.text("general.size_label") ?? "");
}

const LABEL = /^(\d{1,4}(?:\.\d{1,3})?)([KMBT])$/u;
const LABEL_FACTORS: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, B: 1e9, T: 1e12 };

/** `8B`, `1.7B`: rounded by whoever wrote it. Of experts, `8x7B`, the sum is not the product. */
function sizeLabel(label: string): Parameters {
  const [, figure = "", unit = ""] = LABEL.exec(label) ?? [];
  const count = Math.round(Number(figure) * (LABEL_FACTORS[unit] ?? 0));
  return count > 0 ? { count, isExact: false } : null;
}

function allElements(heads: readonly SafetensorsHead[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { elements } of heads) {
    for (const [type, count] of elements) sums.set(type, (sums.get(type) ?? 0) + count);
  }
  return sums;
}

const FLOAT = /^B?F\d/u;
/** Beside weights there are small tables of whole numbers; where there are more, weights are packed in them. */
const MOST_INTEGERS = 0.02;

function tensorParameters(heads: Heads, elements: ReadonlyMap<string, number>): Parameters {
  const { safetensors, shardCount, index } = heads;
  const total = sumOf(elements, () => true);
  const floats = sumOf(elements, (type) => FLOAT.test(type));
  if (total === 0 || total - floats > total * MOST_INTEGERS) return null;
  const isAll = safetensors.length === shardCount && safetensors.every(({ isWhole }) => isWhole);
  if (isAll) return exactly(total);
  const stated = index?.totalParameters ?? null;
  if (stated !== null) return exactly(stated);
  const dataBytes = shardCount === 1 ? safetensors[0]?.dataBytes : index?.totalBytes;
  return byLength(dataBytes ?? 0, elements);
}

/** As many as fit, where all that was seen is of one type. */
function byLength(dataBytes: number, elements: ReadonlyMap<string, number>): Parameters {
  const [type, ...others] = elements.keys();
  const bits = type === undefined || others.length > 0 ? undefined : ELEMENT_BITS[type];
  const count = bits === undefined ? 0 : Math.round((dataBytes * 8) / bits);
  return count > 0 ? { count, isExact: false } : null;
}

function exactly(count: number): Parameters {
  return Number.isSafeInteger(count) && count > 0 ? { count, isExact: true } : null;
}

function sumOf(counts: ReadonlyMap<string, number>, matches: (type: string) => boolean): number {
  return [...counts].reduce((sum, [type, count]) => sum + (matches(type) ? count : 0), 0);
}

function mostOf(counts: ReadonlyMap<string, number>): string | null {
  const most = [...counts].toSorted(([, one], [, other]) => other - one)[0];
  return most?.[0] ?? null;
}

const DTYPES: Readonly<Record<string, string>> = {
  bfloat16: "BF16",
  float16: "FP16",
  float32: "FP32",
  float64: "FP64",
};

function precisionName(type: string | null): string | null {
  if (type === null) return null;
  const plain = type.replace(/^torch\./u, "");
  if (Object.hasOwn(DTYPES, plain)) return DTYPES[plain] ?? null;
  return /^F(?:16|32|64)$/u.test(plain) ? `FP${plain.slice(1)}` : plain;
}

function tensorCount({ safetensors, gguf, shardCount }: Heads): number | null {
  const heads = gguf.length > 0 ? gguf : safetensors;
  const isAll = heads.length === shardCount && heads.every(({ isWhole }) => isWhole);
  if (!isAll) return null;
  return heads.reduce((sum, head) => sum + head.tensorCount, 0);
}
