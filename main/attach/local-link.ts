import type { Reply } from "#shared/client.ts";
import type { HostEvent } from "#shared/contract.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import type { LentKeys, LocalAsk, LocalHello } from "#shared/local-protocol.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { fromErrorInfo, LonghaulError } from "#shared/errors.ts";
import { LocalMessage } from "#shared/local-protocol.ts";
import { LineSocket } from "./line-socket.ts";

/** The owner went before it answered: whoever comes after it may be asked again. */
export class LinkLost extends Error {}

/** What the owner says and asks of its own accord. */
export type LinkEars = {
  onEvent(event: HostEvent): void;
  /** True: nothing was heard of it for some seconds, though it lives; false: it speaks again. */
  onSilence(isSilent: boolean): void;
  /** Keys that were lent, anew; null where there are none any more. */
  renew(id: ProfileId): Promise<LentKeys | null>;
};

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
  /** A window or a `serve` is attached, too, as far as the owner said. */
  readonly hasKeeper: boolean;
  close(): void;
}

const OPEN_MS = 5_000;
const HELLO_MS = 5_000;
/**
 * It is asked this often whether it is there; after so many times without a sound it is silent.
 * Counted, not timed: a process that was itself stopped must not take that for the owner's silence.
 */
const BEAT_MS = 1_250;
const SILENT_BEATS = 4;

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
  ears: LinkEars,
): Promise<LocalLink | null> {
  const socket = await open(path);
  if (socket === null) return null;
  const link = new Link(socket, ears);
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
    const late = setTimeout(() => {
      socket.destroy();
      resolve(null);
    }, OPEN_MS);
    const settle = (opened: Socket | null) => {
      clearTimeout(late);
      resolve(opened);
    };
    socket.once("error", () => settle(null));
    socket.once("connect", () => settle(socket));
  });
}

class Link implements LocalLink {
  readonly closed: Promise<void>;
  hasKeeper = true;
  readonly #line: LineSocket;
  readonly #ears: LinkEars;
  readonly #beat: NodeJS.Timeout;
  #unheardBeats = 0;
  readonly #waiting = new Map<
    number,
    { readonly resolve: (reply: Reply) => void; readonly reject: (error: Error) => void }
  >();
  readonly #greeting = Promise.withResolvers<"welcome" | "yielding" | ErrorInfo>();
  #isClosed = false;
  #isWelcome = false;
  #lastId = 0;

  constructor(socket: Socket, ears: LinkEars) {
    this.#ears = ears;
    this.#beat = setInterval(() => this.#askWhetherThere(), BEAT_MS);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#line = new LineSocket(socket, {
      onMessage: (message) => this.#take(message),
      onClose: () => {
        this.#isClosed = true;
        clearInterval(this.#beat);
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
    this.#isWelcome = answer === "welcome";
    if (this.#isWelcome) return true;
    this.#line.destroy();
    if (typeof answer === "string") return false;
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

  #askWhetherThere(): void {
    // The greeting has a deadline of its own.
    if (!this.#isWelcome) return;
    this.#unheardBeats += 1;
    if (this.#unheardBeats === SILENT_BEATS) this.#ears.onSilence(true);
    this.#line.send({ ask: "there" });
  }

  async #renew(question: number, id: ProfileId): Promise<void> {
    // The owner says what is wrong; it can only know that there are none.
    const keys = await this.#ears.renew(id).catch(() => null);
    this.#line.send({ ask: "renewed", question, keys });
  }

  #take(raw: unknown): void {
    const message = LocalMessage.safeParse(raw);
    if (!message.success) return this.#line.destroy();
    if (this.#unheardBeats >= SILENT_BEATS) this.#ears.onSilence(false);
    this.#unheardBeats = 0;
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
        return this.#ears.onEvent(message.data.event);
      case "here":
        return;
      case "keeper":
        this.hasKeeper = message.data.isThere;
        return;
      case "renew":
        return void this.#renew(message.data.question, message.data.profileId);
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
