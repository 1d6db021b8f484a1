import type { Reply, Transport } from "#shared/client.ts";
import type { CallName, HostEvent } from "#shared/contract.ts";
import { WEB_CLOSE_CODES, WebMessage } from "#shared/web-protocol.ts";
import type { Connection } from "./host.ts";
import type { Watch } from "./watched.ts";
import { NO_ENGINE, WaitingCalls } from "./waiting-calls.ts";
import { createWatch } from "./watched.ts";

/** Between attempts to connect again: doubled up to the limit. */
const RECONNECT_FIRST_MS = 250;
const RECONNECT_LIMIT_MS = 4_000;

/** The part of a browser's WebSocket that is used, so that tests need no socket. */
export type Socket = Pick<WebSocket, "send" | "addEventListener">;

/** The web host's socket: one at a time, opened again whenever it is lost. */
export class WebTransport implements Transport {
  readonly connection: Watch<Connection>;
  readonly #open: () => Socket;
  readonly #token: string;
  readonly #calls = new WaitingCalls();
  readonly #listeners = new Set<(event: HostEvent) => void>();
  /** Null until the host has welcomed the page. */
  #socket: Socket | null = null;
  #attempts = 0;

  constructor(open: () => Socket, token: string | null) {
    this.#open = open;
    this.#token = token ?? "";
    this.connection = createWatch<Connection>({ phase: token === null ? "refused" : "connecting" });
    if (token !== null) this.#connect();
  }

  call(name: CallName, input: unknown): Promise<Reply> {
    const socket = this.#socket;
    if (!socket) return Promise.resolve(NO_ENGINE);
    return this.#calls.begin((id) => socket.send(JSON.stringify({ id, name, input })));
  }

  onEvent(listener: (event: HostEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #connect(): void {
    const socket = this.#open();
    socket.addEventListener("open", () => socket.send(JSON.stringify({ token: this.#token })));
    socket.addEventListener("message", ({ data }) => this.#receive(socket, String(data)));
    // A close follows every error, with the code.
    socket.addEventListener("close", ({ code }) => this.#lose(code));
  }

  #receive(socket: Socket, text: string): void {
    const message = WebMessage.parse(JSON.parse(text));
    switch (message.type) {
      case "welcome":
        this.#socket = socket;
        this.#attempts = 0;
        this.connection.set({ phase: "open" });
        break;
      case "reply":
        this.#calls.settle(message.id, message.reply);
        break;
      case "event":
        for (const listener of this.#listeners) listener(message.event);
        break;
    }
  }

  #lose(code: number): void {
    this.#socket = null;
    this.#calls.settleAll(NO_ENGINE);
    if (code === WEB_CLOSE_CODES.unauthorized) {
      this.connection.set({ phase: "refused" });
      return;
    }
    if (this.connection.get().phase !== "lost") {
      this.connection.set({ phase: "lost", sinceMs: Date.now() });
    }
    const waitMs = Math.min(RECONNECT_FIRST_MS * 2 ** this.#attempts, RECONNECT_LIMIT_MS);
    this.#attempts += 1;
    setTimeout(() => this.#connect(), waitMs);
  }
}
