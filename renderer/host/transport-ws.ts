import type { Reply, Transport } from "#shared/client.ts";
import type { CallName, HostEvent } from "#shared/contract.ts";
import type { Connection, Watched } from "./host.ts";
import { WEB_CLOSE_CODES, WebMessage } from "#shared/web-protocol.ts";
import { createWatch } from "./watched.ts";

/** A call that has no answer by then is given up. Above the longest of the host's own limits, 20 s. */
const ANSWER_LIMIT_MS = 120_000;
/** Between attempts to connect again: doubled up to the limit. */
const RECONNECT_FIRST_MS = 250;
const RECONNECT_LIMIT_MS = 4_000;

/** The part of a browser's WebSocket that is used, so that tests need no socket. */
export type Socket = Pick<
  WebSocket,
  "send" | "close" | "onopen" | "onmessage" | "onclose" | "onerror"
>;

type Waiting = { readonly answer: (reply: Reply) => void; readonly timer: number };

export type WebTransport = Transport & { readonly connection: Watched<Connection> };

/** The web host's socket: one at a time, opened again whenever it is lost. */
export function createWebTransport(open: () => Socket, token: string | null): WebTransport {
  const connection = createWatch<Connection>({ phase: "connecting" });
  const listeners = new Set<(event: HostEvent) => void>();
  const waiting = new Map<number, Waiting>();
  let socket: Socket | null = null;
  let nextId = 0;
  let attempts = 0;

  function connect(): void {
    const opened = open();
    opened.onopen = () => opened.send(JSON.stringify({ token: token ?? "" }));
    opened.onmessage = (message) => receive(opened, message.data);
    opened.onclose = (event) => lose(event.code);
    // A close event follows every error, with the code.
    opened.onerror = () => undefined;
  }

  function receive(from: Socket, data: unknown): void {
    const message = WebMessage.parse(JSON.parse(String(data)));
    switch (message.type) {
      case "welcome":
        socket = from;
        attempts = 0;
        connection.set({ phase: "open" });
        break;
      case "reply":
        settle(message.id, message.reply);
        break;
      case "event":
        for (const listener of listeners) listener(message.event);
        break;
    }
  }

  function settle(id: number, reply: Reply): void {
    const call = waiting.get(id);
    if (!call) return;
    waiting.delete(id);
    window.clearTimeout(call.timer);
    call.answer(reply);
  }

  function lose(code: number): void {
    socket = null;
    for (const id of waiting.keys()) settle(id, NO_ENGINE);
    if (code === WEB_CLOSE_CODES.unauthorized) {
      connection.set({ phase: "refused" });
      return;
    }
    const before = connection.get();
    if (before.phase !== "lost") connection.set({ phase: "lost", sinceMs: Date.now() });
    window.setTimeout(connect, Math.min(RECONNECT_FIRST_MS * 2 ** attempts, RECONNECT_LIMIT_MS));
    attempts += 1;
  }

  function call(name: CallName, input: unknown): Promise<Reply> {
    const to = socket;
    if (!to) return Promise.resolve(NO_ENGINE);
    return new Promise((answer) => {
      const id = nextId++;
      const timer = window.setTimeout(() => settle(id, NO_ENGINE), ANSWER_LIMIT_MS);
      waiting.set(id, { answer, timer });
      to.send(JSON.stringify({ id, name, input }));
    });
  }

  if (token === null) connection.set({ phase: "refused" });
  else connect();
  return {
    call,
    connection,
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const NO_ENGINE: Reply = {
  ok: false,
  error: { code: "unreachable", message: "the engine does not answer", details: {} },
};
