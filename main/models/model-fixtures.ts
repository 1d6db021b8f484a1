import type { ModelFile } from "#shared/library-models.ts";

export function aFile(key: string, sizeBytes = 10): ModelFile {
  return { key, sizeBytes, modifiedAtMs: 5, etag: `"${key}"` };
}

type Tensor = { readonly dtype: string; readonly shape: readonly number[] };

const BYTES: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2, I32: 4, I64: 8, U8: 1 };

/** The beginning of a safetensors file, without the bytes of its tensors. */
export function safetensorsOf(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: object = { format: "pt" },
): { readonly head: Buffer; readonly fileBytes: number } {
  let offset = 0;
  const entries = Object.entries(tensors).map(([name, { dtype, shape }]) => {
    const start = offset;
    offset += shape.reduce((product, one) => product * one, 1) * (BYTES[dtype] ?? 1);
    return [name, { dtype, shape, data_offsets: [start, offset] }];
  });
  const header = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) });
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  const head = Buffer.concat([length, Buffer.from(header)]);
  return { head, fileBytes: head.length + offset };
}

export type GgufValue =
  | { readonly kind: "u32" | "u64"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "texts"; readonly value: readonly string[] }
  | { readonly kind: "f32s"; readonly value: readonly number[] };

/** The beginning of a GGUF file, without the bytes of its tensors. */
export function ggufOf(
  facts: Readonly<Record<string, GgufValue>>,
  tensors: Readonly<Record<string, readonly number[]>> = {},
  version = 3,
): Buffer {
  return Buffer.concat([
    Buffer.from("GGUF"),
    u32(version),
    u64(Object.keys(tensors).length),
    u64(Object.keys(facts).length),
    ...Object.entries(facts).flatMap(([name, value]) => [text(name), ggufValue(value)]),
    ...Object.entries(tensors).flatMap(([name, shape]) => [
      text(name),
      u32(shape.length),
      ...shape.map(u64),
      u32(12),
      u64(0),
    ]),
  ]);
}

function ggufValue({ kind, value }: GgufValue): Buffer {
  switch (kind) {
    case "u32":
      return Buffer.concat([u32(4), u32(value)]);
    case "u64":
      return Buffer.concat([u32(10), u64(value)]);
    case "text":
      return Buffer.concat([u32(8), text(value)]);
    case "texts":
      return Buffer.concat([u32(9), u32(8), u64(value.length), ...value.map(text)]);
    case "f32s":
      return Buffer.concat([u32(9), u32(6), u64(value.length), Buffer.alloc(4 * value.length)]);
    default:
      return kind satisfies never;
  }
}

function text(value: string): Buffer {
  return Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
