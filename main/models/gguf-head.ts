import { ByteReader, BytesEnd } from "./byte-reader.ts";

export type GgufHead = {
  /** All of it was there: the tensors are counted. */
  readonly isWhole: boolean;
  /** Of the metadata: numbers and texts that say what model it is, by name. */
  readonly facts: ReadonlyMap<string, number | string>;
  readonly tensorCount: number;
  /** Elements of all tensors; null before all were seen. */
  readonly elementCount: number | null;
};

const MAGIC = 0x46554747;
/** More than any model has: what says so is no header. */
const MOST_FACTS = 65_536;
const MOST_TENSORS = 1_000_000;
const MOST_DIMENSIONS = 8;
/** Lists in lists. */
const DEEPEST = 4;

const TYPE = { i32: 5, f32: 6, text: 8, list: 9, u64: 10, i64: 11 } as const;
/** Bytes of a value, by its type's number; what is not here has no fixed length. */
const VALUE_BYTES: readonly (number | undefined)[] = [
  1,
  1,
  2,
  2,
  4,
  4,
  4,
  1,
  undefined,
  undefined,
  8,
  8,
  8,
];

/** Something that no GGUF file says. */
class NoHeader extends Error {}

/** Reads the beginning of a file, as far as it is there. Null where it is no GGUF file of version 2 or 3. */
export function readGgufHead(bytes: Uint8Array): GgufHead | null {
  const reader = new ByteReader(bytes);
  const facts = new Map<string, number | string>();
  let counts: Counts | null = null;
  try {
    counts = readCounts(reader);
    for (let at = 0; at < counts.facts; at += 1) readFact(reader, facts);
    let sum = 0;
    for (let at = 0; at < counts.tensors; at += 1) sum += readTensor(reader);
    const elementCount = Number.isSafeInteger(sum) ? sum : null;
    return { isWhole: true, facts, tensorCount: counts.tensors, elementCount };
  } catch (error) {
    if (error instanceof NoHeader) return null;
    if (!(error instanceof BytesEnd)) throw error;
    return counts && { isWhole: false, facts, tensorCount: counts.tensors, elementCount: null };
  }
}

type Counts = { readonly tensors: number; readonly facts: number };

function readCounts(reader: ByteReader): Counts {
  if (reader.u32() !== MAGIC) throw new NoHeader();
  const version = reader.u32();
  if (version !== 2 && version !== 3) throw new NoHeader();
  const counts = { tensors: reader.u64(), facts: reader.u64() };
  if (counts.tensors > MOST_TENSORS || counts.facts > MOST_FACTS) throw new NoHeader();
  return counts;
}

function readFact(reader: ByteReader, facts: Map<string, number | string>): void {
  const name = reader.text();
  const value = readValue(reader, reader.u32());
  // What is kept is held for long, of many files: only what is looked at, and little of it.
  if (value !== null && KEPT.test(name) && facts.size < MOST_KEPT) facts.set(name, value);
}

const KEPT =
  /^(?:general\.(?:architecture|name|file_type|size_label|parameter_count)|[\w-]{1,64}\.(?:block_count|embedding_length|vocab_size|context_length))$/u;
const MOST_KEPT = 64;

function readValue(reader: ByteReader, type: number): number | string | null {
  if (type === TYPE.text) return reader.text();
  if (type === 4) return reader.u32();
  if (type === TYPE.i32) return reader.i32();
  if (type === TYPE.f32) return reader.f32();
  if (type === TYPE.u64 || type === TYPE.i64) return reader.u64();
  skipValue(reader, type, 0);
  return null;
}

function skipValue(reader: ByteReader, type: number, depth: number): void {
  const fixedBytes = VALUE_BYTES[type];
  if (fixedBytes !== undefined) return reader.skip(fixedBytes);
  if (type === TYPE.text) return reader.skip(reader.u64());
  if (type !== TYPE.list || depth > DEEPEST) throw new NoHeader();
  const inner = reader.u32();
  const count = reader.u64();
  const innerBytes = VALUE_BYTES[inner];
  if (innerBytes !== undefined) return reader.skip(innerBytes * count);
  // Each takes bytes of its own, so that these end before a large count does.
  for (let at = 0; at < count; at += 1) skipValue(reader, inner, depth + 1);
}

function readTensor(reader: ByteReader): number {
  reader.skip(reader.u64());
  const dimensions = reader.u32();
  if (dimensions > MOST_DIMENSIONS) throw new NoHeader();
  let count = 1;
  for (let at = 0; at < dimensions; at += 1) count *= reader.u64();
  // Its type, and where its bytes are.
  reader.skip(12);
  return count;
}

/** What `general.file_type` means: the precision of most tensors. */
const FILE_TYPES: Readonly<Record<number, string>> = {
  0: "FP32",
  1: "FP16",
  2: "Q4_0",
  3: "Q4_1",
  7: "Q8_0",
  8: "Q5_0",
  9: "Q5_1",
  10: "Q2_K",
  11: "Q3_K_S",
  12: "Q3_K_M",
  13: "Q3_K_L",
  14: "Q4_K_S",
  15: "Q4_K_M",
  16: "Q5_K_S",
  17: "Q5_K_M",
  18: "Q6_K",
  19: "IQ2_XXS",
  20: "IQ2_XS",
  21: "Q2_K_S",
  22: "IQ3_XS",
  23: "IQ3_XXS",
  24: "IQ1_S",
  25: "IQ4_NL",
  26: "IQ3_S",
  27: "IQ3_M",
  28: "IQ2_S",
  29: "IQ2_M",
  30: "IQ4_XS",
  31: "IQ1_M",
  32: "BF16",
  36: "TQ1_0",
  37: "TQ2_0",
  38: "MXFP4_MOE",
};

export function ggufFileType(value: number | string | undefined): string | null {
  return typeof value === "number" ? (FILE_TYPES[value] ?? null) : null;
}
