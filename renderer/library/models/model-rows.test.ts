import { expect, it } from "vitest";
import { aModel, threeVariants } from "./model-fixtures.ts";
import { filterModels, rowId, rowsOf } from "./model-rows.ts";

const MODELS = [aModel("meta/phi-4/"), threeVariants("llama/")];

it("shows a model with one variant as one row, and opens one with several", () => {
  const closed = rowsOf(MODELS, new Set());
  expect(closed.map(({ variant, isChild }) => [variant?.format, isChild])).toEqual([
    ["safetensors", false],
    [undefined, false],
  ]);
  const opened = rowsOf(MODELS, new Set(["llama/", "meta/phi-4/"]));
  expect(opened.map(({ variant, isChild }) => [variant?.tag, isChild])).toEqual([
    ["", false],
    [undefined, false],
    ["Q4_K_M", true],
    ["Q8_0", true],
    ["", true],
  ]);
  expect(new Set(opened.map(rowId)).size).toBe(5);
});

it("finds models by their place, their variants and their files", () => {
  const found = (text: string) => filterModels(MODELS, text).map(({ prefix }) => prefix);
  expect(found("")).toHaveLength(2);
  expect(found("META")).toEqual(["meta/phi-4/"]);
  expect(found("q8_0")).toEqual(["llama/"]);
  expect(found(" config.json ")).toEqual(["meta/phi-4/", "llama/"]);
  expect(found("nothing")).toEqual([]);
});
