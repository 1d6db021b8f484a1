import { describe, expect, it } from "vitest";
import { folderOf, lastNameOf, nameOfModelFile, shardCountOf } from "./model-names.ts";

describe("a file of a model", () => {
  it.each([
    ["model.safetensors", "safetensors", "model"],
    ["model-00001-of-00030.safetensors", "safetensors", "model"],
    ["Llama-3.1-8B-Q4_K_M.gguf", "gguf", "Llama-3.1-8B-Q4_K_M"],
    ["Llama-Q8_0-00002-of-00003.gguf", "gguf", "Llama-Q8_0"],
    ["pytorch_model.bin", "pytorch", "pytorch_model"],
    ["pytorch_model-00001-of-00002.bin", "pytorch", "pytorch_model"],
    ["consolidated.00.pth", "pytorch", "consolidated"],
    ["epoch.3.ckpt", "pytorch", "epoch.3"],
    ["MODEL.ONNX", "onnx", "MODEL"],
  ])("%s is %s weights of %s", (name, format, stem) => {
    expect(nameOfModelFile(name)).toEqual({ kind: "weights", format, stem });
  });

  it.each([
    ["config.json", "config"],
    ["model_index.json", "pipeline"],
    ["model.safetensors.index.json", "index"],
    ["tokenizer.json", "rest"],
    ["optimizer.pt", "rest"],
    ["rng_state_0.pth", "rest"],
    ["training_args.bin", "rest"],
    ["firmware.bin", "rest"],
    [".safetensors", "rest"],
    ["model", "rest"],
    ["a.constructor", "rest"],
    ["", "rest"],
  ])("%s is %s", (name, kind) => {
    expect(nameOfModelFile(name)).toEqual({ kind });
  });
});

it("tells of how many shards there are", () => {
  expect(shardCountOf("model-00001-of-00030.safetensors")).toBe(30);
  expect(shardCountOf("model.safetensors")).toBe(1);
});

it("cuts keys at their last slash", () => {
  expect([folderOf("a/b/c"), lastNameOf("a/b/c")]).toEqual(["a/b/", "c"]);
  expect([folderOf("c"), lastNameOf("c")]).toEqual(["", "c"]);
});
