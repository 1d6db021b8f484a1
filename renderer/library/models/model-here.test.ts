import { expect, it } from "vitest";
import type { HereState } from "#shared/library-here.ts";
import type { ModelEntry } from "#shared/library-models.ts";
import { aModel, threeVariants } from "./model-fixtures.ts";
import {
  commonFolder,
  copyOf,
  countHere,
  hereOfModel,
  hereOfRow,
  modelsHere,
} from "./model-here.ts";
import { modelFiles } from "./model-words.ts";

const LLAMA = threeVariants("llama/");
const PHI = aModel("phi/");
const QWEN = aModel("qwen/");

/** What is known of these models' files, by the end of their keys; of the others that nothing is here. */
function known(
  models: readonly ModelEntry[],
  ends: Readonly<Record<string, HereState["state"]>> = {},
) {
  return new Map(
    models.flatMap(modelFiles).map(({ key, etag, sizeBytes }) => {
      const state = Object.entries(ends).find(([end]) => key.endsWith(end))?.[1] ?? "no";
      const doneBytes = state === "here" ? sizeBytes : 0;
      return [key, { etag, state: { state, doneBytes, path: null } }] as const;
    }),
  );
}

it("counts the variants that are of use, where not all of a model is here", () => {
  const one = known([LLAMA], { "Q4_K_M.gguf": "here" });
  expect(hereOfModel(LLAMA, one)).toEqual({ kind: "some", hereCount: 1, count: 3 });
  // The weights alone are of no use without what they share.
  const weights = known([LLAMA], { "model.safetensors": "here" });
  expect(hereOfModel(LLAMA, weights)).toMatchObject({ kind: "part" });
  const newer = known([LLAMA], { "Q4_K_M.gguf": "here", "Q8_0.gguf": "newer" });
  expect(hereOfModel(LLAMA, newer)).toMatchObject({ kind: "newer", newerBytes: 100 });
  expect(hereOfModel(LLAMA, known([LLAMA]))).toEqual({ kind: "no" });
});

it("says of a variant's row what is here of its own files", () => {
  const states = known([LLAMA], { "Q4_K_M.gguf": "here" });
  const rows = LLAMA.variants.map((variant) => ({ model: LLAMA, variant, isChild: true }));
  expect(rows.map((row) => hereOfRow(row, states).kind)).toEqual(["here", "no", "no"]);
});

it("shows and counts models by what is here of them", () => {
  const models = [LLAMA, PHI, QWEN];
  const states = known(models, {
    "Q4_K_M.gguf": "here",
    "phi/model.safetensors": "newer",
    "qwen/model.safetensors": "here",
    "qwen/config.json": "here",
  });
  expect(countHere(models, states)).toEqual({ all: 3, here: 1, part: 1, newer: 1 });
  const shown = (filter: Parameters<typeof modelsHere>[1]) =>
    modelsHere(models, filter, states).map(({ prefix }) => prefix);
  expect(shown("all")).toHaveLength(3);
  expect(shown("here")).toEqual(["qwen/"]);
  expect(shown("part")).toEqual(["llama/"]);
  expect(shown("newer")).toEqual(["phi/"]);
});

it("counts nothing before it is known of every model", () => {
  expect(countHere([LLAMA, PHI], known([LLAMA]))).toBeNull();
  expect(modelsHere([LLAMA, PHI], "here", known([LLAMA]))).toEqual([]);
});

it("adds up what is here of files, and of another version", () => {
  const states = known([PHI], { "config.json": "here", "model.safetensors": "newer" });
  const copy = copyOf(modelFiles(PHI), states);
  expect(copy).toMatchObject({
    count: 2,
    here: { count: 1 },
    newer: { count: 1, sizeBytes: 1000 },
  });
  expect(copyOf(modelFiles(PHI), known([QWEN]))).toBeNull();
});

it.each([
  [["/home/m/llama/a.bin", "/home/m/llama/b/c.bin"], "/", "/home/m/llama"],
  [["/home/m/llama/a.bin"], "/", "/home/m/llama"],
  [["/home/m/llama/a.bin", "/home/m/llama-2/a.bin"], "/", "/home/m"],
  [["/home/m/a.bin", "/data/a.bin"], "/", null],
  [["C:\\models\\a.bin", "C:\\models\\x\\b.bin"], "\\", "C:\\models"],
  [["C:\\models\\a.bin", "C:\\data\\b.bin"], "\\", null],
  [["D:\\x.gguf"], "\\", "D:\\"],
  [["/x.gguf"], "/", "/"],
  [["\\\\nas\\one\\a.bin", "\\\\nas\\two\\a.bin"], "\\", null],
  [["\\\\nas\\one\\x\\a.bin", "\\\\nas\\one\\x\\b\\a.bin"], "\\", "\\\\nas\\one\\x"],
  [[], "/", null],
])("finds the folder that %j are below", (paths, separator, folder) => {
  expect(commonFolder(paths, separator)).toBe(folder);
});
