import { Worker } from "node:worker_threads";
import { fromErrorInfo, LonghaulError } from "#shared/errors.ts";
import type {
  Answer,
  CommitCalls,
  Committed,
  JournalLink,
  LinkReply,
  LinkRequest,
  QuestionInput,
  QuestionName,
  QuestionOutput,
} from "./journal-link.ts";
import { siblingModule } from "../flow/sibling-module.ts";

/** A disk that has not answered by then is as good as gone. */
const ANSWER_WITHIN_MS = 60_000;
/** The check at start reads the whole file. */
const OPEN_WITHIN_MS = 600_000;

type Opened = Omit<Extract<LinkReply, { kind: "opened" }>, "kind">;

/** Starts the journal's thread on a file. @throws {LonghaulError} as `openJournalFile`. */
export async function startJournalThread(
  path: string,
  wallMs: number,
): Promise<Opened & { readonly link: JournalLink }> {
  const thread = new JournalThread(path, wallMs);
  return { link: thread, ...(await thread.opened) };
}

/** One answer that is waited for. */
class Waiting<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: LonghaulError) => void;

  constructor(withinMs: number) {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const timer = setTimeout(
      () =>
        reject(new LonghaulError("disk-failed", `the journal did not answer in ${withinMs} ms`)),
      withinMs,
    );
    // A thread that answers keeps the process alive itself.
    timer.unref();
    this.promise = promise.finally(() => clearTimeout(timer));
    this.resolve = resolve;
    this.reject = reject;
  }
}

type WaitingAnswers = {
  readonly [N in QuestionName]: Map<number, Waiting<QuestionOutput<N>>>;
};

class JournalThread implements JournalLink {
  readonly #worker: Worker;
  readonly #opening = new Waiting<Opened>(OPEN_WITHIN_MS);
  /** The file is closed, whatever the thread still has to take apart. */
  readonly #closed = Promise.withResolvers<void>();
  readonly #commits = new Map<number, Waiting<Committed>>();
  readonly #answers: WaitingAnswers = {
    transfers: new Map(),
    items: new Map(),
    itemTotals: new Map(),
    parts: new Map(),
    arrivals: new Map(),
    log: new Map(),
    entriesAt: new Map(),
    entriesOf: new Map(),
    entryPage: new Map(),
    entryList: new Map(),
    evictable: new Map(),
    entrySums: new Map(),
    entryPieces: new Map(),
    hasEntries: new Map(),
    cacheIntents: new Map(),
  };
  /** Why nothing more will be answered, once that is so. */
  #ended: LonghaulError | null = null;
  #lastId = 0;

  constructor(path: string, wallMs: number) {
    this.#worker = new Worker(siblingModule(import.meta.url, "journal-worker"), {
      name: "journal",
      // A page of rows is garbage at once; the default lets 50 MB of it pile up.
      resourceLimits: { maxYoungGenerationSizeMb: 16 },
      workerData: { path, nowMs: wallMs },
      // It needs nothing of ours, and what it was not given it cannot leak.
      env: {},
    });
    this.#worker.on("message", (reply: LinkReply) => this.#receive(reply));
    this.#worker.on("error", (error) => this.#end(String(error)));
    this.#worker.on("exit", () => {
      this.#end("it has ended");
      this.#closed.resolve();
    });
  }

  get opened(): Promise<Opened> {
    return this.#opening.promise;
  }

  async commitAll(calls: CommitCalls): Promise<Committed> {
    const id = this.#nextId();
    const waiting = new Waiting<Committed>(ANSWER_WITHIN_MS);
    this.#commits.set(id, waiting);
    this.#send({ kind: "commit", id, calls });
    return waiting.promise.finally(() => this.#commits.delete(id));
  }

  async ask<N extends QuestionName>(name: N, input: QuestionInput<N>): Promise<QuestionOutput<N>> {
    const id = this.#nextId();
    const waiting = new Waiting<QuestionOutput<N>>(ANSWER_WITHIN_MS);
    this.#answers[name].set(id, waiting);
    this.#send<N>({ kind: "ask", id, question: { name, input } });
    return waiting.promise.finally(() => this.#answers[name].delete(id));
  }

  async close(): Promise<void> {
    if (this.#ended === null) this.#send({ kind: "close" });
    await this.#closed.promise;
  }

  /** @throws {LonghaulError} `internal` once the thread is gone. */
  #nextId(): number {
    if (this.#ended !== null) throw this.#ended;
    this.#lastId += 1;
    return this.#lastId;
  }

  #send<N extends QuestionName>(request: LinkRequest<N>): void {
    // Nothing is handed over: rows are small and copied.
    this.#worker.postMessage(request, []);
  }

  #receive(reply: LinkReply): void {
    switch (reply.kind) {
      case "opened": {
        const { kind: _, ...opened } = reply;
        return this.#opening.resolve(opened);
      }
      case "not-opened":
        return this.#opening.reject(fromErrorInfo(reply.error));
      case "committed":
        return this.#commits.get(reply.id)?.resolve(reply.committed);
      case "answered":
        return settle(this.#answers, reply.id, reply.answer);
      case "refused":
        for (const waiting of Object.values(this.#answers)) {
          waiting.get(reply.id)?.reject(fromErrorInfo(reply.error));
        }
        return undefined;
      case "closed":
        return this.#closed.resolve();
      default:
        return reply satisfies never;
    }
  }

  #end(why: string): void {
    this.#ended ??= new LonghaulError("internal", `the journal's thread: ${why}`);
    const ended = this.#ended;
    this.#opening.reject(ended);
    for (const waiting of [this.#commits, ...Object.values(this.#answers)]) {
      for (const each of waiting.values()) each.reject(ended);
    }
  }
}

function settle<N extends QuestionName>(
  waiting: WaitingAnswers,
  id: number,
  answer: Answer<N>,
): void {
  waiting[answer.name].get(id)?.resolve(answer.output);
}
