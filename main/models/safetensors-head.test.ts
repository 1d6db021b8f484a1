import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { safetensorsOf } from "./model-fixtures.ts";
import { readSafetensorsHead, safetensorsHeadBytes } from "./safetensors-head.ts";

const BIG = 2 ** 40;

/** A header of exactly this text. */
function headOf(text: string): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)));
  return Buffer.concat([length, Buffer.from(text)]);
}

describe("a whole header", () => {
  it("says how many elements there are of each type", () => {
    const { head, fileBytes } = safetensorsOf({
      "model.embed": { dtype: "BF16", shape: [1000, 64] },
      "model.norm": { dtype: "F32", shape: [64] },
      "model.step": { dtype: "I64", shape: [] },
    });
    const read = readSafetensorsHead(head, fileBytes);
    expect(read).toMatchObject({ isWhole: true, tensorCount: 3, headBytes: head.length });
    expect(Object.fromEntries(read?.elements ?? [])).toEqual({ BF16: 64_000, F32: 64, I64: 1 });
    expect(read?.dataBytes).toBe(64_000 * 2 + 64 * 4 + 8);
  });

  it("is the same with whatever bytes of tensors behind it", () => {
    const { head, fileBytes } = safetensorsOf({ w: { dtype: "F16", shape: [8] } });
    const more = Buffer.concat([head, Buffer.alloc(16, 0x22)]);
    expect(readSafetensorsHead(more, fileBytes)).toEqual(readSafetensorsHead(head, fileBytes));
  });
});

describe("a header that is cut", () => {
  it("says what it said so far, wherever it is cut, and never more than there is", () => {
    const tensors = Object.fromEntries(
      Array.from({ length: 20 }, (_, at) => [
        `layers.${at}."quoted\\,{`,
        { dtype: "F16", shape: [16, 2] },
      ]),
    );
    const { head, fileBytes } = safetensorsOf(tensors);
    for (let end = 9; end < head.length; end += 1) {
      const read = readSafetensorsHead(head.subarray(0, end), fileBytes);
      expect(read).toMatchObject({ isWhole: false, headBytes: head.length });
      expect(read?.tensorCount).toBeLessThanOrEqual(20);
      expect(read?.elements.get("F16") ?? 0).toBe((read?.tensorCount ?? 0) * 32);
    }
    const most = readSafetensorsHead(head.subarray(0, head.length - 2), fileBytes);
    expect(most?.tensorCount).toBe(19);
  });
});

describe("what is no safetensors file", () => {
  it.each([
    ["nothing", Buffer.alloc(0)],
    ["seven bytes", Buffer.alloc(7)],
    ["a pointer of Git LFS", Buffer.from("version https://git-lfs.github.com/spec/v1\n")],
    ["a length of all ones", Buffer.alloc(64, 0xff)],
    ["a list", headOf("[1,2,3]")],
    ["no JSON", headOf('{"a":')],
    ["a tensor without a shape", headOf('{"a":{"dtype":"F16","data_offsets":[0,2]}}')],
    [
      "a shape that does not fit its bytes",
      headOf('{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,2]}}'),
    ],
    ["a length below nothing", headOf('{"a":{"dtype":"F16","shape":[-1],"data_offsets":[0,2]}}')],
    ["offsets that go back", headOf('{"a":{"dtype":"XX","shape":[1],"data_offsets":[4,2]}}')],
    [
      "more elements than a number holds",
      headOf('{"a":{"dtype":"XX","shape":[9007199254740991,4],"data_offsets":[0,2]}}'),
    ],
  ])("%s", (_name, bytes) => {
    expect(readSafetensorsHead(bytes, BIG)).toBeNull();
  });

  it("is a header of more types than there are", () => {
    const entries = Array.from({ length: 100 }, (_, at) => [
      `t${at}`,
      { dtype: `X${at}`, shape: [1], data_offsets: [0, 1] },
    ]);
    expect(
      readSafetensorsHead(headOf(JSON.stringify(Object.fromEntries(entries))), BIG),
    ).toBeNull();
  });

  it("is a header longer than its file", () => {
    const { head } = safetensorsOf({ w: { dtype: "F16", shape: [8] } });
    expect(safetensorsHeadBytes(head, head.length - 1)).toBeNull();
    expect(safetensorsHeadBytes(head, head.length)).toBe(head.length);
  });

  it("never throws, whatever the bytes", () => {
    const { head } = safetensorsOf({ w: { dtype: "F16", shape: [8] } });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(head.length - 1), fc.nat(255)), { maxLength: 12 }),
        (changes) => {
          const bytes = Buffer.from(head);
          for (const [at, value] of changes) bytes[at] = value;
          const read = readSafetensorsHead(bytes, BIG);
          for (const count of read?.elements.values() ?? [])
            expect(count).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        readSafetensorsHead(bytes, BIG);
      }),
    );
  });
});
