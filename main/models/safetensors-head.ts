import { isObject, parseJsonHead } from "./json-head.ts";

export type SafetensorsHead = {
  /** How long the header is, with the 8 bytes before it. */
  readonly headBytes: number;
  /** All of it was there. */
  readonly isWhole: boolean;
  readonly tensorCount: number;
  /** Elements of the tensors that were read, by type. */
  readonly elements: ReadonlyMap<string, number>;
  /** What follows the header. */
  readonly dataBytes: number;
};

const LENGTH_BYTES = 8;
/** There are not half as many. */
const MOST_TYPES = 64;
/** As the format's own library. */
const LONGEST_HEAD = 100_000_000;

/** Bits of one element. */
export const ELEMENT_BITS: Readonly<Record<string, number>> = {
  F64: 64,
  F32: 32,
  F16: 16,
  BF16: 16,
  F8_E4M3: 8,
  F8_E5M2: 8,
  I64: 64,
  I32: 32,
  I16: 16,
  I8: 8,
  U64: 64,
  U32: 32,
  U16: 16,
  U8: 8,
  BOOL: 8,
};

/** How long a file's header is, with its length; null where it is no safetensors file. */
export function safetensorsHeadBytes(bytes: Uint8Array, fileBytes: number): number | null {
  if (bytes.length < LENGTH_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = view.getBigUint64(0, true);
  if (length < 2n || length > BigInt(LONGEST_HEAD)) return null;
  const headBytes = LENGTH_BYTES + Number(length);
  return headBytes > fileBytes ? null : headBytes;
}

/** Reads the beginning of a file, as far as it is there. Null where it is no safetensors file. */
export function readSafetensorsHead(bytes: Uint8Array, fileBytes: number): SafetensorsHead | null {
  const headBytes = safetensorsHeadBytes(bytes, fileBytes);
  if (headBytes === null) return null;
  const isWhole = bytes.length >= headBytes;
  const text = new TextDecoder().decode(bytes.subarray(LENGTH_BYTES, headBytes));
  if (!text.startsWith("{")) return null;
  const members = parseJsonHead(text);
  if (members === null && isWhole) return null;
  const elements = new Map<string, number>();
  let tensorCount = 0;
  for (const [name, value] of Object.entries(members ?? {})) {
    if (name === "__metadata__") continue;
    const tensor = readTensor(value);
    if (tensor === null) return null;
    tensorCount += 1;
    if (elements.size > MOST_TYPES) return null;
    elements.set(tensor.type, (elements.get(tensor.type) ?? 0) + tensor.count);
  }
  return { headBytes, isWhole, tensorCount, elements, dataBytes: fileBytes - headBytes };
}

/** Null for what is no tensor, or does not fit into its own bytes. */
function readTensor(value: unknown): { readonly type: string; readonly count: number } | null {
  if (!isObject(value)) return null;
  const { dtype: type, shape, data_offsets: offsets } = value;
  if (typeof type !== "string" || type.length > 32) return null;
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) return null;
  const count = shape.reduce((product, length) => product * length, 1);
  const [start = 0, end = 0] = offsets;
  const fits = Number.isSafeInteger(count) && end >= start && isLong(type, count, end - start);
  return fits ? { type, count } : null;
}

/** Of a type that is not known here the bytes are not known either. */
function isLong(type: string, count: number, bytes: number): boolean {
  const bits = Object.hasOwn(ELEMENT_BITS, type) ? ELEMENT_BITS[type] : undefined;
  return bits === undefined || count * bits === bytes * 8;
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((one) => Number.isSafeInteger(one) && one >= 0);
}
