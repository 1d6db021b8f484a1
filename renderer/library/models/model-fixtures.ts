import type { ModelEntry, ModelFacts, ModelFile, ModelVariant } from "#shared/library-models.ts";

export function aModelFile(key: string, sizeBytes = 10, modifiedAtMs = 0): ModelFile {
  return { key, sizeBytes, modifiedAtMs, etag: `"${key}"` };
}

export function aVariant(prefix: string, given: Partial<ModelVariant> = {}): ModelVariant {
  const files = given.files ?? [aModelFile(`${prefix}model.safetensors`, 1000)];
  return {
    tag: "",
    format: "safetensors",
    files,
    needsRest: given.format !== "gguf",
    heads: files.slice(0, 1),
    ...given,
  };
}

export function aModel(prefix: string, given: Partial<ModelEntry> = {}): ModelEntry {
  return {
    prefix,
    variants: [aVariant(prefix)],
    rest: [aModelFile(`${prefix}config.json`)],
    isCut: false,
    isWhole: true,
    ...given,
  };
}

/** Two quantizations beside the weights as they were trained. */
export function threeVariants(prefix: string): ModelEntry {
  const gguf = (tag: string) =>
    aVariant(prefix, { tag, format: "gguf", files: [aModelFile(`${prefix}m-${tag}.gguf`, 100)] });
  return aModel(prefix, { variants: [gguf("Q4_K_M"), gguf("Q8_0"), aVariant(prefix)] });
}

export function someFacts(given: Partial<ModelFacts> = {}): ModelFacts {
  return {
    parameters: { count: 8_030_261_248, isExact: true },
    architecture: "LlamaForCausalLM",
    precision: "BF16",
    layers: 32,
    hiddenSize: 4096,
    vocabularySize: null,
    contextLength: 131_072,
    tensorCount: 291,
    name: null,
    isAsNamed: true,
    ...given,
  };
}
