import type { Socket } from "node:net";
import { LOCAL_MESSAGE_MAX_BYTES } from "#shared/local-protocol.ts";

/** Whoever does not read what was sent is let go; it attaches again and asks for everything. */
const MAX_UNSENT_BYTES = 32 * 1024 * 1024;
const NEWLINE = 10;

/** JSON messages over a socket, one a line. What is too long or no JSON ends it. */
export class LineSocket {
  readonly #socket: Socket;
  readonly #onMessage: (message: unknown) => void;
  #begun: Buffer[] = [];
  #begunBytes = 0;

  constructor(
    socket: Socket,
    ports: { readonly onMessage: (message: unknown) => void; readonly onClose: () => void },
  ) {
    this.#socket = socket;
    this.#onMessage = ports.onMessage;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    // What is wrong with a socket closes it; there is nothing more to do.
    socket.on("error", () => socket.destroy());
    socket.on("close", ports.onClose);
  }

  send(message: unknown): void {
    this.sendText(JSON.stringify(message));
  }

  /** An event's text is made once for everybody. */
  sendText(text: string): void {
    if (this.#socket.destroyed) return;
    if (this.#socket.writableLength > MAX_UNSENT_BYTES) this.#socket.destroy();
    else this.#socket.write(`${text}\n`);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** What was sent is still delivered, unless the other end does not read. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    let rest = chunk;
    for (let at = rest.indexOf(NEWLINE); at >= 0; at = rest.indexOf(NEWLINE)) {
      const line = Buffer.concat([...this.#begun, rest.subarray(0, at)]);
      this.#begun = [];
      this.#begunBytes = 0;
      rest = rest.subarray(at + 1);
      if (!this.#handle(line)) return;
    }
    if (rest.length === 0) return;
    this.#begun.push(rest);
    this.#begunBytes += rest.length;
    if (this.#begunBytes > LOCAL_MESSAGE_MAX_BYTES) this.#socket.destroy();
  }

  #handle(line: Buffer): boolean {
    if (this.#socket.destroyed) return false;
    const message = line.length > LOCAL_MESSAGE_MAX_BYTES ? undefined : parseJson(line);
    if (message === undefined) this.#socket.destroy();
    else this.#onMessage(message);
    return message !== undefined;
  }
}

/** Undefined for what is no JSON; no message is undefined. */
function parseJson(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString("utf8"));
  } catch {
    return undefined;
  }
}
