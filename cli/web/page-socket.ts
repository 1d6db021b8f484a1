import type { RawData, WebSocket } from "ws";
import type { Reply } from "#shared/client.ts";
import type { WebMessage } from "#shared/web-protocol.ts";
import { WEB_CLOSE_CODES, WebCall, WebHello } from "#shared/web-protocol.ts";
import { isSameToken } from "./token.ts";

/** What a connected page may do. */
export type PagePorts = {
  readonly token: string;
  /** Never rejects. */
  call(name: string, input: unknown): Promise<Reply>;
  /** The token was right: the page gets events from now on. */
  onWelcome(page: PageSocket): void;
};

const HELLO_MS = 5_000;
const PING_MS = 30_000;
/** Beyond it the page's messages wait in its own socket. */
const MAX_UNANSWERED = 64;
/** A page that does not read its events is let go; when it comes back it asks for everything. */
const MAX_BUFFERED_BYTES = 32 * 1024 * 1024;

/** One WebSocket of a page, from its first message on. */
export class PageSocket {
  readonly #socket: WebSocket;
  readonly #ports: PagePorts;
  #isWelcome = false;
  #isAlive = true;
  #unanswered = 0;

  constructor(socket: WebSocket, ports: PagePorts) {
    this.#socket = socket;
    this.#ports = ports;
    const hello = setTimeout(() => this.#closeUnauthorized(), HELLO_MS);
    const pinger = setInterval(() => this.#ping(), PING_MS);
    socket.on("message", (data, isBinary) => {
      clearTimeout(hello);
      this.#take(isBinary ? undefined : parseJson(data));
    });
    socket.on("pong", () => {
      this.#isAlive = true;
    });
    socket.on("close", () => {
      clearTimeout(hello);
      clearInterval(pinger);
    });
    // What is wrong with a socket closes it; there is nothing more to do.
    socket.on("error", () => socket.terminate());
  }

  /** An event's text is made once for all pages. */
  sendText(text: string): void {
    if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) this.#socket.terminate();
    else this.#socket.send(text);
  }

  close(): void {
    this.#socket.close(WEB_CLOSE_CODES.goingAway);
  }

  #take(message: unknown): void {
    if (!this.#isWelcome) return this.#greet(message);
    const call = WebCall.safeParse(message);
    if (call.success) void this.#answer(call.data);
    else this.#socket.close(WEB_CLOSE_CODES.malformed);
  }

  #greet(message: unknown): void {
    const hello = WebHello.safeParse(message);
    if (!hello.success || !isSameToken(hello.data.token, this.#ports.token)) {
      return this.#closeUnauthorized();
    }
    this.#isWelcome = true;
    this.#send({ type: "welcome" });
    this.#ports.onWelcome(this);
  }

  async #answer({ id, name, input }: WebCall): Promise<void> {
    this.#unanswered += 1;
    if (this.#unanswered >= MAX_UNANSWERED) this.#socket.pause();
    const reply = await this.#ports.call(name, input);
    this.#unanswered -= 1;
    this.#socket.resume();
    this.#send({ type: "reply", id, reply });
  }

  #send(message: WebMessage): void {
    this.sendText(JSON.stringify(message));
  }

  #closeUnauthorized(): void {
    this.#socket.close(WEB_CLOSE_CODES.unauthorized);
  }

  #ping(): void {
    if (!this.#isAlive) return this.#socket.terminate();
    this.#isAlive = false;
    this.#socket.ping();
  }
}

/** Undefined for what is no JSON; no message of a page is undefined. */
function parseJson(data: RawData): unknown {
  try {
    // As `ws` gives text: one buffer, unless its `binaryType` is changed.
    return Buffer.isBuffer(data) ? JSON.parse(data.toString("utf8")) : undefined;
  } catch {
    return undefined;
  }
}
