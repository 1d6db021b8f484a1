import type { Reply } from "#shared/client.ts";
import type { HostEvent } from "#shared/contract.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import type { Begun, WebLink } from "./web-link.ts";

/** What the web server's thread asks of the engine's. */
export type LinkRequest =
  | { readonly ask: "call"; readonly name: string; readonly input: unknown }
  | {
      readonly ask: "begin";
      readonly ticket: string;
      readonly offsetBytes: number;
      readonly lengthBytes: number;
    }
  | { readonly ask: "end"; readonly ticket: string; readonly offsetBytes: number };

export type ToEngine =
  | { readonly type: "asked"; readonly id: number; readonly request: LinkRequest }
  | { readonly type: "progress"; readonly ticket: string; readonly offsetBytes: number }
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "cannot-listen"; readonly cause: string; readonly message: string };

/** An answer is of the kind of its question. */
export type LinkAnswer =
  | { readonly ask: "call"; readonly reply: Reply }
  | { readonly ask: "begin"; readonly begun: Begun }
  | { readonly ask: "end"; readonly error: ErrorInfo | null };

export type ToServer =
  | { readonly type: "answer"; readonly id: number; readonly answer: LinkAnswer }
  | { readonly type: "event"; readonly event: HostEvent }
  | { readonly type: "close" };

/** The server's end: every question is a message, every answer finds its question by number. */
export class ThreadLink implements WebLink {
  readonly #post: (message: ToEngine) => void;
  readonly #waiting = new Map<number, (answer: LinkAnswer) => void>();
  #listener: (event: HostEvent) => void = () => {};
  #lastId = 0;

  constructor(post: (message: ToEngine) => void) {
    this.#post = post;
  }

  async call(name: string, input: unknown): Promise<Reply> {
    try {
      const answer = await this.#ask({ ask: "call", name, input });
      return answer.ask === "call" ? answer.reply : mismatch();
    } catch (error) {
      // Too deep to be copied from thread to thread: no call takes such an input.
      return { ok: false, error: { code: "invalid", message: String(error), details: {} } };
    }
  }

  onEvent(listener: (event: HostEvent) => void): void {
    this.#listener = listener;
  }

  async beginIncoming(ticket: string, offsetBytes: number, lengthBytes: number): Promise<Begun> {
    const answer = await this.#ask({ ask: "begin", ticket, offsetBytes, lengthBytes });
    return answer.ask === "begin" ? answer.begun : mismatch();
  }

  progressIncoming(ticket: string, offsetBytes: number): void {
    this.#post({ type: "progress", ticket, offsetBytes });
  }

  async endIncoming(ticket: string, offsetBytes: number): Promise<ErrorInfo | null> {
    const answer = await this.#ask({ ask: "end", ticket, offsetBytes });
    return answer.ask === "end" ? answer.error : mismatch();
  }

  /** Takes a message of the engine's thread, all but `close`. */
  take(message: Exclude<ToServer, { type: "close" }>): void {
    if (message.type === "event") return this.#listener(message.event);
    const resolve = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    resolve?.(message.answer);
  }

  #ask(request: LinkRequest): Promise<LinkAnswer> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#post({ type: "asked", id, request });
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
    });
  }
}

function mismatch(): never {
  throw new Error("an answer to another question");
}
