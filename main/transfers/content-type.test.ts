import { expect, it } from "vitest";
import { contentTypeOf } from "./content-type.ts";

it.each([
  ["models/config.json", "application/json"],
  ["data/part-0.PARQUET", "application/vnd.apache.parquet"],
  ["disk.tar", "application/x-tar"],
  ["disk.tar.zst", "application/zstd"],
  ["model.safetensors", "application/octet-stream"],
  ["model.gguf", "application/octet-stream"],
  ["a.json/README", "application/octet-stream"],
  ["Makefile", "application/octet-stream"],
  [".json", "application/json"],
])("says that %s is %s", (key, type) => {
  expect(contentTypeOf(key)).toBe(type);
});
