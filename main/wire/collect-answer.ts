import { KiB } from "../bytes/sizes.ts";
import type { AnswerReader, Flow, Headers } from "./exchange.ts";
import type { WireResponse } from "./wire.ts";

/** Enough for any error document. */
export const MOST_BODY_BYTES = 64 * KiB;

/** Keeps the head and the start of the body of an answer. */
export class AnswerCollector implements AnswerReader {
  #status = 0;
  #headers: Headers = {};
  readonly #chunks: Buffer[] = [];
  readonly #mostBytes: number;
  #sizeBytes = 0;

  /** @param mostBytes More of an answer is not read. */
  constructor(mostBytes = MOST_BODY_BYTES) {
    this.#mostBytes = mostBytes;
  }

  onHead(status: number, headers: Headers): void {
    this.#status = status;
    this.#headers = headers;
  }

  onChunk(chunk: Buffer, flow: Flow): void {
    // A copy: the chunk shares its memory with others.
    const room = chunk.subarray(0, this.#mostBytes - this.#sizeBytes);
    this.#chunks.push(Buffer.from(room));
    this.#sizeBytes += room.length;
    if (this.#sizeBytes >= this.#mostBytes) flow.finish();
  }

  /** The head came: the status is known, whatever becomes of the rest. */
  get hasHead(): boolean {
    return this.#status !== 0;
  }

  /** After the exchange. */
  response(): WireResponse {
    const body = new Uint8Array(Buffer.concat(this.#chunks));
    return { status: this.#status, headers: this.#headers, body };
  }
}
