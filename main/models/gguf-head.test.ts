import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ggufFileType, readGgufHead } from "./gguf-head.ts";
import { ggufOf } from "./model-fixtures.ts";

const FACTS = {
  "general.architecture": { kind: "text", value: "llama" },
  "general.file_type": { kind: "u32", value: 15 },
  "llama.block_count": { kind: "u32", value: 80 },
  "llama.context_length": { kind: "u64", value: 131_072 },
  "tokenizer.ggml.scores": { kind: "f32s", value: [0, 1, 2] },
  "tokenizer.ggml.tokens": { kind: "texts", value: ["<s>", "</s>", "the"] },
  "general.name": { kind: "text", value: "Llama 3.1 70B" },
} as const;
const TENSORS = { "token_embd.weight": [4096, 32_000], "output_norm.weight": [4096] };

describe("a whole head", () => {
  it.each([2, 3])("of version %i says its facts and counts its elements", (version) => {
    const read = readGgufHead(ggufOf(FACTS, TENSORS, version));
    expect(read).toMatchObject({
      isWhole: true,
      tensorCount: 2,
      elementCount: 4096 * 32_000 + 4096,
    });
    expect(Object.fromEntries(read?.facts ?? [])).toEqual({
      "general.architecture": "llama",
      "general.file_type": 15,
      "llama.block_count": 80,
      "llama.context_length": 131_072,
      "general.name": "Llama 3.1 70B",
    });
  });

  it("names its quantization, where it is a known one", () => {
    expect(ggufFileType(15)).toBe("Q4_K_M");
    expect(ggufFileType(7)).toBe("Q8_0");
    expect(ggufFileType(4711)).toBeNull();
    expect(ggufFileType("15")).toBeNull();
    expect(ggufFileType(undefined)).toBeNull();
  });
});

it("keeps little of a head that says much", () => {
  const many = Array.from({ length: 500 }, (_, at) => [
    [`a${at}.block_count`, { kind: "u32", value: at }],
    [`general.note${at}`, { kind: "text", value: "x".repeat(900) }],
  ]).flat();
  const read = readGgufHead(ggufOf(Object.fromEntries(many)));
  expect(read?.isWhole).toBe(true);
  expect(read?.facts.size).toBe(64);
});

describe("a head that is cut", () => {
  it("says the facts before the cut, wherever it is, and counts no elements", () => {
    const whole = ggufOf(FACTS, TENSORS);
    let facts = 0;
    for (let end = 24; end < whole.length; end += 1) {
      const read = readGgufHead(whole.subarray(0, end));
      expect(read).toMatchObject({ isWhole: false, elementCount: null, tensorCount: 2 });
      expect(read?.facts.size).toBeGreaterThanOrEqual(facts);
      facts = read?.facts.size ?? 0;
    }
    expect(facts).toBe(5);
  });
});

describe("what is no GGUF file", () => {
  it.each([
    ["nothing", Buffer.alloc(0)],
    ["another file", Buffer.from("PK\u0003\u0004 and more of it, and still more")],
    ["the first version", ggufOf(FACTS, TENSORS, 1)],
    ["bytes in the other order", ggufOf(FACTS, TENSORS, 3 << 24)],
  ])("%s", (_name, bytes) => {
    expect(readGgufHead(bytes)).toBeNull();
  });

  it("is one of more tensors, or facts, than anything has", () => {
    const many = ggufOf({}, {});
    many.writeBigUInt64LE(2n ** 63n, 8);
    expect(readGgufHead(many)).toBeNull();
    const facts = ggufOf({}, {});
    facts.writeBigUInt64LE(70_000n, 16);
    expect(readGgufHead(facts)).toBeNull();
  });

  it("is one with lists in lists without end, or a type that is none", () => {
    const base = ggufOf({ a: { kind: "u32", value: 9 } });
    const typeAt = base.length - 8;
    const list = Buffer.alloc(12);
    list.writeUInt32LE(9);
    list.writeBigUInt64LE(1n, 4);
    base.writeUInt32LE(9, typeAt);
    const deep = Buffer.concat([base.subarray(0, typeAt + 4), ...Array(40).fill(list)]);
    expect(readGgufHead(deep)).toBeNull();
    base.writeUInt32LE(99, typeAt);
    expect(readGgufHead(base)).toBeNull();
  });

  it("never throws, and ends, whatever the bytes", () => {
    const whole = ggufOf(FACTS, TENSORS);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 16 }),
        (changes) => {
          const bytes = Buffer.from(whole);
          for (const [at, value] of changes) bytes[at] = value;
          readGgufHead(bytes);
        },
      ),
      { numRuns: 5000 },
    );
  });
});
