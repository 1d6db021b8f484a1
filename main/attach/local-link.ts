import type { Reply } from "#shared/client.ts";
import type { HostEvent } from "#shared/contract.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import type { LocalAsk, LocalHello } from "#shared/local-protocol.ts";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { fromErrorInfo, LonghaulError } from "#shared/errors.ts";
import { LocalMessage } from "#shared/local-protocol.ts";
import { LineSocket } from "./line-socket.ts";

/** The owner went before it answered: whoever comes after it may be asked again. */
export class LinkLost extends Error {}

type Numbered = Extract<LocalAsk, { id: number }>;
/** An ask before it has its number. */
export type Question = Numbered extends infer One
  ? One extends One
    ? Omit<One, "id">
    : never
  : never;

/** A connection to the process that runs the home. */
export interface LocalLink {
  /** @throws LinkLost */
  ask(question: Question): Promise<Reply>;
  progress(ticket: string, offsetBytes: number): void;
  /** Resolves when the owner is gone, or `close` was called. */
  readonly closed: Promise<void>;
  close(): void;
}

const HELLO_MS = 5_000;

/**
 * Attaches to the process behind the socket. Null: nobody listens, or the one that does gives the
 * home away.
 *
 * @throws {LonghaulError} `locked` when it is of another version, or does not answer within 5 s
 * (`details.cause` is `version` or `silent`); what the owner says against what is lent.
 */
export async function attach(
  path: string,
  makeHello: () => Promise<LocalHello>,
  onEvent: (event: HostEvent) => void,
): Promise<LocalLink | null> {
  const socket = await open(path);
  if (socket === null) return null;
  const link = new Link(socket, onEvent);
  try {
    return (await link.greet(await makeHello())) ? link : null;
  } catch (error) {
    link.close();
    throw error;
  }
}

/** Also of a socket that a dead process left, and of one whose owner has its hands full. */
async function open(path: string): Promise<Socket | null> {
  const socket = connect(path);
  return await new Promise((resolve) => {
    socket.once("error", () => resolve(null));
    socket.once("connect", () => resolve(socket));
  });
}

class Link implements LocalLink {
  readonly closed: Promise<void>;
  readonly #line: LineSocket;
  readonly #onEvent: (event: HostEvent) => void;
  readonly #waiting = new Map<
    number,
    { readonly resolve: (reply: Reply) => void; readonly reject: (error: Error) => void }
  >();
  readonly #greeting = Promise.withResolvers<"welcome" | "yielding" | ErrorInfo>();
  #isClosed = false;
  #lastId = 0;

  constructor(socket: Socket, onEvent: (event: HostEvent) => void) {
    this.#onEvent = onEvent;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#line = new LineSocket(socket, {
      onMessage: (message) => this.#take(message),
      onClose: () => {
        this.#isClosed = true;
        this.#greeting.resolve("yielding");
        for (const { reject } of this.#waiting.values()) reject(new LinkLost());
        this.#waiting.clear();
        resolve();
      },
    });
  }

  /** Whether the owner takes it. */
  async greet(hello: LocalHello): Promise<boolean> {
    this.#line.send(hello);
    const late = setTimeout(() => this.#greeting.resolve(silent()), HELLO_MS);
    const answer = await this.#greeting.promise;
    clearTimeout(late);
    if (answer === "welcome") return true;
    this.#line.destroy();
    if (answer === "yielding") return false;
    throw fromErrorInfo(answer);
  }

  async ask(question: Question): Promise<Reply> {
    if (this.#isClosed) throw new LinkLost();
    this.#lastId += 1;
    const id = this.#lastId;
    return await new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#line.send({ ...question, id });
    });
  }

  progress(ticket: string, offsetBytes: number): void {
    this.#line.send({ ask: "progress", ticket, offsetBytes });
  }

  close(): void {
    this.#line.destroy();
  }

  #take(raw: unknown): void {
    const message = LocalMessage.safeParse(raw);
    if (!message.success) return this.#line.destroy();
    switch (message.data.type) {
      case "welcome":
      case "yielding":
        return this.#greeting.resolve(message.data.type);
      case "refused":
        return this.#greeting.resolve(message.data.error);
      case "reply":
        this.#waiting.get(message.data.id)?.resolve(message.data.reply);
        this.#waiting.delete(message.data.id);
        return;
      case "event":
        return this.#onEvent(message.data.event);
      default:
        message.data satisfies never;
    }
  }
}

/** Stopped by a signal or a debugger: it still has the lock, so nobody may write beside it. */
function silent(): ErrorInfo {
  return new LonghaulError("locked", "the one that runs does not answer", {
    details: { cause: "silent" },
  });
}
