import { CRC_POLYNOMIALS } from "./checksums.ts";

type Field = { readonly polynomial: bigint; readonly bits: number };
export type CrcAlgorithm = keyof typeof CRC_POLYNOMIALS;
export type CrcPart = { readonly crc: Buffer; readonly sizeBytes: number };

/**
 * The CRC of consecutive parts put together, from theirs alone.
 *
 * Polynomials are reflected: the highest bit is the coefficient of x^0. Appending n bytes
 * multiplies the first CRC by x^8n; equal parts share that factor, so it is kept.
 */
export function combineCrcs(algorithm: CrcAlgorithm, parts: readonly CrcPart[]): Buffer {
  const field = CRC_POLYNOMIALS[algorithm];
  const factors = new Map<number, bigint>();
  const combined = parts.reduce((whole, part) => {
    const factor = factors.get(part.sizeBytes) ?? powerOfX(field, BigInt(part.sizeBytes) * 8n);
    factors.set(part.sizeBytes, factor);
    return multiply(field, whole, factor) ^ BigInt(`0x${part.crc.toString("hex")}`);
  }, 0n);
  return Buffer.from(combined.toString(16).padStart(field.bits / 4, "0"), "hex");
}

function powerOfX(field: Field, exponent: bigint): bigint {
  const one = 1n << BigInt(field.bits - 1);
  let result = one;
  let square = one >> 1n;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = multiply(field, result, square);
    square = multiply(field, square, square);
  }
  return result;
}

function multiply(field: Field, a: bigint, b: bigint): bigint {
  let product = 0n;
  let shifted = b;
  for (let bit = 1n << BigInt(field.bits - 1); bit > 0n; bit >>= 1n) {
    if ((a & bit) !== 0n) product ^= shifted;
    shifted = (shifted & 1n) === 1n ? (shifted >> 1n) ^ field.polynomial : shifted >> 1n;
  }
  return product;
}
