import { describe, expect, it } from "vitest";
import { combineFacts } from "./combine-facts.ts";
import type { Heads } from "./combine-facts.ts";
import { readConfigHead } from "./config-head.ts";
import { readGgufHead } from "./gguf-head.ts";
import { ggufOf, safetensorsOf } from "./model-fixtures.ts";
import type { GgufValue } from "./model-fixtures.ts";
import { readSafetensorsHead } from "./safetensors-head.ts";

const NOTHING: Heads = {
  format: "safetensors",
  config: null,
  index: null,
  safetensors: [],
  gguf: [],
  shardCount: 1,
  isAsNamed: null,
};

function tensors(all: Parameters<typeof safetensorsOf>[0], upTo?: number) {
  const { head, fileBytes } = safetensorsOf(all);
  const read = readSafetensorsHead(head.subarray(0, upTo), fileBytes);
  return read === null ? [] : [read];
}

function gguf(facts: Readonly<Record<string, GgufValue>>, upTo?: number) {
  const read = readGgufHead(ggufOf(facts, { w: [1000, 10] }).subarray(0, upTo));
  return read === null ? [] : [read];
}

const WEIGHT = { dtype: "BF16", shape: [1000, 100] };

describe("parameters of tensors", () => {
  it("are exact where all tensors were counted", () => {
    const safetensors = tensors({ a: WEIGHT, norm: { dtype: "F32", shape: [100] } });
    expect(combineFacts({ ...NOTHING, safetensors })).toMatchObject({
      parameters: { count: 100_100, isExact: true },
      precision: "BF16",
      tensorCount: 2,
    });
  });

  it("are by the length of the file where its header is cut, and said to be so", () => {
    const safetensors = tensors({ a: WEIGHT, b: WEIGHT, c: WEIGHT }, 140);
    expect(combineFacts({ ...NOTHING, safetensors })).toMatchObject({
      parameters: { count: 300_000, isExact: false },
      tensorCount: null,
    });
  });

  it("of many shards are what the index states, or by its length", () => {
    const heads = { ...NOTHING, safetensors: tensors({ a: WEIGHT }), shardCount: 4 };
    const sums = { totalBytes: 800_000, totalParameters: null };
    expect(combineFacts(heads).parameters).toBeNull();
    expect(combineFacts({ ...heads, index: sums }).parameters).toEqual({
      count: 400_000,
      isExact: false,
    });
    const stated = { ...sums, totalParameters: 400_123 };
    expect(combineFacts({ ...heads, index: stated }).parameters).toEqual({
      count: 400_123,
      isExact: true,
    });
  });

  it("are not guessed where types are mixed, nor counted where weights are packed", () => {
    const heads = { ...NOTHING, shardCount: 2, index: { totalBytes: 99, totalParameters: null } };
    const mixed = tensors({ a: WEIGHT, b: { dtype: "F32", shape: [9] } });
    expect(combineFacts({ ...heads, safetensors: mixed }).parameters).toBeNull();
    const packed = tensors({ qweight: { dtype: "I32", shape: [500] }, a: WEIGHT.shape && WEIGHT });
    const safetensors = tensors({ qweight: { dtype: "I32", shape: [90_000] }, a: WEIGHT });
    expect(combineFacts({ ...NOTHING, safetensors }).parameters).toBeNull();
    expect(combineFacts({ ...NOTHING, safetensors: packed }).parameters).not.toBeNull();
  });
});

describe("facts of GGUF", () => {
  const facts = {
    "general.architecture": { kind: "text", value: "llama" },
    "general.file_type": { kind: "u32", value: 15 },
    "general.size_label": { kind: "text", value: "1.7B" },
    "llama.block_count": { kind: "u32", value: 24 },
  } as const;

  it("are what its metadata says, with its tensors counted", () => {
    expect(combineFacts({ ...NOTHING, format: "gguf", gguf: gguf(facts) })).toMatchObject({
      parameters: { count: 10_000, isExact: true },
      architecture: "llama",
      precision: "Q4_K_M",
      layers: 24,
    });
  });

  it("have the size that its maker states before the tensors are seen", () => {
    const cut = gguf(facts, -40);
    expect(combineFacts({ ...NOTHING, format: "gguf", gguf: cut }).parameters).toEqual({
      count: 1_700_000_000,
      isExact: false,
    });
    const experts = { ...facts, "general.size_label": { kind: "text", value: "8x7B" } } as const;
    expect(combineFacts({ ...NOTHING, gguf: gguf(experts, -40) }).parameters).toBeNull();
    const stated = { ...facts, "general.parameter_count": { kind: "u64", value: 1_711 } } as const;
    expect(combineFacts({ ...NOTHING, gguf: gguf(stated, -40) }).parameters).toEqual({
      count: 1_711,
      isExact: true,
    });
  });
});

describe("a configuration", () => {
  const config = readConfigHead(
    Buffer.from('{"architectures":["BertModel"],"torch_dtype":"float16","vocab_size":9}'),
  );

  it("says what heads do not", () => {
    expect(combineFacts({ ...NOTHING, format: "pytorch", config })).toMatchObject({
      architecture: "BertModel",
      precision: "FP16",
      vocabularySize: 9,
      parameters: null,
    });
  });

  it("does not overrule the types that are in the file", () => {
    const safetensors = tensors({ a: { dtype: "F32", shape: [4] } });
    expect(combineFacts({ ...NOTHING, config, safetensors }).precision).toBe("FP32");
  });
});
