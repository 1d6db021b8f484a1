import type { ModelFile, ModelVariant } from "#shared/library-models.ts";
import type { ModelName } from "./model-names.ts";
import { folderOf } from "./model-names.ts";

type Named = { readonly file: ModelFile; readonly name: ModelName };
type Weights = Extract<ModelName, { kind: "weights" }>;
type WeightSet = { readonly weights: Weights; readonly label: string; readonly files: ModelFile[] };

/** Quantizations and precisions as they stand at the end of names. */
const PRECISION =
  /(?:^|[-._])((?:UD-)?(?:I?Q[1-8](?:_[A-Z0-9]+){0,3}|TQ[12]_0|MXFP4(?:_MOE)?|BF16|FP?16|FP?32|FP8|INT[48]|UINT8|q4f16|bnb4))$/iu;

/**
 * The variants of one model: by format, and in it by quantization or precision. Without a
 * configuration that makes a folder one model, every file, or set of shards, is one of its own.
 */
export function splitVariants(prefix: string, named: readonly Named[]): readonly ModelVariant[] {
  const isOneModel = named.some(({ name }) => name.kind === "config" || name.kind === "pipeline");
  const sets = new Map<string, WeightSet>();
  for (const { file, name } of named) {
    if (name.kind !== "weights") continue;
    const label = isOneModel ? oneOf(name, file, prefix) : `${folderOf(file.key)}${name.stem}`;
    const set = sets.get(`${name.format} ${label}`);
    if (set) set.files.push(file);
    else sets.set(`${name.format} ${label}`, { weights: name, label, files: [file] });
  }
  const all = [...sets.values()];
  const tags = tagsOf(all, prefix, isOneModel);
  const configuration = configurationOf(named);
  const files = new Map(named.map(({ file }) => [file.key, file]));
  return all.map((set, at) => ({
    tag: all.length === 1 ? (precisionIn(set.weights.stem) ?? "") : (tags[at] ?? ""),
    format: set.weights.format,
    files: set.files,
    needsRest: set.weights.format !== "gguf",
    heads: [configuration, indexOf(set, files), set.files[0]].filter((file) => file !== undefined),
  }));
}

/** What sets of one model differ by: single files in GGUF and ONNX, precisions in the others. */
function oneOf({ format, stem }: Weights, { key }: ModelFile, prefix: string): string {
  if (format === "gguf" || format === "onnx") return stem;
  const below = folderOf(key).slice(prefix.length);
  const other = format === "pytorch" && below !== "" ? below : "";
  return `${other}${precisionIn(stem) ?? ""}`;
}

function precisionIn(stem: string): string | undefined {
  return PRECISION.exec(stem)?.[1]
    ?.toUpperCase()
    .replace(/^F(?=16|32)/u, "FP");
}

/** The precision where the names differ by nothing else, else what of the name is its own. */
function tagsOf(
  sets: readonly WeightSet[],
  prefix: string,
  isOneModel: boolean,
): readonly string[] {
  const bases = new Set(sets.map(({ weights }) => weights.stem.replace(PRECISION, "")));
  const isByPrecision = isOneModel || bases.size === 1;
  const tags = sets.map(({ weights: { format, stem }, files }) => {
    const precision = isByPrecision ? precisionIn(stem) : undefined;
    if (precision !== undefined) return precision;
    if (!isOneModel || format === "gguf" || format === "onnx") return stem;
    return format === "pytorch" ? folderOf(files[0]?.key ?? "").slice(prefix.length, -1) : "";
  });
  // Two of one name are told apart by their files.
  const nameOf = (at: number) => `${sets[at]?.weights.format} ${tags[at]}`;
  const counts = new Map<string, number>();
  for (const at of tags.keys()) counts.set(nameOf(at), (counts.get(nameOf(at)) ?? 0) + 1);
  return tags.map((tag, at) => {
    const isOnly = counts.get(nameOf(at)) === 1;
    return isOnly ? tag : (sets[at]?.weights.stem ?? tag);
  });
}

/** The one nearest to the model's top; of a pipeline, its index. */
function configurationOf(named: readonly Named[]): ModelFile | undefined {
  const found = named.filter(({ name }) => name.kind === "pipeline" || name.kind === "config");
  const rank = ({ file, name }: Named) =>
    file.key.split("/").length * 2 - (name.kind === "pipeline" ? 1 : 0);
  return found.toSorted((one, other) => rank(one) - rank(other))[0]?.file;
}

/** The index of these shards. */
function indexOf(
  { weights, files }: WeightSet,
  all: ReadonlyMap<string, ModelFile>,
): ModelFile | undefined {
  const folder = folderOf(files[0]?.key ?? "");
  return all.get(`${folder}${weights.stem}.safetensors.index.json`);
}
