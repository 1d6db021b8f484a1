import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ModelEntry } from "#shared/library-models.ts";
import { groupModels } from "./group-models.ts";
import { aFile } from "./model-fixtures.ts";

const group = (keys: readonly string[], top = "") =>
  groupModels(
    keys.map((key) => aFile(key)),
    top,
  );

/** Each model with its variants, `format tag: files`, and how many files it has beside them. */
const shown = (keys: readonly string[], top = "") =>
  group(keys, top).map(({ prefix, variants, rest }) => [
    prefix,
    variants.map(({ format, tag, files }) => `${format} ${tag}: ${files.length}`),
    rest.length,
  ]);

describe("folders with weights", () => {
  it("are models, with all that lies in them; others are not", () => {
    expect(
      shown([
        "data/a.parquet",
        "data/config.json",
        "llama/config.json",
        "llama/model-00001-of-00002.safetensors",
        "llama/model-00002-of-00002.safetensors",
        "llama/model.safetensors.index.json",
        "llama/tokenizer.json",
        "readme.md",
      ]),
    ).toEqual([["llama/", ["safetensors : 2"], 3]]);
  });

  it("have one variant for each quantization, and for each format", () => {
    expect(
      shown([
        "m/Qwen-BF16.gguf",
        "m/Qwen-Q4_K_M.gguf",
        "m/Qwen-Q8_0-00001-of-00002.gguf",
        "m/Qwen-Q8_0-00002-of-00002.gguf",
        "m/config.json",
        "m/model.safetensors",
      ]),
    ).toEqual([["m/", ["gguf BF16: 1", "gguf Q4_K_M: 1", "gguf Q8_0: 2", "safetensors : 1"], 1]]);
  });

  it("without a configuration hold a model in each file, by its name", () => {
    expect(shown(["ckpt/step-1000.pt", "ckpt/step-2000.pt", "ckpt/optimizer.pt"])).toEqual([
      ["ckpt/", ["pytorch step-1000: 1", "pytorch step-2000: 1"], 1],
    ]);
    expect(shown(["g/llama-Q4_0.gguf", "g/qwen-Q4_0.gguf"])).toEqual([
      ["g/", ["gguf llama-Q4_0: 1", "gguf qwen-Q4_0: 1"], 0],
    ]);
  });

  it("may be the bucket itself", () => {
    expect(shown(["digits.csv", "tiny.safetensors"])).toEqual([["", ["safetensors : 1"], 1]]);
  });
});

describe("folders below a model", () => {
  it("belong to it where it has the configuration", () => {
    expect(
      shown([
        "llama/config.json",
        "llama/model.safetensors",
        "llama/original/consolidated.00.pth",
        "llama/original/consolidated.01.pth",
        "llama/original/params.json",
      ]),
    ).toEqual([["llama/", ["safetensors : 1", "pytorch original: 2"], 2]]);
    expect(
      shown(["bge/config.json", "bge/onnx/model.onnx", "bge/onnx/model_quantized.onnx"]),
    ).toEqual([["bge/", ["onnx model: 1", "onnx model_quantized: 1"], 1]]);
  });

  it("are parts of one pipeline where its index says so", () => {
    expect(
      shown([
        "sdxl/model_index.json",
        "sdxl/text_encoder/config.json",
        "sdxl/text_encoder/model.fp16.safetensors",
        "sdxl/text_encoder/model.safetensors",
        "sdxl/unet/config.json",
        "sdxl/unet/diffusion_pytorch_model.fp16.safetensors",
        "sdxl/unet/diffusion_pytorch_model.safetensors",
      ]),
    ).toEqual([["sdxl/", ["safetensors FP16: 2", "safetensors : 2"], 3]]);
  });

  it("are models of their own in a bucket with a stray configuration", () => {
    expect(
      shown(["a/model.onnx", "b/model.onnx", "config.json"]).map(([prefix]) => prefix),
    ).toEqual(["a/", "b/"]);
  });

  it("stay below the prefix that is looked at", () => {
    expect(shown(["m/onnx/model.onnx"], "m/onnx/")).toEqual([["m/onnx/", ["onnx : 1"], 0]]);
  });
});

describe("a model is whole", () => {
  const wholes = (keys: readonly string[]) =>
    group(keys).map(({ prefix, isWhole, rest }) => [prefix, isWhole, rest.length]);

  it("where nothing else lies below it", () => {
    expect(wholes(["m/config.json", "m/doc/a.md", "m/model.safetensors", "n/a.gguf"])).toEqual([
      ["m/", true, 2],
      ["n/", true, 0],
    ]);
  });

  it("but not with other models or with data in its folders", () => {
    expect(wholes(["m/a.gguf", "m/data/x.csv", "m/notes.txt"])).toEqual([["m/", false, 1]]);
    const nested = ["m/a/config.json", "m/a/x.pt", "m/config.json", "m/model.safetensors"];
    expect(wholes(nested)).toEqual([
      ["m/a/", true, 1],
      ["m/", false, 1],
    ]);
  });
});

describe("what is read of a variant", () => {
  it("is its configuration, its index and its first shard", () => {
    const [model] = group([
      "m/config.json",
      "m/model-00001-of-00002.safetensors",
      "m/model-00002-of-00002.safetensors",
      "m/model.safetensors.index.json",
    ]);
    expect(model?.variants[0]?.heads.map(({ key }) => key)).toEqual([
      "m/config.json",
      "m/model.safetensors.index.json",
      "m/model-00001-of-00002.safetensors",
    ]);
  });
});

it("shows at most so many files of one model, and says that there are more", () => {
  const [model] = group(Array.from({ length: 4001 }, (_, at) => `m/expert-${at}.safetensors`));
  expect(model?.isCut).toBe(true);
  expect(model?.variants).toHaveLength(4000);
});

it("gives every weight to exactly one variant of one model, whatever the keys", () => {
  const part = fc.constantFrom("a", "b", "onnx", "unet", "..", "", "constructor");
  const file = fc.constantFrom(
    "model.safetensors",
    "m-Q4_0.gguf",
    "config.json",
    "model_index.json",
    "x.pt",
    "x.onnx",
    "a.txt",
    "__proto__",
    "pytorch_model.bin",
  );
  const key = fc
    .tuple(fc.array(part, { maxLength: 4 }), file)
    .map(([folders, name]) => [...folders, name].join("/"));
  fc.assert(
    fc.property(fc.uniqueArray(key, { maxLength: 40 }), (keys) => {
      const models = group(keys);
      for (const model of models) ModelEntry.parse(model);
      const weights = models.flatMap(({ variants }) => variants.flatMap(({ files }) => files));
      const wanted = keys.filter((one) => /\.(?:safetensors|gguf|pt|onnx|bin)$/u.test(one));
      expect(weights.map((one) => one.key).toSorted()).toEqual(wanted.toSorted());
      expect(new Set(models.map(({ prefix }) => prefix)).size).toBe(models.length);
    }),
    { numRuns: 500 },
  );
});
