import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";

import { S3Error } from "../protocol/s3-error.ts";
import type { ChunkChain } from "./chunk-signing.ts";
import { isSameSecret } from "./sigv4.ts";

const MAX_LINE_BYTES = 8192;
const MAX_TRAILERS = 16;

/**
 * Takes the aws-chunked framing off a body, as it arrives, and checks chunk signatures.
 *
 * ```
 *   size ─▶ data ─▶ data-end ─┐        "10000;chunk-signature=…\r\n" <data> "\r\n"
 *    ▲  └─▶ trailer ─▶ ended  │        "0;chunk-signature=…\r\n" name:value\r\n … "\r\n"
 *    └────────────────────────┘
 * ```
 */
export class AwsChunkedDecoder {
  /** Lower-case names; complete once `end` has returned. */
  readonly trailers = new Map<string, string>();
  readonly #chain: ChunkChain | undefined;
  #phase: "size" | "data" | "data-end" | "trailer" | "ended" = "size";
  #line = "";
  #leftBytes = 0;
  #claimed = "";
  #digest: Hash | undefined;
  #signedTrailers = "";

  /** @param chain Absent for the UNSIGNED placeholders. */
  constructor(chain: ChunkChain | undefined) {
    this.#chain = chain;
  }

  /**
   * The payload in these bytes of the body, as views on them.
   *
   * @throws {S3Error} IncompleteBody for broken framing, SignatureDoesNotMatch.
   */
  *push(bytes: Buffer): Generator<Buffer> {
    let at = 0;
    while (at < bytes.length) {
      if (this.#phase === "data") {
        const data = bytes.subarray(at, at + this.#leftBytes);
        at += data.length;
        this.#takeData(data);
        yield data;
      } else {
        at = this.#takeLine(bytes, at);
      }
    }
  }

  /** @throws {S3Error} IncompleteBody when the body stopped before its last chunk. */
  end(): void {
    if (this.#phase !== "ended") throw new S3Error("IncompleteBody");
  }

  #takeData(data: Buffer): void {
    this.#digest?.update(data);
    this.#leftBytes -= data.length;
    if (this.#leftBytes > 0) return;
    this.#checkChunk();
    this.#phase = "data-end";
  }

  #takeLine(bytes: Buffer, at: number): number {
    if (this.#phase === "ended") throw framing("bytes after the last chunk");
    const newline = bytes.indexOf(0x0a, at);
    const end = newline === -1 ? bytes.length : newline;
    this.#line += bytes.toString("latin1", at, end);
    if (this.#line.length > MAX_LINE_BYTES) throw framing("a line is too long");
    if (newline === -1) return end;
    const line = this.#line.replace(/\r$/, "");
    this.#line = "";
    this.#takeWholeLine(line);
    return newline + 1;
  }

  #takeWholeLine(line: string): void {
    if (this.#phase === "size") this.#startChunk(line);
    else if (this.#phase === "trailer") this.#takeTrailer(line);
    else if (line === "") this.#phase = "size";
    else throw framing("no line end after a chunk");
  }

  #startChunk(line: string): void {
    const [, hex, claimed = ""] = /^([0-9a-f]{1,10})(?:;chunk-signature=(\S+))?$/i.exec(line) ?? [];
    if (hex === undefined) throw framing("a chunk has no size");
    this.#leftBytes = Number.parseInt(hex, 16);
    this.#claimed = claimed;
    this.#digest = this.#chain === undefined ? undefined : createHash("sha256");
    this.#phase = "data";
    if (this.#leftBytes > 0) return;
    this.#checkChunk();
    this.#phase = "trailer";
  }

  #checkChunk(): void {
    if (this.#chain === undefined || this.#digest === undefined) return;
    const expected = this.#chain.nextChunk(this.#digest.digest("hex"));
    if (!isSameSecret(expected, this.#claimed)) throw new S3Error("SignatureDoesNotMatch");
  }

  #takeTrailer(line: string): void {
    if (line === "") {
      this.#endTrailers();
      return;
    }
    const [name = "", value = ""] = line.split(/:(.*)/s);
    const trailer = name.trim().toLowerCase();
    this.trailers.set(trailer, value.trim());
    if (this.trailers.size > MAX_TRAILERS) throw framing("too many trailers");
    if (trailer !== SIGNATURE_TRAILER) this.#signedTrailers += `${trailer}:${value.trim()}\n`;
  }

  #endTrailers(): void {
    const claimed = this.trailers.get(SIGNATURE_TRAILER);
    if (this.#chain !== undefined && this.#signedTrailers !== "") {
      if (claimed === undefined) throw new S3Error("SignatureDoesNotMatch");
      const expected = this.#chain.trailers(this.#signedTrailers);
      if (!isSameSecret(expected, claimed)) throw new S3Error("SignatureDoesNotMatch");
    }
    this.#phase = "ended";
  }
}

const SIGNATURE_TRAILER = "x-amz-trailer-signature";

function framing(what: string): S3Error {
  return new S3Error("IncompleteBody", `The aws-chunked body is malformed: ${what}.`);
}
