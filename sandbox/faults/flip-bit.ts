import { open } from "node:fs/promises";

/** A copy with one bit turned over. */
export function flipBit(bytes: Buffer, at: number, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ (1 << bit);
  return copy;
}

/** Turns one bit of a file over; beyond its end, one of its last byte. */
export async function flipBitOfFile(path: string, atByte: number, bit: number): Promise<void> {
  const file = await open(path, "r+");
  try {
    const { size } = await file.stat();
    const at = Math.min(atByte, size - 1);
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, at);
    await file.write(flipBit(byte, 0, bit), 0, 1, at);
  } finally {
    await file.close();
  }
}
