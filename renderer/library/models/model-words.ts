import type { ModelEntry, ModelFacts, ModelFile, ModelFormat } from "#shared/library-models.ts";
import type { ModelVariant } from "#shared/library-models.ts";
import { formatCount } from "../../common/byte-figures.ts";
import { lastPart } from "../library-place.ts";

const FORMATS: Readonly<Record<ModelFormat, string>> = {
  safetensors: "safetensors",
  gguf: "GGUF",
  pytorch: "PyTorch",
  onnx: "ONNX",
};

export function formatName(format: ModelFormat): string {
  return FORMATS[format];
}

/** The folder's name; of weights that lie right in the bucket, the file's or the bucket's. */
export function modelName({ prefix, variants }: ModelEntry, bucket: string): string {
  if (prefix !== "") return lastPart(prefix);
  const [only, ...others] = variants;
  const file = only?.files[0];
  return file && others.length === 0 ? lastPart(file.key).replace(/\.[^.]+$/, "") : bucket;
}

/** The folders between the place on screen and the model: `meta/llama/`. */
export function modelWay({ prefix }: ModelEntry, place: string): string {
  const below = prefix.slice(place.length);
  return below.slice(0, Math.max(0, below.slice(0, -1).lastIndexOf("/") + 1));
}

const UNITS = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "K"],
] as const;

/** `32.8 B`, `141 B`, `568 M`: three digits that count. */
export function countWords(count: number): string {
  // A rounded 1000 is one of the next unit.
  const [size, unit] = UNITS.find(([least]) => count >= least * 0.9995) ?? [1, ""];
  const value = count / size;
  const decimals = unit === "" || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(decimals)}${unit === "" ? "" : ` ${unit}`}`;
}

/** `LlamaForCausalLM` is of the family Llama. */
export function familyWords(architecture: string): string {
  const family = architecture.replace(/(?:For[A-Z]\w*|LMHeadModel|Model|Pipeline)$/, "");
  return family === "" ? architecture : family;
}

/** `32.8 B, Qwen2`, as far as it is known. */
export function aboutWords(facts: ModelFacts | undefined): string {
  if (!facts) return "";
  const { parameters, architecture } = facts;
  return [
    ...(parameters ? [countWords(parameters.count)] : []),
    ...(architecture === null ? [] : [familyWords(architecture)]),
  ].join(", ");
}

/** What a variant is called: by its files' names, else by what is in them, else by its format. */
export function variantName({ tag, format }: ModelVariant, facts: ModelFacts | undefined): string {
  if (tag !== "") return tag;
  return facts?.precision ?? formatName(format);
}

/** `BF16, safetensors, 17 files`. */
export function soleVariantWords(
  variant: ModelVariant,
  facts: ModelFacts | undefined,
  fileCount: number,
): string {
  const precision = facts?.precision ?? variant.tag;
  const files = fileCount === 1 ? [] : [`${formatCount(fileCount)} files`];
  return [...(precision === "" ? [] : [precision]), formatName(variant.format), ...files].join(
    ", ",
  );
}

/** `safetensors, 24 files`; the variant's name says the rest. */
export function variantWords({ format, files }: ModelVariant): string {
  const count = files.length === 1 ? "" : `, ${formatCount(files.length)} files`;
  return `${formatName(format)}${count}`;
}

/** All files of a model, its weights first. */
export function modelFiles({ variants, rest }: ModelEntry): readonly ModelFile[] {
  return [...variants.flatMap(({ files }) => files), ...rest];
}

export function sizeOf(files: readonly ModelFile[]): number {
  return files.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
}

/** The newest file's. Wall clock, milliseconds. */
export function modifiedOf(files: readonly ModelFile[]): number {
  return files.reduce((latest, { modifiedAtMs }) => Math.max(latest, modifiedAtMs), 0);
}
