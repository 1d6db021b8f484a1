import { hash } from "node:crypto";
import type { Socket } from "node:net";
import type { S3Client } from "@aws-sdk/client-s3";
import { LonghaulError } from "#shared/errors.ts";
import { startDeadline } from "../../flow/deadline.ts";
import { Semaphore } from "../../flow/semaphore.ts";
import { AnswerCollector } from "../../wire/collect-answer.ts";
import { Connections } from "../../wire/connections.ts";
import { exchangePlainly } from "../../wire/exchange.ts";
import type { Flow, Headers } from "../../wire/exchange.ts";
import { explainNetworkError } from "../../wire/network-errors.ts";
import { SocketOpener } from "../../wire/open-socket.ts";
import { DIRECT, keyOfRoute } from "../../wire/route.ts";
import type { Route } from "../../wire/route.ts";
import type { RequestSigner } from "./request-signer.ts";
import type { S3Address } from "./s3-address.ts";
import { isResultDocument } from "./s3-error-body.ts";
import { classifyAnswer, isErrorDocument } from "./s3-errors.ts";
import type { ErrorContext, ServerAnswer } from "./s3-errors.ts";
import { createSdkClient, meaningfulHeaders, queryPairs } from "./sdk-client.ts";
import type { SdkAnswer, SdkRequest } from "./sdk-client.ts";
import { toQueryString } from "./sigv4.ts";
import type { PlainRequest, QueryPair } from "./sigv4.ts";

/** A thousand names of 1,024 bytes, percent-encoded, with room for the rest. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** What a request is about, for its errors. */
export type Subject = Pick<ErrorContext, "action" | "target" | "key" | "isPinned" | "isReplacing">;

export type ControlCall = {
  readonly subject: Subject;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** Bytes of the answer; a page of a thousand names at most, unless told. */
  readonly maxBodyBytes?: number;
  /** What the SDK has no narrow enough type for; sent beside its own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** With the MD5 of the body, without which some servers refuse. */
  readonly isDigested?: boolean;
};

type Method = "DELETE" | "GET" | "HEAD" | "POST" | "PUT";

