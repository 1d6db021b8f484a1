import type { OnReadOpts, Socket } from "node:net";
import { KiB } from "../bytes/sizes.ts";

/**
 * One buffer for all sockets of a thread: what is read is used up before the callback returns, or
 * copied. A fresh 64 KiB for every read, as streams do it, costs more to collect than to fill.
 */
const SHARED = Buffer.allocUnsafeSlow(128 * KiB);

/** Where the next bytes of a socket are to be put, all of which are wanted there; null has no wish. */
export type PlaceWish = () => Buffer | null;

const readers = new WeakMap<Socket, PlaceReader>();

/** Asks `wish` before every read of a socket that is read in place; of others it is never asked. */
export function readInto(socket: Socket, wish: PlaceWish): void {
  readers.get(socket)?.setWish(wish);
}

/**
 * Lets a socket hand out its bytes where the system put them. Whoever listens to `readable` gets a
 * view by `read()` that is only good until the next one; `unshift` puts the rest back.
 */
export class PlaceReader {
  readonly options: OnReadOpts = {
    // Asked again after each delivery, also after one that stopped the reading.
    buffer: () => this.#nextPlace(),
    callback: (count, buffer) => this.#deliver(viewOf(buffer, count)),
  };
  #socket: Socket | null = null;
  #pending: Buffer | null = null;
  #wish: PlaceWish = () => null;

  /** Call at once after the socket was made with `options`. */
  attach(socket: Socket): void {
    this.#socket = socket;
    readers.set(socket, this);
    const read = socket.read.bind(socket);
    // With nothing here, the socket's own `read` starts the reading again and tells of its end.
    socket.read = (count?: number) => (count === 0 ? read(0) : (this.#take() ?? read()));
    socket.unshift = (chunk: Buffer) => {
      // Nothing is nothing: an empty chunk would be taken and put back for ever.
      this.#pending = chunk.length > 0 ? chunk : null;
    };
  }

  setWish(wish: PlaceWish): void {
    this.#wish = wish;
  }

  /** What comes behind bytes that nobody took has no place yet. */
  #nextPlace(): Buffer {
    const place = this.#pending === null ? this.#wish() : null;
    return place !== null && place.length > 0 ? place : SHARED;
  }

  /** @returns false to stop reading: somebody is not ready for more. */
  #deliver(chunk: Buffer): boolean {
    if (this.#pending !== null) {
      // TLS hands over what it has decrypted, stopped or not.
      this.#pending = Buffer.concat([this.#pending, chunk]);
      return false;
    }
    this.#pending = chunk;
    this.#socket?.emit("readable");
    const left = this.#take();
    if (left === null) return true;
    this.#pending = Buffer.from(left);
    return false;
  }

  #take(): Buffer | null {
    const pending = this.#pending;
    this.#pending = null;
    return pending;
  }
}

function viewOf(buffer: Uint8Array, count: number): Buffer {
  return Buffer.from(buffer.buffer, buffer.byteOffset, count);
}
