import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Ticks } from "../ticks.ts";
import { addressOfRow, commandOfRow } from "./model-command.ts";
import { aModel, threeVariants } from "./model-fixtures.ts";
import { rowsOf } from "./model-rows.ts";
import { countTicked, tickedOfRow, tickRow } from "./model-ticks.ts";

const NONE: Ticks = new Map();
const MODEL = threeVariants("llama/");
const [own, q4, q8, full] = rowsOf([MODEL], new Set(["llama/"]));
if (!own || !q4 || !q8 || !full) throw new Error("rows are missing");
const keys = (ticks: Ticks) => [...ticks.keys()].toSorted();

describe("ticking", () => {
  it("a model is its prefix, and unticking leaves nothing", () => {
    const ticks = tickRow(own, true, NONE);
    expect(keys(ticks)).toEqual(["llama/"]);
    expect([own, q4, full].map((row) => tickedOfRow(row, ticks))).toEqual(["all", "all", "all"]);
    expect(keys(tickRow(own, false, ticks))).toEqual([]);
  });

  it("a quantization is its file; weights that need the rest come with it", () => {
    expect(keys(tickRow(q4, true, NONE))).toEqual(["llama/m-Q4_K_M.gguf"]);
    const ticks = tickRow(full, true, NONE);
    expect(keys(ticks)).toEqual(["llama/config.json", "llama/model.safetensors"]);
    expect([own, q4, full].map((row) => tickedOfRow(row, ticks))).toEqual(["some", "none", "all"]);
  });

  it("all variants is the model; one less is the files of the others", () => {
    const ticks = [q4, q8, full].reduce((now, row) => tickRow(row, true, now), NONE);
    expect(keys(ticks)).toEqual(["llama/"]);
    expect(keys(tickRow(full, false, ticks))).toEqual(["llama/m-Q4_K_M.gguf", "llama/m-Q8_0.gguf"]);
    expect(keys(tickRow(q4, false, ticks))).toEqual([
      "llama/config.json",
      "llama/m-Q8_0.gguf",
      "llama/model.safetensors",
    ]);
  });

  it("a model that shares its folder with others is its files, unless it has more than are shown", () => {
    const [mixed] = rowsOf([aModel("all/", { isWhole: false })], new Set());
    const [cut] = rowsOf([aModel("long/", { isWhole: false, isCut: true })], new Set());
    const [loose] = rowsOf([aModel("")], new Set());
    if (!mixed || !cut || !loose) throw new Error("rows are missing");
    expect(keys(tickRow(mixed, true, NONE))).toEqual(["all/config.json", "all/model.safetensors"]);
    expect(tickedOfRow(mixed, tickRow(mixed, true, NONE))).toBe("all");
    expect(keys(tickRow(cut, true, NONE))).toEqual(["long/"]);
    expect(keys(tickRow(loose, true, NONE))).toEqual(["config.json", "model.safetensors"]);
  });

  it("is counted as it is seen: a variant is one, a model another", () => {
    const other = aModel("other/");
    const [whole] = rowsOf([other], new Set());
    if (!whole) throw new Error("a row is missing");
    const ticks = [full, q4, whole].reduce((now, row) => tickRow(row, true, now), NONE);
    expect(ticks.size).toBe(4);
    expect(countTicked([MODEL, other], ticks)).toBe(3);
    expect(countTicked([], ticks)).toBe(4);
  });

  it("does what it says, whatever was ticked before", () => {
    const step = fc.tuple(fc.constantFrom(own, q4, q8, full), fc.boolean());
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let ticks = NONE;
        for (const [row, isTicked] of steps) {
          const others = [q4, q8, full].filter((one) => one !== row && row !== own);
          const before = others.map((one) => tickedOfRow(one, ticks));
          ticks = tickRow(row, isTicked, ticks);
          expect(tickedOfRow(row, ticks)).toBe(isTicked ? "all" : "none");
          expect(others.map((one) => tickedOfRow(one, ticks))).toEqual(before);
        }
      }),
    );
  });
});

describe("a row's command", () => {
  const where = { bucket: "b", profileName: "lab", folder: "/home/mira/My models", separator: "/" };

  it("gets what getting the row gets", () => {
    expect(commandOfRow(own, where)).toBe(
      "longhaul cp s3://b/llama/ '/home/mira/My models/llama/' --profile lab",
    );
    expect(commandOfRow(full, where)).toBe(
      "longhaul cp s3://b/llama/ '/home/mira/My models/llama/' --include /model.safetensors --include /config.json --profile lab",
    );
  });

  it("has the address of the folder, or of the only file", () => {
    expect(addressOfRow(own, "b")).toBe("s3://b/llama/");
    expect(addressOfRow(q4, "b")).toBe("s3://b/llama/m-Q4_K_M.gguf");
  });
});
