import type { Reply } from "#shared/client.ts";

/** A call that has no answer by then is given up. Above the longest of the host's own limits, 20 s. */
const ANSWER_LIMIT_MS = 120_000;

export const NO_ENGINE: Reply = {
  ok: false,
  error: { code: "unreachable", message: "the engine does not answer", details: {} },
};

/** Calls on their way, by the number that their answer will carry. Every one is answered, if only by the deadline. */
export class WaitingCalls {
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #nextId = 0;

  /** `send` gets the number to put on the call. */
  begin(send: (id: number) => void): Promise<Reply> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.settle(id, NO_ENGINE), ANSWER_LIMIT_MS);
      this.#waiting.set(id, (reply) => {
        clearTimeout(timer);
        resolve(reply);
      });
      send(id);
    });
  }

  /** An answer that nobody waits for is dropped. */
  settle(id: number, reply: Reply): void {
    const answer = this.#waiting.get(id);
    this.#waiting.delete(id);
    answer?.(reply);
  }

  /** The line is gone, and with it every answer. */
  settleAll(reply: Reply): void {
    for (const id of this.#waiting.keys()) this.settle(id, reply);
  }
}
