/** Checksums that the bytes of a whole can be checked by without having been read as one. */
export const CRC_ALGORITHMS = ["crc64nvme", "crc32c", "crc32"] as const;
export type CrcAlgorithm = (typeof CRC_ALGORITHMS)[number];

type Field = { readonly polynomial: bigint; readonly bits: number };

/** Generator polynomials, reflected, as these CRCs use them. */
export const CRC_FIELDS: Readonly<Record<CrcAlgorithm, Field>> = {
  crc64nvme: { polynomial: 0x9a6c9329ac4bc9b5n, bits: 64 },
  crc32c: { polynomial: 0x82f63b78n, bits: 32 },
  crc32: { polynomial: 0xedb88320n, bits: 32 },
};

/** A stretch of bytes, known by its CRC. */
export type CrcStretch = {
  /** Hex, 8 or 16 digits. */
  readonly crc: string;
  readonly sizeBytes: number;
};

/** Of no byte; joined with another it changes nothing. */
export function emptyStretch(algorithm: CrcAlgorithm): CrcStretch {
  return { crc: "0".repeat(CRC_FIELDS[algorithm].bits / 4), sizeBytes: 0 };
}

/**
 * The CRC of two stretches, one behind the other, from theirs alone.
 *
 * Polynomials are reflected: the highest bit is the coefficient of x^0. Appending n bytes multiplies
 * the first CRC by x^8n.
 */
export function joinCrcs(
  algorithm: CrcAlgorithm,
  first: CrcStretch,
  second: CrcStretch,
): CrcStretch {
  const field = CRC_FIELDS[algorithm];
  const moved = multiply(field, BigInt(`0x${first.crc}`), shiftBy(algorithm, second.sizeBytes));
  const joined = moved ^ BigInt(`0x${second.crc}`);
  return {
    crc: joined.toString(16).padStart(field.bits / 4, "0"),
    sizeBytes: first.sizeBytes + second.sizeBytes,
  };
}

/** x^8n for n = 1, 2, 4, …; as far as anybody needed them. */
const POWERS: Readonly<Record<CrcAlgorithm, bigint[]>> = { crc64nvme: [], crc32c: [], crc32: [] };

/** x^8n. */
function shiftBy(algorithm: CrcAlgorithm, sizeBytes: number): bigint {
  const field = CRC_FIELDS[algorithm];
  let shift = 1n << BigInt(field.bits - 1);
  for (let rest = sizeBytes, n = 0; rest > 0; rest = Math.floor(rest / 2), n += 1) {
    if (rest % 2 === 1) shift = multiply(field, shift, powerOf(algorithm, n));
  }
  return shift;
}

function powerOf(algorithm: CrcAlgorithm, n: number): bigint {
  const field = CRC_FIELDS[algorithm];
  const powers = POWERS[algorithm];
  let power = powers.at(-1) ?? 1n << BigInt(field.bits - 9);
  if (powers.length === 0) powers.push(power);
  while (powers.length <= n) {
    power = multiply(field, power, power);
    powers.push(power);
  }
  return powers[n] ?? power;
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
