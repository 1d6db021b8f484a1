import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { ChunkedBody } from "./chunked-body.ts";
import type { Headers } from "./exchange.ts";
import { ClosedError, ProtocolError } from "./http-errors.ts";
import { MOST_HEAD_BYTES, parseHead, writeHead } from "./http-head.ts";
import type { AnswerHead } from "./http-head.ts";
import { readInto } from "./read-in-place.ts";

const HTTP_1 = "HTTP/1.";
const END_OF_HEAD = "\r\n\r\n";

/** Shorter than servers keep theirs; a server that says how long it keeps them is believed. */
const KEPT_MS = 4_000;
const LONGEST_KEPT_MS = 15_000;
/** What the other side says is a little less from here. */
const KEPT_MARGIN_MS = 2_000;

export type HttpRequest = {
  readonly method: string;
  /** A path with its query, or a whole URL for a proxy; goes out as it is. */
  readonly target: string;
  readonly headers: Headers;
  /** Of `body`; null where there is none. */
  readonly contentLength: number | null;
  readonly body: Buffer | Readable | null;
};

/** Hears of one exchange, in this order; after `onEnd` or `onError` of nothing more. */
export interface HttpHandler {
  /** Bytes of the body that the socket took. */
  onBodySent(bytes: number): void;
  /** All of the request is with the socket. */
  onRequestSent(): void;
  /** The first byte of an answer is here. */
  onAnswered(): void;
  /** Also for each interim answer. */
  onHead(status: number, headers: Headers): void;
  /** Where the next bytes of the body should be put, if anywhere; `onData` then gets a view of it. */
  room(): Buffer | null;
  /** A view that is good until the call returns. */
  onData(chunk: Buffer): void;
  onEnd(): void;
  onError(error: unknown): void;
}

type Exchange = {
  readonly request: HttpRequest;
  readonly handler: HttpHandler;
  /** Bytes of the body that the socket has not been given. */
  leftBytes: number;
  /** All of it is with the socket. */
  isSent: boolean;
};

/** What of an answer has been read. */
type Answer = {
  readonly head: AnswerHead;
  /** For a body whose length is told. */
  leftBytes: number;
  readonly chunks: ChunkedBody | null;
};

/**
 * HTTP/1.1 on one socket, one request at a time. It reads where the system put the bytes and hands on
 * views, because at gigabytes a second each further copy of a byte is a tenth of the work.
 */
export class HttpClient {
  readonly #host: string;
  readonly #onGone: () => void;
  readonly #opening: Promise<Socket>;
  readonly #closing = new AbortController();
  #socket: Socket | null = null;
  #exchange: Exchange | null = null;
  #answer: Answer | null = null;
  /** The start of a head that has not come whole. */
  #head: Buffer = Buffer.alloc(0);
  /** Whoever sends a body waits for it. */
  #onChunkTaken: () => void = () => undefined;
  #isPaused = false;
  /** The other side closed; what it said before may still be waiting to be read. */
  #hasEnded = false;
  #isGone = false;
  #idle: NodeJS.Timeout | undefined;

