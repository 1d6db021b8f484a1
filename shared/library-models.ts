import { z } from "zod";
import { ErrorInfo } from "./errors.ts";
import { ProfileId } from "./profile.ts";

export const ModelFormat = z.enum(["safetensors", "gguf", "pytorch", "onnx"]);
export type ModelFormat = z.infer<typeof ModelFormat>;

/** An object, as a listing says it. */
export const ModelFile = z.strictObject({
  key: z.string(),
  sizeBytes: z.int().nonnegative(),
  /** Wall clock, milliseconds. */
  modifiedAtMs: z.number(),
  etag: z.string(),
});
export type ModelFile = z.infer<typeof ModelFile>;

/** Weights that are used without the others of the same model: one quantization, one precision. */
export const ModelVariant = z.strictObject({
  /** `Q4_K_M`, `FP16`, or the files' common name; empty where there is but this one. */
  tag: z.string(),
  format: ModelFormat,
  /** Its weights, by key. */
  files: z.array(ModelFile),
  /** It is of no use without the model's other files. */
  needsRest: z.boolean(),
  /** What the model's `config.json`, the shards' index and the first shard are: their heads say the rest. */
  heads: z.array(ModelFile).max(3),
});
export type ModelVariant = z.infer<typeof ModelVariant>;

/** A folder with weights in it, and what belongs to them. */
export const ModelEntry = z.strictObject({
  /** Empty, or ending in `/`. Names the model in its bucket. */
  prefix: z.string(),
  variants: z.array(ModelVariant).min(1),
  /** What lies beside the weights: configuration, tokenizer, readme. */
  rest: z.array(ModelFile),
  /** There are more files of it than are shown. */
  isCut: z.boolean(),
  /** Nothing lies below the prefix that is not of this model. */
  isWhole: z.boolean(),
});
export type ModelEntry = z.infer<typeof ModelEntry>;

/** Most files that one model is shown with. */
export const MOST_MODEL_FILES = 4000;

export const ModelPage = z.strictObject({
  models: z.array(ModelEntry),
  /** Objects that were looked at for this page. */
  objectCount: z.int().nonnegative(),
  /** Hand it back to look further; null when everything was looked at. */
  cursor: z.string().nullable(),
});
export type ModelPage = z.infer<typeof ModelPage>;

export const ModelsQuery = z.strictObject({
  profileId: ProfileId,
  bucket: z.string().min(1),
  prefix: z.string(),
  cursor: z.string().max(2_000_000).nullable(),
});
export type ModelsQuery = z.infer<typeof ModelsQuery>;

/** What the heads of a variant's files say; null where they do not. */
export const ModelFacts = z.strictObject({
  /** `isExact`: counted over all tensors, or stated by who made the file. */
  parameters: z.strictObject({ count: z.number().positive(), isExact: z.boolean() }).nullable(),
  /** `LlamaForCausalLM`, `llama`. */
  architecture: z.string().nullable(),
  /** `BF16`, `Q4_K_M`: of most of the weights. */
  precision: z.string().nullable(),
  layers: z.number().nullable(),
  hiddenSize: z.number().nullable(),
  vocabularySize: z.number().nullable(),
  /** Tokens. */
  contextLength: z.number().nullable(),
  tensorCount: z.number().nullable(),
  /** As its maker wrote it. */
  name: z.string().nullable(),
  /** The weights' first bytes are what the name promises; null where they were not read. */
  isAsNamed: z.boolean().nullable(),
});
export type ModelFacts = z.infer<typeof ModelFacts>;

export const DescribeQuery = z.strictObject({
  profileId: ProfileId,
  bucket: z.string().min(1),
  /** The files whose heads are to be read, one list for each variant. */
  variants: z
    .array(z.strictObject({ format: ModelFormat, heads: z.array(ModelFile).max(256) }))
    .min(1)
    .max(32),
  /** Up to 16 MiB of each variant's heads, in place of 64 KiB: for the one whose detail is open. */
  isDeep: z.boolean().default(false),
});
export type DescribeQuery = z.infer<typeof DescribeQuery>;

/** In the order of the question. */
export const Described = z.array(
  z.strictObject({
    facts: ModelFacts,
    /** Why a head could not be read; null when all could. */
    error: ErrorInfo.nullable(),
  }),
);
export type Described = z.infer<typeof Described>;
