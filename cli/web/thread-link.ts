import type { Reply } from "#shared/client.ts";
import type { HostEvent } from "#shared/contract.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import type { WebLink } from "./web-link.ts";

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

export type ToServer =
  | { readonly type: "answer"; readonly id: number; readonly value: unknown }
  | { readonly type: "event"; readonly event: HostEvent }
  | { readonly type: "close" };

/** The server's end: every question is a message, every answer finds its question by number. */
export class ThreadLink implements WebLink {
  readonly #post: (message: ToEngine) => void;
  readonly #waiting = new Map<number, (value: unknown) => void>();
  #listener: (event: HostEvent) => void = () => {};
  #lastId = 0;

  constructor(post: (message: ToEngine) => void) {
    this.#post = post;
  }

  async call(name: string, input: unknown): Promise<Reply> {
    try {
      return (await this.#ask({ ask: "call", name, input })) as Reply;
    } catch (error) {
      // Too deep to be copied from thread to thread: no call takes such an input.
      return { ok: false, error: { code: "invalid", message: String(error), details: {} } };
    }
  }

  onEvent(listener: (event: HostEvent) => void): void {
    this.#listener = listener;
  }

  async beginIncoming(
    ticket: string,
    offsetBytes: number,
    lengthBytes: number,
  ): Promise<{ readonly path: string } | { readonly error: ErrorInfo }> {
    const begun = await this.#ask({ ask: "begin", ticket, offsetBytes, lengthBytes });
    // The other end of the same program: `LinkServer.#answer`.
    return begun as { readonly path: string } | { readonly error: ErrorInfo };
  }

  progressIncoming(ticket: string, offsetBytes: number): void {
    this.#post({ type: "progress", ticket, offsetBytes });
  }

  async endIncoming(ticket: string, offsetBytes: number): Promise<ErrorInfo | null> {
    return (await this.#ask({ ask: "end", ticket, offsetBytes })) as ErrorInfo | null;
  }

  /** Takes a message of the engine's thread, all but `close`. */
  take(message: Exclude<ToServer, { type: "close" }>): void {
    if (message.type === "event") return this.#listener(message.event);
    const resolve = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    resolve?.(message.value);
  }

  #ask(request: LinkRequest): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#post({ type: "asked", id, request });
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
    });
  }
}
