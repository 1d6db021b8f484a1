import { hash } from "node:crypto";
import type { Socket } from "node:net";
import type { S3Client } from "@aws-sdk/client-s3";
import { Agent } from "undici";
import type { Dispatcher } from "undici";
import { LonghaulError } from "#shared/errors.ts";
import { startDeadline } from "../../flow/deadline.ts";
import { explainNetworkError, isClosedByPeer } from "../../wire/network-errors.ts";
import { SocketOpener } from "../../wire/open-socket.ts";
import { DIRECT, keyOfRoute, relayHeaders, relayOf } from "../../wire/route.ts";
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
};

export type ControlRequest = {
  readonly method: Dispatcher.HttpMethod;
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

/** A route that changed leaves its sockets to die of idleness. */
const MOST_AGENTS = 8;

/**
 * The control plane of one bucket: small requests with whole answers, on sockets of its own so that
 * no payload is ahead of them. Every failure leaves it as a `LonghaulError`.
 */
export class S3Control {
  readonly #options: ControlOptions;
  readonly #opener: SocketOpener;
  /** One for each way that was gone. */
  readonly #agents = new Map<string, Agent>();
  readonly #client: S3Client;
  /** The call that an SDK request belongs to, by the signal made for it. */
  readonly #calls = new WeakMap<AbortSignal, ControlCall>();

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#opener = new SocketOpener(options.connectTimeoutMs, false);
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

  /** A socket to the endpoint, as a request gets it. */
  async reach(): Promise<Socket> {
    const url = new URL(this.#options.address.origin);
    const route = (await this.#options.routeTo?.(url.origin)) ?? DIRECT;
    return await this.#opener.reach(url, route);
  }

  /**
   * Every socket is made anew if one is from these addresses of this machine, or in any case (null);
   * what waits for an answer is `unreachable`.
   */
  renew(_addresses: readonly string[] | null): void {
    for (const agent of this.#agents.values()) void agent.destroy().catch(() => undefined);
    this.#agents.clear();
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
    const port = request.port === undefined ? "" : `:${request.port}`;
    const { status, headers, body } = await this.exchange(
      {
        method: toMethod(request.method),
        origin: new URL(`${request.protocol}//${request.hostname}${port}`).origin,
        path: request.path,
        query: queryPairs(request.query),
        headers: { ...meaningfulHeaders(request.headers), ...call.headers },
        body: typeof request.body === "string" ? request.body : null,
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
    const maxBodyBytes = call.maxBodyBytes ?? MAX_BODY_BYTES;
    const { openedCount } = this.#opener;
    try {
      return await this.#roundTrip(request, maxBodyBytes, signal).catch(async (thrown: unknown) => {
        // Kept alive by us and closed by the server at the same moment: no failure, so once more.
        const isStale = isClosedByPeer(thrown) && this.#opener.openedCount === openedCount;
        if (!isStale || !isRead(request) || signal.aborted) throw thrown;
        return await this.#roundTrip(request, maxBodyBytes, signal);
      });
    } catch (thrown) {
      call.signal.throwIfAborted();
      if (!signal.aborted) throw explainNetworkError(thrown, endpoint);
      throw new LonghaulError("unreachable", `no answer from ${endpoint} in time`, {
        details: { endpoint, cause: "ETIMEDOUT" },
      });
    }
  }

  #agentFor(route: Route): Agent {
    const key = keyOfRoute(route);
    const known = this.#agents.get(key);
    if (known !== undefined) return known;
    const agent = new Agent({
      connections: 16,
      pipelining: 1,
      // Shorter than servers' own, so that a socket is not written to as it is closed.
      keepAliveTimeout: 4000,
      connect: this.#opener.connector(route),
      // The call's deadline covers headers and body.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    if (this.#agents.size >= MOST_AGENTS) this.#agents.clear();
    this.#agents.set(key, agent);
    return agent;
  }

  async #roundTrip(
    request: ControlRequest,
    maxBodyBytes: number,
    signal: AbortSignal,
  ): Promise<ServerAnswer> {
    const search = toQueryString(request.query);
    const { origin } = request;
    const route = (await this.#options.routeTo?.(origin)) ?? DIRECT;
    const relay = relayOf(route, origin);
    const path = search === "" ? request.path : `${request.path}?${search}`;
    const { statusCode, headers, body } = await this.#agentFor(route).request({
      origin,
      // Given apart from the origin, because parsing a URL would resolve the dots in a key.
      path: relay === null ? path : origin + path,
      method: request.method,
      headers: { ...request.headers, ...(relay === null ? {} : relayHeaders(relay)) },
      body: request.body,
      signal,
      // By default the socket is closed after every HEAD.
      reset: false,
    });
    const declaredBytes = request.method === "HEAD" ? 0 : Number(headers["content-length"] ?? 0);
    if (declaredBytes > maxBodyBytes) {
      body.destroy();
      throw tooLong();
    }
    return {
      status: statusCode,
      headers: flatten(headers),
      body: await readAll(body, maxBodyBytes),
    };
  }
}

/** Asking twice does nothing twice. */
function isRead({ method }: ControlRequest): boolean {
  return method === "GET" || method === "HEAD";
}

function isSuccess(answer: ServerAnswer): boolean {
  return answer.status >= 200 && answer.status < 300 && !isErrorDocument(answer.body);
}

function toMethod(method: string): Dispatcher.HttpMethod {
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

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
}

async function readAll(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.byteLength;
    if (length > maxBytes) {
      throw tooLong();
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function tooLong(): LonghaulError {
  return new LonghaulError("protocol", "an answer is longer than any answer of S3");
}
