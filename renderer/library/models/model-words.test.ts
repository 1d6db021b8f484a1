import { describe, expect, it } from "vitest";
import { PLAIN } from "../../fixture/plain-formats.ts";
import { factLines } from "./fact-lines.ts";
import { aModel, aModelFile, aVariant, someFacts, threeVariants } from "./model-fixtures.ts";
import { modelSentence } from "./model-sentence.ts";
import { aboutWords, countWords, familyWords, modelName, modelWay } from "./model-words.ts";
import { soleVariantWords, variantName, variantWords } from "./model-words.ts";

describe("parameters", () => {
  it.each([
    [32_763_876_352, "32.8 B"],
    [141e9, "141 B"],
    [1_543_490_560, "1.54 B"],
    [568e6, "568 M"],
    [999_600_000, "1.00 B"],
    [99_960_000, "100 M"],
    [9_997_000, "10.0 M"],
    [1_026e9, "1.03 T"],
    [24_600, "24.6 K"],
    [12, "12"],
  ])("%i are shown as %s", (count, words) => {
    expect(countWords(count)).toBe(words);
  });

  it("are exact in the detail only where they were counted or stated", () => {
    const value = (isExact: boolean) =>
      factLines(someFacts({ parameters: { count: 8_030_261_248, isExact } }), true).find(
        ({ label }) => label === "Parameters",
      )?.value;
    expect(value(true)).toBe("8,030,261,248");
    expect(value(false)).toBe("about 8.03 B");
  });
});

describe("a model's words", () => {
  it("name its folder; right in a bucket its only file, else the bucket", () => {
    expect(modelName(aModel("meta/llama/"), "b")).toBe("llama");
    const loose = aVariant("", { files: [aModelFile("tiny-model.safetensors")] });
    expect(modelName(aModel("", { variants: [loose] }), "b")).toBe("tiny-model");
    expect(modelName(threeVariants(""), "b")).toBe("b");
  });

  it("say in which folder below the place it is", () => {
    expect(modelWay(aModel("meta/llama/8b/"), "")).toBe("meta/llama/");
    expect(modelWay(aModel("meta/llama/8b/"), "meta/llama/")).toBe("");
    expect(modelWay(aModel("meta/"), "meta/")).toBe("");
  });

  it("shorten what it is built as to its family", () => {
    expect(familyWords("LlamaForCausalLM")).toBe("Llama");
    expect(familyWords("FluxPipeline")).toBe("Flux");
    expect(familyWords("GPT2LMHeadModel")).toBe("GPT2");
    expect(familyWords("qwen2")).toBe("qwen2");
    expect(familyWords("Model")).toBe("Model");
  });

  it("leave out what is not known", () => {
    expect(aboutWords(undefined)).toBe("");
    expect(aboutWords(someFacts())).toBe("8.03 B, Llama");
    expect(aboutWords(someFacts({ parameters: null }))).toBe("Llama");
    expect(factLines(undefined, true)).toEqual([]);
    const bare = someFacts({ architecture: null, layers: null, contextLength: null });
    expect(factLines(bare, false).map(({ label }) => label)).toEqual(["Parameters", "Hidden size"]);
  });

  it("tell variants by their tag, else by what is in them", () => {
    const plain = aVariant("m/");
    expect(variantName(aVariant("m/", { tag: "Q8_0" }), undefined)).toBe("Q8_0");
    expect(variantName(plain, someFacts())).toBe("BF16");
    expect(variantName(plain, undefined)).toBe("safetensors");
    expect(soleVariantWords(plain, someFacts(), 17)).toBe("BF16, safetensors, 17 files");
    expect(soleVariantWords(plain, undefined, 1)).toBe("safetensors");
    const two = aVariant("m/", { format: "gguf", files: [aModelFile("a"), aModelFile("b")] });
    expect(variantWords(two)).toBe("GGUF, 2 files");
  });
});

describe("a row as a sentence", () => {
  const shown = {
    bucket: "b",
    facts: someFacts(),
    ticked: "none",
    here: { kind: "unknown" },
    isFollowed: false,
    formats: PLAIN,
  } as const;

  it("is of the model, of its variants, or of one of them", () => {
    const model = threeVariants("llama/");
    const [first = aVariant("")] = model.variants;
    const only = aModel("phi-4/");
    const sole = { model: only, variant: only.variants[0] ?? null, isChild: false };
    expect(modelSentence(sole, shown)).toBe(
      "phi-4, 8.03 B, Llama, BF16, safetensors, 2 files, 1.0 kB, modified 1 Jan 1970",
    );
    expect(modelSentence({ model, variant: null, isChild: false }, shown)).toBe(
      "llama, 8.03 B, Llama, 3 variants",
    );
    expect(
      modelSentence({ model, variant: first, isChild: true }, { ...shown, ticked: "all" }),
    ).toBe("Q4_K_M of llama, GGUF, 100 B, modified 1 Jan 1970, ticked");
    const kept = { ...shown, isFollowed: true };
    expect(modelSentence({ model, variant: null, isChild: false }, kept)).toMatch(
      /, kept in sync$/,
    );
  });
});