  /**
   * @param host For the `host` line.
   * @param open Opens the socket; its signal aborts when nobody wants it any more.
   * @param onGone The socket is closed, whoever closed it. Called once.
   */
  constructor(host: string, open: (signal: AbortSignal) => Promise<Socket>, onGone: () => void) {
    this.#host = host;
    this.#onGone = onGone;
    this.#opening = open(this.#closing.signal);
    this.#opening.then(
      (socket) => this.#attach(socket),
      (error: unknown) => this.#end(error),
    );
  }

  /** One at a time: the one before has ended. */
  send(request: HttpRequest, handler: HttpHandler): void {
    if (this.#exchange !== null) throw new Error("a connection carries one request at a time");
    clearTimeout(this.#idle);
    this.#exchange = { request, handler, leftBytes: request.contentLength ?? 0, isSent: false };
    this.#isPaused = false;
    if (this.#isGone) return this.#end(new ClosedError("the connection was closed"));
    if (this.#socket !== null) this.#write(this.#socket, this.#exchange);
  }

  /** No more is read until `resume`. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    // Not within the caller, who may be reading.
    queueMicrotask(() => this.#read());
  }

  /** Closes the socket now; the request under way ends with `reason`. */
  destroy(reason: unknown): void {
    this.#end(reason);
  }

  #attach(socket: Socket): void {
    if (this.#isGone) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    readInto(socket, () => this.#room());
    socket.on("readable", () => this.#read());
    socket.on("end", () => this.#heedEnd());
    socket.on("error", (error) => this.#end(error));
    socket.on("close", () => this.#heedEnd());
    if (this.#exchange !== null) this.#write(socket, this.#exchange);
    // What came before the listeners were there.
    this.#read();
  }

  #write(socket: Socket, exchange: Exchange): void {
    const { request } = exchange;
    const { body, contentLength } = request;
    try {
      const length = contentLength === null ? {} : { "content-length": String(contentLength) };
      const headers = { ...request.headers, ...length };
      const { method, target } = request;
      const head = writeHead({ method, target, host: this.#host, headers });
      if (body === null || Buffer.isBuffer(body)) this.#writeWhole(socket, exchange, head, body);
      else void this.#stream(socket, exchange, { head, body });
    } catch (error) {
      this.#end(error);
    }
  }

  #writeWhole(socket: Socket, exchange: Exchange, head: string, body: Buffer | null): void {
    const { handler } = exchange;
    exchange.leftBytes -= body?.length ?? 0;
    if (exchange.leftBytes !== 0) throw new ProtocolError("ERR_INVALID_REQUEST", WRONG_LENGTH);
    socket.cork();
    socket.write(head, "latin1");
    if (body !== null && body.length > 0) socket.write(body);
    socket.uncork();
    if (body !== null) handler.onBodySent(body.length);
    exchange.isSent = true;
    handler.onRequestSent();
  }

  /** Sends a body as the socket takes it, and no byte more or less than its length. */
  async #stream(
    socket: Socket,
    exchange: Exchange,
    { head, body }: { head: string; body: Readable },
  ): Promise<void> {
    const { handler } = exchange;
    try {
      socket.write(head, "latin1");
      for await (const chunk of body) {
        if (this.#exchange !== exchange) return;
        if (!Buffer.isBuffer(chunk) || chunk.length > exchange.leftBytes) {
          throw new ProtocolError("ERR_INVALID_REQUEST", WRONG_LENGTH);
        }
        exchange.leftBytes -= chunk.length;
        await this.#writeChunk(socket, chunk);
        if (this.#exchange !== exchange) return;
        handler.onBodySent(chunk.length);
      }
      if (exchange.leftBytes !== 0) throw new ProtocolError("ERR_INVALID_REQUEST", WRONG_LENGTH);
      exchange.isSent = true;
      handler.onRequestSent();
    } catch (error) {
      if (this.#exchange === exchange) this.#end(error);
    }
  }

  /** Resolves when the system has the chunk, whose memory is free then; after the socket's end, too. */
  async #writeChunk(socket: Socket, chunk: Buffer): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onChunkTaken = resolve;
      socket.write(chunk, () => resolve());
    });
  }

  #read(): void {
    while (!this.#isPaused && !this.#isGone) {
      const chunk: unknown = this.#socket?.read();
      if (Buffer.isBuffer(chunk)) this.#take(chunk);
      else if (this.#hasEnded) return this.#finishByEnd();
      else return;
    }
  }

  /** TLS may end while its reader is held up, and what it has decrypted is still to be read. */
  #heedEnd(): void {
    this.#hasEnded = true;
    this.#read();
  }

  /** Where nothing but bytes of this body can come. */
  #room(): Buffer | null {
    const answer = this.#answer;
    if (this.#isPaused || answer === null || answer.head.framing.kind !== "length") return null;
    return this.#exchange?.handler.room()?.subarray(0, answer.leftBytes) ?? null;
  }

  #take(chunk: Buffer): void {
    const exchange = this.#exchange;
    // Whatever it is, it belongs to no request.
    if (exchange === null) return this.#end(new ProtocolError("EPROTO", "an answer to nothing"));
    try {
      if (this.#answer === null && this.#head.length === 0) exchange.handler.onAnswered();
      let rest = this.#answer === null ? this.#takeHead(chunk, exchange) : chunk;
      if (this.#answer !== null && this.#exchange === exchange) {
        rest = this.#takeBody(rest, this.#answer, exchange.handler);
        if (this.#exchange === exchange) this.#finishIfWhole(exchange, rest.length > 0);
      }
    } catch (error) {
      this.#end(error);
    }
  }

  /** @returns What of the chunk follows the head; `#answer` is set once it is there. */
  #takeHead(chunk: Buffer, { request, handler, leftBytes }: Exchange): Buffer {
    let rest = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    this.#head = Buffer.alloc(0);
    while (this.#answer === null) {
      const end = rest.indexOf(END_OF_HEAD, 0, "latin1");
      if ((end === -1 ? rest.length : end) > MOST_HEAD_BYTES) {
        throw new ProtocolError("EPROTO", "a head that is too long");
      }
      if (end === -1) {
        if (!isStartOfHead(rest)) throw new ProtocolError("EPROTO", "no HTTP answer");
        // A copy: the chunk is good for this call alone.
        this.#head = Buffer.from(rest);
        return rest.subarray(rest.length);
      }
      const head = parseHead(rest.toString("latin1", 0, end), request.method);
      rest = rest.subarray(end + END_OF_HEAD.length);
      if (head.status === 101) throw new ProtocolError("EPROTO", "another protocol");
      // Whoever says so has not read it, and its body may not even be what was signed.
      if (isSuccess(head.status) && leftBytes > 0) {
        throw new ProtocolError("EPROTO", "a success before the request was whole");
      }
      if (head.status >= 200) this.#answer = answerOf(head);
      handler.onHead(head.status, head.headers);
      if (this.#exchange === null) break;
    }
    return rest;
  }

  /** @returns What of the bytes follows the body. */
  #takeBody(bytes: Buffer, answer: Answer, handler: HttpHandler): Buffer {
    if (bytes.length === 0) return bytes;
    const { framing } = answer.head;
    if (answer.chunks !== null) {
      const count = answer.chunks.take(bytes, (data) => {
        if (this.#answer === answer) handler.onData(data);
      });
      return bytes.subarray(count);
    }
    const data = framing.kind === "length" ? bytes.subarray(0, answer.leftBytes) : bytes;
    answer.leftBytes -= data.length;
    if (data.length > 0) handler.onData(data);
    return bytes.subarray(data.length);
  }

  #finishIfWhole(exchange: Exchange, hasMore: boolean): void {
    const answer = this.#answer;
    if (answer === null) return;
    const { framing, isKept, keptMs } = answer.head;
    const isWhole =
      framing.kind === "chunked" ? answer.chunks?.isDone === true : answer.leftBytes === 0;
    if (!isWhole) return;
    this.#exchange = null;
    this.#answer = null;
    // What comes now belongs to nothing, and is to be seen.
    this.#isPaused = false;
    // Bytes after the answer leave nothing to go on with; nor does a body that the system has not
    // taken whole, whose memory is somebody else's from here on.
    const isSent = exchange.isSent && this.#socket?.writableLength === 0;
    if (!isKept || hasMore || !isSent) this.#end(new ClosedError("the last answer is read"));
    else this.#rest(Math.min(keptMs === null ? KEPT_MS : keptMs - KEPT_MARGIN_MS, LONGEST_KEPT_MS));
    exchange.handler.onEnd();
  }

  /** Closes the socket after a while without a request. */
  #rest(forMs: number): void {
    // Made when it is needed: an error for each request would cost as much as its head.
    const close = () => this.#end(new ClosedError("it was idle"));
    if (forMs <= 0) return close();
    this.#idle = setTimeout(close, forMs).unref();
  }

  #finishByEnd(): void {
    const exchange = this.#exchange;
    if (this.#answer?.head.framing.kind !== "until-close" || exchange === null) {
      return this.#end(new ClosedError("the other side closed"));
    }
    this.#exchange = null;
    this.#end(new ClosedError("the last answer is read"));
    exchange.handler.onEnd();
  }

  /** The end of the socket, and of what is under way. */
  #end(reason: unknown): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    this.#answer = null;
    if (!this.#isGone) {
      this.#isGone = true;
      clearTimeout(this.#idle);
      this.#closing.abort();
      this.#onChunkTaken();
      this.#socket?.destroy();
      this.#onGone();
    }
    exchange?.handler.onError(reason);
  }
}

/** What is no answer is known by its first bytes: whoever speaks otherwise may never stop. */
function isStartOfHead(bytes: Buffer): boolean {
  return bytes.toString("latin1", 0, HTTP_1.length) === HTTP_1.slice(0, bytes.length);
}

const WRONG_LENGTH = "a body of another length than was said";

function answerOf(head: AnswerHead): Answer {
  const { framing } = head;
  return {
    head,
    leftBytes: framing.kind === "length" ? framing.bytes : Number.POSITIVE_INFINITY,
    chunks: framing.kind === "chunked" ? new ChunkedBody() : null,
  };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