export type ControlRequest = {
  readonly method: Method;
  /** Scheme, host and port to connect to. */
  readonly origin: string;
  readonly path: string;
  readonly query: readonly QueryPair[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
};

export type ControlOptions = {
  readonly address: S3Address;
  readonly bucket: string;
  readonly region: string;
  readonly signer: RequestSigner;
  readonly connectTimeoutMs: number;
  /** Sent with every request. */
  readonly accessHeaders?: Readonly<Record<string, string>>;
  readonly routeTo?: RouteTo | undefined;
};

/** How an origin is reached now; undefined is the direct way. */
export type RouteTo = (origin: string) => Promise<Route | undefined>;

const CONNECTIONS = 16;

/** The deadline of a call sees to silence. */
const NO_WATCHDOG = {
  watch: () => ({
    touch: () => undefined,
    suspend: () => undefined,
    resume: () => undefined,
    end: () => undefined,
  }),
};

/**
 * The control plane of one bucket: small requests with whole answers, on sockets of its own so that
 * no payload is ahead of them. Every failure leaves it as a `LonghaulError`.
 */
export class S3Control {
  readonly #options: ControlOptions;
  readonly #connections: Connections;
  readonly #slots = new Semaphore(CONNECTIONS);
  /** Numbers of the ways that were gone. */
  readonly #routeIds = new Map<string, number>();
  readonly #client: S3Client;
  /** The call that an SDK request belongs to, by the signal made for it. */
  readonly #calls = new WeakMap<AbortSignal, ControlCall>();

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#connections = new Connections(options.connectTimeoutMs);
    const { address, region } = options;
    this.#client = createSdkClient(
      { endpoint: address.endpointUrl, region, isPathStyle: address.isPathStyle },
      async (request, signal) => this.#carry(request, signal),
    );
  }

  /** Runs an SDK call: the SDK writes the request and reads the answer's XML, the rest is ours. */
  async call<T>(
    call: ControlCall,
    send: (client: S3Client, options: { abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const abortSignal = AbortSignal.any([call.signal]);
    this.#calls.set(abortSignal, call);
    try {
      return await send(this.#client, { abortSignal });
    } catch (thrown) {
      call.signal.throwIfAborted();
      if (thrown instanceof LonghaulError) throw thrown;
      throw this.unreadable(call.subject, thrown);
    }
  }

  /**
   * Sends a request and reads the answer whole. Signs it anew, once, if the refusal shows a clock
   * that was off or keys that have expired.
   *
   * @throws {LonghaulError} for every answer that is no success; `unreachable` past the deadline.
   */
  async exchange(request: ControlRequest, call: ControlCall): Promise<ServerAnswer> {
    const deadline = startDeadline(call.deadlineMs);
    try {
      return await this.#ask(request, call, AbortSignal.any([call.signal, deadline.signal]));
    } finally {
      deadline.end();
    }
  }

  /** The head of any answer to an unsigned question about nothing in particular. */
  async greet(signal: AbortSignal): Promise<ServerAnswer> {
    const { origin, endpointOrigin } = this.#options.address;
    const request = {
      method: "HEAD",
      origin,
      path: "/",
      query: [],
      headers: {},
      body: null,
    } as const;
    try {
      return await this.#roundTrip(request, MAX_BODY_BYTES, signal);
    } catch (thrown) {
      throw explainNetworkError(thrown, endpointOrigin);
    }
  }

  /** A socket to the endpoint, as a request gets it; closed where `signal` aborts before. */
  async reach(signal: AbortSignal): Promise<Socket> {
    const url = new URL(this.#options.address.origin);
    const route = (await this.#options.routeTo?.(url.origin)) ?? DIRECT;
    return await new SocketOpener(this.#options.connectTimeoutMs).reach(url, route, signal);
  }

  /** As `Connections.renew`: what waits for an answer over such a socket is `unreachable`. */
  renew(addresses: readonly string[] | null): void {
    this.#connections.renew(addresses);
  }

  /** The error that an answer is. */
  explain(answer: ServerAnswer, subject: Subject): LonghaulError {
    const { address, bucket, region, signer } = this.#options;
    return classifyAnswer(answer, {
      ...subject,
      endpoint: address.endpointOrigin,
      bucket,
      askedRegion: region,
      localMs: signer.clock.localMs(),
    });
  }

  /** For a success that does not say what it must. */
  unreadable(subject: Subject, cause?: unknown): LonghaulError {
    const { address, bucket } = this.#options;
    const { action, key } = subject;
    return new LonghaulError("protocol", `${action}: the answer is not what S3 answers`, {
      details: {
        endpoint: address.endpointOrigin,
        ...(bucket !== "" && { bucket }),
        action,
        ...(key !== undefined && { key }),
      },
      cause,
    });
  }

  async #carry(request: SdkRequest, signal: AbortSignal): Promise<SdkAnswer> {
    const call = this.#calls.get(signal);
    if (!call) throw new Error("a request of the SDK that belongs to no call");
    const sent = typeof request.body === "string" ? request.body : null;
    const port = request.port === undefined ? "" : `:${request.port}`;
    const { status, headers, body } = await this.exchange(
      {
        method: toMethod(request.method),
        origin: new URL(`${request.protocol}//${request.hostname}${port}`).origin,
        path: request.path,
        query: queryPairs(request.query),
        headers: {
          ...meaningfulHeaders(request.headers),
          ...(call.isDigested === true && { "content-md5": hash("md5", sent ?? "", "base64") }),
          ...call.headers,
        },
        body: sent,
      },
      call,
    );
    if (request.method !== "DELETE" && !isResultDocument(body)) throw this.unreadable(call.subject);
    return { statusCode: status, headers: { ...headers }, body };
  }

  async #ask(
    request: ControlRequest,
    call: ControlCall,
    signal: AbortSignal,
  ): Promise<ServerAnswer> {
    const { signer, accessHeaders } = this.#options;
    const plain = toPlainRequest({
      ...request,
      headers: { ...request.headers, ...accessHeaders },
    });
    for (let isSecond = false; ; isSecond = true) {
      const { headers, stamp } = await signer.sign(plain, call.signal);
      const answer = await this.#dispatch({ ...request, headers }, call, signal);
      signer.clock.observe(answer.headers["date"]);
      if (isSuccess(answer)) return answer;
      const refusal = this.explain(answer, call.subject);
      if (isSecond || !signer.canSignBetter(refusal, stamp)) throw refusal;
    }
  }

  async #dispatch(
    request: ControlRequest,
    call: ControlCall,
    signal: AbortSignal,
  ): Promise<ServerAnswer> {
    const endpoint = this.#options.address.endpointOrigin;
    try {
      return await this.#roundTrip(request, call.maxBodyBytes ?? MAX_BODY_BYTES, signal);
    } catch (thrown) {
      call.signal.throwIfAborted();
      if (!signal.aborted) throw explainNetworkError(thrown, endpoint);
      throw new LonghaulError("unreachable", `no answer from ${endpoint} in time`, {
        details: { endpoint, cause: "ETIMEDOUT" },
      });
    }
  }

  async #roundTrip(
    request: ControlRequest,
    maxBodyBytes: number,
    signal: AbortSignal,
  ): Promise<ServerAnswer> {
    const { origin, method, headers, body } = request;
    const search = toQueryString(request.query);
    const path = search === "" ? request.path : `${request.path}?${search}`;
    const routeId = this.#routeIdOf((await this.#options.routeTo?.(origin)) ?? DIRECT);
    const content = body === null ? null : Buffer.from(body);
    const reader = new WholeAnswer(maxBodyBytes, method === "HEAD");
    const call = {
      request: { method, url: `${origin}${path}`, headers, routeId },
      contentLength:
        content === null && method !== "GET" && method !== "HEAD" ? 0 : (content?.length ?? null),
      body: () => content,
      reader,
      onSent: () => undefined,
      // Asking twice does nothing twice.
      isRepeatable: method === "GET" || method === "HEAD",
    };
    const release = await this.#slots.acquire(signal);
    try {
      const network = { connections: this.#connections, watchdog: NO_WATCHDOG };
      await exchangePlainly(call, network, signal);
    } finally {
      release();
    }
    return reader.response();
  }

  #routeIdOf(route: Route): number | undefined {
    if (route === DIRECT) return undefined;
    const key = keyOfRoute(route);
    const known = this.#routeIds.get(key);
    if (known !== undefined) return known;
    const id = this.#routeIds.size + 1;
    this.#routeIds.set(key, id);
    this.#connections.addRoute(id, route);
    return id;
  }
}

/** Refuses what is longer than any answer. */
class WholeAnswer extends AnswerCollector {
  readonly #mostBytes: number;
  readonly #isHead: boolean;
  #sizeBytes = 0;

  constructor(mostBytes: number, isHead: boolean) {
    super(Number.POSITIVE_INFINITY);
    this.#mostBytes = mostBytes;
    this.#isHead = isHead;
  }

  override onHead(status: number, headers: Headers): void {
    const declaredBytes = this.#isHead ? 0 : Number(headers["content-length"] ?? 0);
    if (declaredBytes > this.#mostBytes) throw tooLong();
    super.onHead(status, headers);
  }

  override onChunk(chunk: Buffer, flow: Flow): void {
    this.#sizeBytes += chunk.length;
    if (this.#sizeBytes > this.#mostBytes) throw tooLong();
    super.onChunk(chunk, flow);
  }
}

function isSuccess(answer: ServerAnswer): boolean {
  return answer.status >= 200 && answer.status < 300 && !isErrorDocument(answer.body);
}

function toMethod(method: string): Method {
  switch (method) {
    case "DELETE":
    case "HEAD":
    case "POST":
    case "PUT":
      return method;
    default:
      return "GET";
  }
}

function toPlainRequest(request: ControlRequest): PlainRequest {
  return {
    method: request.method,
    host: new URL(request.origin).host,
    path: request.path,
    query: request.query,
    headers: request.headers,
    payloadSha256: hash("sha256", request.body ?? ""),
  };
}

function tooLong(): LonghaulError {
  return new LonghaulError("protocol", "an answer is longer than any answer of S3");
}
