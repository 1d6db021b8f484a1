import { createHash, randomBytes } from "node:crypto";

export const PART_BYTES = 16 * 1024 ** 2;
const STAMP_BYTES = 4;

/**
 * The content of every part: the same noise with the part's number stamped into its beginning, so
 * that all parts differ and none has to be kept.
 */
export class PartSource {
  readonly #noise: Buffer;

  constructor(noise: Uint8Array) {
    this.#noise = Buffer.from(noise.buffer, noise.byteOffset, noise.byteLength);
  }

  static random(): Uint8Array {
    return randomBytes(PART_BYTES);
  }

  /** Fills `into`, of one part's size, with part `number`. */
  fill(number: number, into: Buffer): void {
    this.#noise.copy(into);
    into.writeUInt32BE(number, 0);
  }

  /** Whether `bytes` are what part `number` holds at `offset`. */
  matches(number: number, offset: number, bytes: Buffer): boolean {
    const stamp = Buffer.alloc(STAMP_BYTES);
    stamp.writeUInt32BE(number);
    const stamped = Math.max(0, Math.min(STAMP_BYTES - offset, bytes.length));
    const isStamped = bytes.subarray(0, stamped).equals(stamp.subarray(offset, offset + stamped));
    const noise = this.#noise.subarray(offset + stamped, offset + bytes.length);
    return isStamped && bytes.subarray(stamped).equals(noise);
  }
}

/** Hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
