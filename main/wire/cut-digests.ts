import type { Digest, DigestMaker } from "./digests.ts";

/** Digests a stream of bytes piece by piece, as the cuts say. */
export class CutDigests {
  /** Hex, of the pieces that are complete. */
  readonly done: string[] = [];
  #position: number;
  readonly #cuts: readonly number[];
  readonly #make: DigestMaker;
  #digest: Digest | null = null;

  /** @param cuts Where each piece ends, ascending; what follows the last is not digested. */
  constructor(start: number, cuts: readonly number[], make: DigestMaker) {
    this.#position = start;
    this.#cuts = cuts;
    this.#make = make;
    this.#finishReached();
  }

  update(chunk: Buffer): void {
    let rest = chunk;
    for (;;) {
      const cut = this.#cuts[this.done.length];
      if (cut === undefined || rest.length === 0) return;
      const piece = rest.subarray(0, cut - this.#position);
      this.#digest ??= this.#make();
      this.#digest.update(piece);
      this.#position += piece.length;
      rest = rest.subarray(piece.length);
      this.#finishReached();
    }
  }

  /** Also for pieces without a byte. */
  #finishReached(): void {
    while (this.#cuts[this.done.length] === this.#position) {
      this.done.push((this.#digest ?? this.#make()).digest());
      this.#digest = null;
    }
  }
}
