import { Worker } from "node:worker_threads";
import type { ErrorInfo } from "#shared/errors.ts";
import { fromErrorInfo, LonghaulError } from "#shared/errors.ts";
import { siblingModule } from "../flow/sibling-module.ts";
import { NEVER_BEGAN } from "./descriptor-gate.ts";
import type { Message, Notice, Outcome, Reply, Task, WorkerSetup } from "./orders.ts";

/** An outcome that is neither a failure nor a cancellation. */
export type Success = Exclude<Outcome, { readonly kind: "failed" | "canceled" }>;

/** Small, because every chunk that a socket reads waits there for its collection: 64 KiB each. */
const YOUNG_GENERATION_MIB = 4;

type Pending = { readonly settle: (outcome: Outcome) => void };

export type Asked = {
  /** Of the order. */
  readonly id: number;
  /** @throws what the worker says, or AbortError at once when `signal` aborts. */
  readonly outcome: Promise<Success>;
  /** Resolves when the worker is done with it, however it ended: its memory is free then. */
  readonly over: Promise<void>;
};

/** One worker thread as the main thread sees it. */
export class WireThread {
  readonly #setup: WorkerSetup;
  readonly #onDeath: () => void;
  readonly #pending = new Map<number, Pending>();
  /** Null before the first order and after it died, until the next. */
  #worker: Worker | null = null;
  #outbox: Message[] = [];
  #lastId = 0;
  #isClosed = false;

  /** @param onDeath Told when it dies after it had begun: what it wrote is with nobody. */
  constructor(setup: WorkerSetup, onDeath: () => void) {
    this.#setup = setup;
    this.#onDeath = onDeath;
  }

  /** Starts it before its first order, which then waits for nothing. */
  warmUp(): void {
    this.#worker ??= this.#start();
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  ask(task: Task, signal: AbortSignal): Asked {
    const id = (this.#lastId += 1);
    const result = Promise.withResolvers<Success>();
    const over = Promise.withResolvers<void>();
    const onAbort = () => {
      this.post({ kind: "cancel", id });
      result.reject(signal.reason);
    };
    const settle = (outcome: Outcome) => {
      signal.removeEventListener("abort", onAbort);
      if (outcome.kind === "failed") result.reject(fromErrorInfo(outcome.error));
      else if (outcome.kind === "canceled") result.reject(canceledError());
      else result.resolve(outcome);
      over.resolve();
    };
    this.#pending.set(id, { settle });
    signal.addEventListener("abort", onAbort, { once: true });
    this.post({ id, ...task });
    return { id, outcome: result.promise, over: over.promise };
  }

  /** Whether there is one; a thread that has not begun, or died, has no socket and no file. */
  get isThere(): boolean {
    return this.#worker !== null || this.#outbox.length > 0;
  }

  /** All that is said within one turn of the loop goes in one message. */
  post(message: Message): void {
    if (this.#outbox.length === 0) setImmediate(() => this.#flush());
    this.#outbox.push(message);
  }

  /** As `post`, of what a thread that starts later knows by its set-up, or has nothing of yet. */
  tell(message: Notice): void {
    if (this.#worker !== null) this.post(message);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.terminate();
    this.#settleAll({ kind: "canceled" });
  }

  #flush(): void {
    const messages = this.#outbox;
    this.#outbox = [];
    if (this.#isClosed) return this.#settleAll({ kind: "canceled" });
    if (messages.length === 0) return;
    this.#worker ??= this.#start();
    this.#worker.postMessage(messages, []);
  }

  #start(): Worker {
    const module = siblingModule(import.meta.url, "wire-worker");
    const worker = new Worker(module, {
      workerData: this.#setup,
      execArgv: [],
      name: "wire",
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
    });
    let hasAnswered = false;
    worker.on("message", (replies: readonly Reply[]) => {
      hasAnswered = true;
      for (const reply of replies) this.#settle(reply);
    });
    let reason: unknown = "a thread ended by itself";
    worker.on("error", (error) => {
      reason = error;
    });
    worker.on("exit", () => this.#bury(reason, hasAnswered));
    return worker;
  }

  #settle({ id, ...outcome }: Reply): void {
    this.#pending.get(id)?.settle(outcome);
    this.#pending.delete(id);
  }

  /** A thread that died of a bug takes its orders with it; the next ones get a new thread. */
  #bury(reason: unknown, hasAnswered: boolean): void {
    if (this.#isClosed) return;
    this.#worker = null;
    // What it was not told yet fails with the rest, and nobody else carries it out.
    this.#outbox = [];
    if (hasAnswered) this.#onDeath();
    this.#settleAll({ kind: "failed", error: whyDead(reason, hasAnswered) });
  }

  #settleAll(outcome: Outcome): void {
    for (const pending of this.#pending.values()) pending.settle(outcome);
    this.#pending.clear();
  }
}

/**
 * A thread that could not even begin has done nothing, and its orders can be repeated. What it could
 * not load, for want of a descriptor, is told in many ways.
 */
function whyDead(reason: unknown, hasAnswered: boolean): ErrorInfo {
  const message = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
  return { code: "internal", message, details: hasAnswered ? {} : { cause: NEVER_BEGAN } };
}

function canceledError(): Error {
  return new DOMException("canceled", "AbortError");
}

/** For an answer that does not fit its question. */
export function unexpected(outcome: Success): LonghaulError {
  return new LonghaulError("internal", `a thread answered ${outcome.kind}`);
}
