import type { Readable } from "node:stream";
import { LonghaulError } from "#shared/errors.ts";
import type { Connection, Connections } from "./connections.ts";
import type { HttpHandler } from "./http-client.ts";
import { explainNetworkError, isClosedByPeer } from "./network-errors.ts";
import type { StallCause, Watch, Watchdog } from "./watchdog.ts";
import { relayHeaders, relayOf } from "./route.ts";
import type { WireRequest } from "./wire.ts";

export type Headers = Readonly<Record<string, string>>;

/** Made once: an error of its own for each request would cost as much as the request's head. */
const OVER = new Error("the exchange is over");

/** What the reader of an answer may do about it. */
export interface Flow {
  /** Stops reading from the socket until as many `resume` came; that is no stall. */
  pause(): void;
  resume(): void;
  /** Enough of it: the exchange ends well, and the socket is closed. */
  finish(): void;
  /** Ends the exchange with this error. */
  fail(error: unknown): void;
}

/** Reads one answer as it comes. */
export interface AnswerReader {
  onHead(status: number, headers: Headers, flow: Flow): void;
  onChunk(chunk: Buffer, flow: Flow): void;
  /** Where the next bytes of the body should be put; a chunk may be a view of it. */
  room?(): Buffer | null;
}

export type Call = {
  readonly request: WireRequest;
  /** Of the body to send; null for a request without one. */
  readonly contentLength: number | null;
  /** Makes the body, anew for each try. `signal` aborts when nobody sends it any more. */
  readonly body: (watch: Watch, signal: AbortSignal) => Buffer | Readable | null;
  readonly reader: AnswerReader;
  /** Bytes of the body that the socket took. */
  readonly onSent: (bytes: number) => void;
  /** Asked twice it does no more than asked once; unless told, it is. */
  readonly isRepeatable?: boolean;
};

export type Network = {
  readonly connections: Connections;
  readonly watchdog: Pick<Watchdog, "watch">;
};

/**
 * Sends one request and lets the reader read its answer to the end.
 * A kept-alive socket that the server closed before a byte of the answer is replaced once.
 *
 * @throws {LonghaulError} as `explainNetworkError`; `unreachable` with cause `stalled` or `too slow`;
 * AbortError.
 */
export async function exchange(call: Call, network: Network, signal: AbortSignal): Promise<void> {
  try {
    await exchangePlainly(call, network, signal);
  } catch (error) {
    throw explainNetworkError(error, splitUrl(call.request.url).origin);
  }
}

/** The same, with the errors of sockets as they are. */
export async function exchangePlainly(
  call: Call,
  { connections, watchdog }: Network,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const { url, routeId } = call.request;
  const { origin, path } = splitUrl(url);
  const connection = connections.take(origin, routeId);
  const attempt = new Attempt(call, connection, { connections, watchdog });
  try {
    await attempt.run(path, signal);
  } catch (error) {
    const isStale = connection.isReused && !attempt.isAnswered && isClosedByPeer(error);
    if (!isStale || call.isRepeatable === false) throw error;
    // Canceled in the same turn: nothing would tell the second attempt.
    signal.throwIfAborted();
    const fresh = connections.open(origin, routeId);
    await new Attempt(call, fresh, { connections, watchdog }).run(path, signal);
  }
}

/** The rest of the URL as it was signed: parsing it would resolve the dots that a key may have. */
export function splitUrl(url: string): { origin: string; path: string } {
  const match = /^(https?:\/\/[^/?#]+)([^#]*)/i.exec(url);
  if (match?.[1] === undefined) throw new LonghaulError("invalid", "not an http or https URL");
  const { origin } = new URL(match[1]);
  const rest = match[2] ?? "";
  return { origin, path: rest.startsWith("/") ? rest : `/${rest}` };
}

/** One request on one connection. */
class Attempt implements HttpHandler, Flow {
  isAnswered = false;
  readonly #call: Call;
  readonly #connection: Connection;
  readonly #network: Network;
  readonly #watch: Watch;
  readonly #ended = new AbortController();
  readonly #result = Promise.withResolvers<void>();
  #pauseCount = 0;
  #isSettled = false;

  constructor(call: Call, connection: Connection, network: Network) {
    this.#call = call;
    this.#connection = connection;
    this.#network = network;
    this.#watch = network.watchdog.watch((cause) => this.fail(this.#givenUp(cause)));
  }

  async run(path: string, signal: AbortSignal): Promise<void> {
    const onAbort = () => this.fail(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      this.#dispatch(path);
      await this.#result.promise;
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  onBodySent(bytes: number): void {
    this.#watch.touch(bytes);
    this.#call.onSent(bytes);
  }

  onRequestSent(): void {
    this.#watch.touch(0);
  }

  onAnswered(): void {
    this.isAnswered = true;
  }

  onHead(status: number, headers: Headers): void {
    this.#watch.touch(0);
    // An interim answer, such as 103: the real one follows.
    if (status < 200 || this.#isSettled) return;
    this.#guard(() => this.#call.reader.onHead(status, headers, this));
  }

  room(): Buffer | null {
    return this.#isSettled ? null : (this.#call.reader.room?.() ?? null);
  }

  onData(chunk: Buffer): void {
    if (this.#isSettled) return;
    this.#watch.touch(chunk.length);
    this.#guard(() => this.#call.reader.onChunk(chunk, this));
  }

  onEnd(): void {
    if (!this.#settle()) return;
    this.#result.resolve();
    this.#network.connections.giveBack(this.#connection);
  }

  onError(error: unknown): void {
    this.fail(error);
  }

  pause(): void {
    this.#pauseCount += 1;
    if (this.#pauseCount > 1) return;
    this.#watch.suspend();
    this.#connection.client.pause();
  }

  resume(): void {
    this.#pauseCount -= 1;
    if (this.#pauseCount > 0 || this.#isSettled) return;
    this.#watch.resume();
    this.#connection.client.resume();
  }

  finish(): void {
    if (!this.#settle()) return;
    this.#result.resolve();
    this.#connection.destroy(new Error("enough of the answer was read"));
  }

  fail(error: unknown): void {
    if (!this.#settle()) return;
    this.#result.reject(error);
    this.#connection.destroy(error);
  }

  #dispatch(path: string): void {
    const { request, contentLength, body } = this.#call;
    this.#guard(() => {
      const { client, origin, routeId } = this.#connection;
      const route = this.#network.connections.routeOf(routeId);
      const relay = relayOf(route, origin);
      const extra = relay === null ? {} : relayHeaders(relay);
      const sending = {
        method: request.method,
        target: relay === null ? path : origin + path,
        headers: { ...request.headers, ...extra },
        contentLength,
        body: body(this.#watch, this.#ended.signal),
      };
      client.send(sending, this);
    });
  }

  /** A fault of ours inside the client's calls would otherwise end up as an error of the socket. */
  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.fail(error);
    }
  }

  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    this.#watch.end();
    this.#ended.abort(OVER);
    return true;
  }

  #givenUp(cause: StallCause): LonghaulError {
    const { origin } = this.#connection;
    return new LonghaulError("unreachable", `${cause}: a stream with ${origin}`, {
      details: { endpoint: origin, cause },
    });
  }
}
