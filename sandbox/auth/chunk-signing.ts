import { createHmac } from "node:crypto";

import { EMPTY_SHA256, sha256Hex } from "./sigv4.ts";

/** Where the chain of chunk signatures starts. `seed` is the request's own signature. */
export type ChunkSigning = {
  readonly key: Buffer;
  /** As in `x-amz-date`. */
  readonly timestamp: string;
  readonly scope: string;
  readonly seed: string;
};

/** Computes the signatures of an aws-chunked body, each of which signs the one before. */
export class ChunkChain {
  readonly #signing: ChunkSigning;
  #previous: string;

  constructor(signing: ChunkSigning) {
    this.#signing = signing;
    this.#previous = signing.seed;
  }

  /** Signature of the next chunk, given the SHA-256 of its data in hex. */
  nextChunk(dataSha256: string): string {
    return this.#next("AWS4-HMAC-SHA256-PAYLOAD", `${EMPTY_SHA256}\n${dataSha256}`);
  }

  /** Signature of the trailers, given as `name:value\n` for each. */
  trailers(canonical: string): string {
    return this.#next("AWS4-HMAC-SHA256-TRAILER", sha256Hex(canonical));
  }

  #next(algorithm: string, tail: string): string {
    const { key, timestamp, scope } = this.#signing;
    const text = [algorithm, timestamp, scope, this.#previous, tail].join("\n");
    this.#previous = createHmac("sha256", key).update(text).digest("hex");
    return this.#previous;
  }
}
