import { ProtocolError } from "./http-errors.ts";

/** Of a line that tells the size of a chunk, with what extensions it has. */
const LONGEST_LINE_BYTES = 4 * 1024;
/** Of all lines after the last chunk. */
const MOST_TRAILER_BYTES = 16 * 1024;
const LF = 0x0a;
/** A size, and extensions that are not looked at (RFC 9112 §7.1). */
const SIZE_LINE = /^([0-9a-fA-F]{1,13})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/;

/** Takes a body out of its chunks (RFC 9112 §7.1), whatever pieces it comes in. */
export class ChunkedBody {
  isDone = false;
  #leftBytes = 0;
  /** What comes next: a size, bytes, the line break after them, or the trailer. */
  #next: "size" | "data" | "break" | "trailer" = "size";
  #line = "";
  #trailerBytes = 0;

  /**
   * @param onData Gets views of `piece`.
   * @returns How much of the piece belonged to the body: less than all once it is done.
   * @throws {ProtocolError}
   */
  take(piece: Buffer, onData: (data: Buffer) => void): number {
    let position = 0;
    while (position < piece.length && !this.isDone) {
      if (this.#next === "data") {
        const data = piece.subarray(position, position + this.#leftBytes);
        position += data.length;
        this.#leftBytes -= data.length;
        if (this.#leftBytes === 0) this.#next = "break";
        onData(data);
      } else {
        position = this.#takeLine(piece, position);
      }
    }
    return position;
  }

  #takeLine(piece: Buffer, from: number): number {
    const end = piece.indexOf(LF, from);
    const until = end === -1 ? piece.length : end + 1;
    if (this.#line.length + until - from > LONGEST_LINE_BYTES) throw malformed();
    this.#line += piece.toString("latin1", from, until);
    if (end === -1) return until;
    if (!this.#line.endsWith("\r\n")) throw malformed();
    const line = this.#line.slice(0, -2);
    this.#line = "";
    this.#readLine(line);
    return until;
  }

  #readLine(line: string): void {
    if (this.#next === "size") {
      const size = SIZE_LINE.exec(line)?.[1];
      if (size === undefined) throw malformed();
      this.#leftBytes = Number.parseInt(size, 16);
      this.#next = this.#leftBytes === 0 ? "trailer" : "data";
    } else if (this.#next === "break") {
      if (line !== "") throw malformed();
      this.#next = "size";
    } else {
      this.#trailerBytes += line.length;
      if (this.#trailerBytes > MOST_TRAILER_BYTES) throw malformed();
      this.isDone = line === "";
    }
  }
}

function malformed(): ProtocolError {
  return new ProtocolError("EPROTO", "a chunk that is none");
}
