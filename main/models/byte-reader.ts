/** Thrown by a `ByteReader` where the bytes end: more of the file would say more. */
export class BytesEnd extends Error {}

/** Reads little-endian numbers and strings one after the other, never beyond the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  /** Infinity for what no number holds exactly: no length or count is that large. */
  u64(): number {
    const value = Number(this.#view.getBigUint64(this.#take(8), true));
    return Number.isSafeInteger(value) ? value : Infinity;
  }

  f32(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  /** A length of 8 bytes, then that many bytes of UTF-8. */
  text(): string {
    const length = this.u64();
    const start = this.#take(length);
    return new TextDecoder().decode(this.#bytes.subarray(start, start + Math.min(length, 1024)));
  }

  skip(length: number): void {
    this.#take(length);
  }

  #take(length: number): number {
    const start = this.#at;
    // Also when `length` is Infinity.
    if (!(length <= this.#bytes.length - start)) throw new BytesEnd();
    this.#at = start + length;
    return start;
  }
}
