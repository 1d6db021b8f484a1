import type { Reply } from "#shared/client.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import type { LentKeys, LocalMessage } from "#shared/local-protocol.ts";
import type { ProfileId } from "#shared/profile.ts";
import type { Socket } from "node:net";
import type { OwnEngine } from "../engine-host.ts";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { dispatch } from "#shared/dispatch.ts";
import { toErrorInfo } from "#shared/errors.ts";
import { AnyHello, CONTRACT_VERSION, LocalAsk, LocalHello } from "#shared/local-protocol.ts";
import { LineSocket } from "./line-socket.ts";

export type LocalHost = {
  /** Nobody attaches any more, and who is attached hears of it. */
  close(): Promise<void>;
};

export type LocalHostOptions = {
  readonly path: string;
  /** As in `LockHolder`. */
  readonly program: string;
  /** Called for a process that runs everything; true: this one gives the home to it. */
  readonly onKeeper: () => boolean;
};

const HELLO_MS = 5_000;
const MAX_ATTACHED = 64;
/** How long a process may look for keys that it lends anew; it gives up a little earlier itself. */
const RENEW_MS = 12_000;
/** Beyond it the asks of one process wait in its own socket. */
const MAX_UNANSWERED = 64;

/**
 * Answers processes of this user that attach to the engine. No token: who can reach the socket can
 * read the home, and with it everything that a token could keep from them.
 *
 * @throws Error of the system when it cannot listen.
 */
export async function serveLocal(engine: OwnEngine, options: LocalHostOptions): Promise<LocalHost> {
  const guests = new Set<Guest>();
  const server = createServer((socket) => {
    const guest = new Guest(socket, engine, options, {
      onWelcome: () => tellKeeper(),
      onGone: () => {
        guests.delete(guest);
        tellKeeper();
      },
    });
    guests.add(guest);
  });
  const tellKeeper = () => {
    const message: LocalMessage = {
      type: "keeper",
      isThere: [...guests].some(({ isKeeper }) => isKeeper),
    };
    const text = JSON.stringify(message);
    for (const guest of guests) guest.tell(text);
  };
  server.maxConnections = MAX_ATTACHED;
  // One that a killed process left; the lock says that no other listens.
  if (process.platform !== "win32") await rm(options.path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.path, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const stop = engine.onEvent((event) => {
    if (guests.size === 0) return;
    const message: LocalMessage = { type: "event", event };
    const text = JSON.stringify(message);
    for (const guest of guests) guest.tell(text);
  });
  return {
    close: async () => {
      stop();
      const closed = new Promise((done) => server.close(done));
      for (const guest of guests) guest.close();
      await closed;
    },
  };
}

type GuestEars = { readonly onWelcome: () => void; readonly onGone: () => void };

/** One attached process, from its first line on. */
class Guest {
  readonly #line: LineSocket;
  readonly #engine: OwnEngine;
  readonly #options: LocalHostOptions;
  readonly #onWelcome: () => void;
  /** It runs everything, and so is to have the home next. */
  isKeeper = false;
  #isWelcome = false;
  #isGone = false;
  #unanswered = 0;
  #giveBack: () => void = () => {};
  readonly #renewals = new Map<number, (keys: LentKeys | null) => void>();
  #lastQuestion = 0;

  constructor(socket: Socket, engine: OwnEngine, options: LocalHostOptions, ears: GuestEars) {
    this.#onWelcome = ears.onWelcome;
    this.#engine = engine;
    this.#options = options;
    const hello = setTimeout(() => socket.destroy(), HELLO_MS);
    let isGreeted = false;
    this.#line = new LineSocket(socket, {
      onMessage: (message) => {
        clearTimeout(hello);
        if (isGreeted) return this.#take(message);
        isGreeted = true;
        void this.#greet(message);
      },
      onClose: () => {
        clearTimeout(hello);
        this.#isGone = true;
        for (const answer of this.#renewals.values()) answer(null);
        this.#giveBack();
        ears.onGone();
      },
    });
  }

  tell(text: string): void {
    if (this.#isWelcome) this.#line.sendText(text);
  }

  close(): void {
    this.#line.destroy();
  }

  async #greet(message: unknown): Promise<void> {
    if (AnyHello.safeParse(message).data?.contract !== CONTRACT_VERSION) {
      return this.#refuse(otherVersion(this.#options.program));
    }
    const hello = LocalHello.safeParse(message);
    if (!hello.success) return this.#line.destroy();
    const { runs, lent, started } = hello.data;
    if (runs === "all" && this.#options.onKeeper()) return this.#send({ type: "yielding" });
    try {
      const giveBack = await this.#engine.local.lend(
        lent,
        started,
        async (id) => await this.#renew(id),
      );
      if (this.#isGone) return giveBack();
      this.#giveBack = giveBack;
    } catch (error) {
      return this.#refuse(toErrorInfo(error));
    }
    this.#isWelcome = true;
    this.isKeeper = runs === "all";
    this.#send({ type: "welcome" });
    this.#onWelcome();
  }

  #refuse(error: ErrorInfo): void {
    this.#send({ type: "refused", error });
    this.#line.end();
  }

  #take(message: unknown): void {
    const ask = LocalAsk.safeParse(message);
    if (!ask.success || !this.#isWelcome) return this.#line.destroy();
    const { data } = ask;
    if (data.ask === "there") this.#send({ type: "here" });
    else if (data.ask === "renewed") this.#renewals.get(data.question)?.(data.keys);
    else if (data.ask === "progress") {
      this.#engine.incoming.progress(data.ticket, data.offsetBytes);
    } else void this.#answer(data.id, this.#replyTo(data));
  }

  /** Null: it is gone, has none any more, or does not answer. Never rejects. */
  async #renew(profileId: ProfileId): Promise<LentKeys | null> {
    if (this.#isGone) return null;
    this.#lastQuestion += 1;
    const question = this.#lastQuestion;
    const { promise, resolve } = Promise.withResolvers<LentKeys | null>();
    this.#renewals.set(question, resolve);
    const late = setTimeout(() => resolve(null), RENEW_MS);
    this.#send({ type: "renew", question, profileId });
    return await promise.finally(() => {
      clearTimeout(late);
      this.#renewals.delete(question);
    });
  }

  async #answer(id: number, replying: Promise<Reply>): Promise<void> {
    this.#unanswered += 1;
    if (this.#unanswered >= MAX_UNANSWERED) this.#line.pause();
    const reply = await replying;
    this.#unanswered -= 1;
    this.#line.resume();
    this.#send({ type: "reply", id, reply });
  }

  /** Never rejects. */
  async #replyTo(ask: Extract<LocalAsk, { id: number }>): Promise<Reply> {
    const { incoming, local } = this.#engine;
    if (ask.ask === "call") return await dispatch(local.handlers, ask.name, ask.input);
    const { ticket, offsetBytes } = ask;
    try {
      const value =
        ask.ask === "begin"
          ? await incoming.begin(ticket, offsetBytes, ask.lengthBytes)
          : await incoming.end(ticket, offsetBytes).then(() => null);
      return { ok: true, value };
    } catch (error) {
      return { ok: false, error: toErrorInfo(error) };
    }
  }

  #send(message: LocalMessage): void {
    this.#line.send(message);
  }
}

function otherVersion(program: string): ErrorInfo {
  return {
    code: "locked",
    message: "the one that runs is of another version",
    details: { cause: "version", holder: `${program}, process ${process.pid}` },
  };
}
