import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readConfigHead, readIndexHead } from "./config-head.ts";

const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value));

describe("a configuration", () => {
  it("says what model it is of", () => {
    const config = {
      architectures: ["LlamaForCausalLM"],
      torch_dtype: "bfloat16",
      num_hidden_layers: 80,
      hidden_size: 8192,
      vocab_size: 128_256,
      max_position_embeddings: 131_072,
    };
    expect(readConfigHead(bytesOf(config))).toEqual({
      architecture: "LlamaForCausalLM",
      dtype: "bfloat16",
      layers: 80,
      hiddenSize: 8192,
      vocabularySize: 128_256,
      contextLength: 131_072,
    });
  });

  it("may keep its text part apart, use older names, or be one of a pipeline", () => {
    const both = {
      model_type: "gemma3",
      text_config: { num_hidden_layers: 34, dtype: "bfloat16" },
    };
    expect(readConfigHead(bytesOf(both))).toMatchObject({
      architecture: "gemma3",
      layers: 34,
      dtype: "bfloat16",
    });
    expect(readConfigHead(bytesOf({ n_layer: 12, n_embd: 768, n_positions: 1024 }))).toMatchObject({
      layers: 12,
      hiddenSize: 768,
      contextLength: 1024,
    });
    expect(readConfigHead(bytesOf({ _class_name: "FluxPipeline" }))?.architecture).toBe(
      "FluxPipeline",
    );
  });

  it("that says nonsense says nothing", () => {
    const config = { architectures: [{}], hidden_size: -1, vocab_size: 1e300, num_layers: "12" };
    expect(readConfigHead(bytesOf({ ...config, torch_dtype: "x".repeat(201) }))).toEqual({
      architecture: null,
      dtype: null,
      layers: null,
      hiddenSize: null,
      vocabularySize: null,
      contextLength: null,
    });
    expect(readConfigHead(Buffer.from("<html>"))).toBeNull();
    expect(readConfigHead(bytesOf(["LlamaForCausalLM"]))).toBeNull();
  });
});

describe("a configuration from anywhere", () => {
  it("that is cut says what came before", () => {
    const text = JSON.stringify({
      model_type: "t5",
      d_model: 4096,
      id2label: { a: "b".repeat(99) },
    });
    const cut = Buffer.from(text.slice(0, -20));
    expect(readConfigHead(cut)).toMatchObject({ architecture: "t5", hiddenSize: 4096 });
  });

  it("never throws, whatever it is", () => {
    fc.assert(fc.property(fc.json(), (text) => void readConfigHead(Buffer.from(text))));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void readConfigHead(bytes)));
    expect(readConfigHead(Buffer.from("[".repeat(100_000)))).toBeNull();
  });
});

describe("an index of shards", () => {
  const index = {
    metadata: { total_size: 141_107_412_992, total_parameters: 70_553_706_496 },
    weight_map: Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`layer.${at}`, "x"])),
  };

  it("says its sums, also before its list is whole", () => {
    const sums = { totalBytes: 141_107_412_992, totalParameters: 70_553_706_496 };
    expect(readIndexHead(bytesOf(index))).toEqual(sums);
    expect(readIndexHead(bytesOf(index).subarray(0, 4096))).toEqual(sums);
  });

  it("without sums says nothing", () => {
    expect(readIndexHead(bytesOf({ weight_map: {} }))).toBeNull();
    expect(readIndexHead(bytesOf({ metadata: { total_size: "9" } }))?.totalBytes).toBeNull();
  });
});
