import type { Hash } from "node:crypto";
import { sha256 } from "./source-file.ts";

/** Digests a stream of bytes piece by piece, as the cuts say. */
export class CutDigests {
  /** Hex, of the pieces that are complete. */
  readonly done: string[] = [];
  #position: number;
  readonly #cuts: readonly number[];
  #hash: Hash | null = null;

  /** @param cuts Where each piece ends, ascending; what follows the last is not digested. */
  constructor(start: number, cuts: readonly number[]) {
    this.#position = start;
    this.#cuts = cuts;
    this.#finishReached();
  }

  update(chunk: Buffer): void {
    let rest = chunk;
    for (;;) {
      const cut = this.#cuts[this.done.length];
      if (cut === undefined || rest.length === 0) return;
      const piece = rest.subarray(0, cut - this.#position);
      this.#hash ??= sha256();
      this.#hash.update(piece);
      this.#position += piece.length;
      rest = rest.subarray(piece.length);
      this.#finishReached();
    }
  }

  /** Also for pieces without a byte. */
  #finishReached(): void {
    while (this.#cuts[this.done.length] === this.#position) {
      this.done.push((this.#hash ?? sha256()).digest("hex"));
      this.#hash = null;
    }
  }
}
