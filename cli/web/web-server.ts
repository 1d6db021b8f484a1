import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { PAGE_HEADERS } from "#shared/page-policy.ts";
import { WEB_MESSAGE_MAX_BYTES, WEB_SOCKET_PATH } from "#shared/web-protocol.ts";
import { PageFiles } from "#main/page-files.ts";
import type { IncomingOutcome } from "./incoming.ts";
import { readIncoming, receiveIncoming } from "./incoming.ts";
import { PageSocket } from "./page-socket.ts";
import type { Reach } from "./request-gate.ts";
import { whyRefused } from "./request-gate.ts";
import { isSameToken, readBearer } from "./token.ts";
import type { WebLink } from "./web-link.ts";

export type WebServerOptions = {
  /** The address to listen on. */
  readonly host: string;
  /** 0 is any free one. */
  readonly port: number;
  /** PEM; null speaks plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Names under which requests may come, without port. */
  readonly allowedHosts: readonly string[];
  readonly token: string;
  /** The built page. */
  readonly pageFolder: string;
};

export type WebServer = {
  readonly port: number;
  close(): Promise<void>;
};

/** Sockets whose page has not shown its token yet. */
const MAX_STRANGERS = 32;
const MAX_CONNECTIONS = 256;

/** Serves the page, its socket and its drops. @throws Error of the system when it cannot listen. */
export async function openWebServer(options: WebServerOptions, link: WebLink): Promise<WebServer> {
  const handler = new RequestHandler(options, link);
  const server = options.tls === null ? createServer() : createTlsServer(options.tls);
  server.on("request", (request, response) => void handler.answer(request, response));
  server.on("upgrade", (request, socket, head) => handler.upgrade(request, socket, head));
  server.headersTimeout = 10_000;
  // A body has 64 MiB at most and is cut when it stalls; a slow line is not hurried.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 65_000;
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, options);
  const port = portOf(server.address());
  handler.reach = {
    scheme: options.tls === null ? "http" : "https",
    port,
    hosts: options.allowedHosts,
  };
  return {
    port,
    close: async () => {
      handler.close();
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Never a string, which is for pipes, nor null while it listens. */
function portOf(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}

function listen(server: Server, { host, port }: WebServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

class RequestHandler {
  /** Known once the server listens; before that nobody is let in. */
  reach: Reach = { scheme: "http", port: 0, hosts: [] };
  readonly #options: WebServerOptions;
  readonly #link: WebLink;
  readonly #files: PageFiles;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: WEB_MESSAGE_MAX_BYTES,
    perMessageDeflate: false,
    clientTracking: false,
  });
  readonly #pages = new Set<PageSocket>();
  #strangers = 0;

  constructor(options: WebServerOptions, link: WebLink) {
    this.#options = options;
    this.#link = link;
    this.#files = new PageFiles(options.pageFolder);
    link.onEvent((event) => {
      if (this.#pages.size === 0) return;
      const text = JSON.stringify({ type: "event", event });
      for (const page of this.#pages) page.sendText(text);
    });
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { host, origin } = request.headers;
    const reason = whyRefused(this.reach, host, origin, false);
    if (reason !== null) return refuse(response, 403, reason);
    if (request.url?.startsWith("/incoming/")) return await this.#receive(request, response);
    if (request.method !== "GET" && request.method !== "HEAD")
      return refuse(response, 405, "GET only");
    const file = this.#files.find((request.url ?? "/").replace(/\?.*$/s, ""));
    if (file === undefined) return refuse(response, 404, "not here");
    response.writeHead(200, { ...file.headers, "content-length": Buffer.byteLength(file.body) });
    response.end(request.method === "HEAD" ? undefined : file.body);
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { host, origin } = request.headers;
    const reason = whyRefused(this.reach, host, origin, true);
    if (reason !== null || request.url !== WEB_SOCKET_PATH || this.#strangers >= MAX_STRANGERS) {
      socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (opened) => {
      this.#strangers += 1;
      let isStranger = true;
      const admit = () => {
        if (isStranger) this.#strangers -= 1;
        isStranger = false;
      };
      const page = new PageSocket(opened, {
        token: this.#options.token,
        call: (name, input) => this.#link.call(name, input),
        onWelcome: (welcome) => {
          admit();
          this.#pages.add(welcome);
        },
      });
      opened.on("close", () => {
        admit();
        this.#pages.delete(page);
      });
    });
  }

  close(): void {
    for (const page of this.#pages) page.close();
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = readBearer(request.headers.authorization);
    if (token === null || !isSameToken(token, this.#options.token)) {
      // A stranger's body is not read.
      response.setHeader("connection", "close");
      return refuse(response, 401, "the token is missing or wrong");
    }
    if (request.method !== "POST") return refuse(response, 405, "POST only");
    const asked = readIncoming(request);
    const outcome =
      "status" in asked
        ? asked
        : await receiveIncoming(asked, request, this.#link, () => performance.now());
    if (response.socket?.destroyed === false) finish(request, response, outcome);
  }
}

/** A page that is still sending hears the answer only when what it sends is read. */
function finish(
  request: IncomingMessage,
  response: ServerResponse,
  outcome: IncomingOutcome,
): void {
  const isTooLong = outcome.status === 413 || outcome.status === 411;
  if (isTooLong) response.setHeader("connection", "close");
  else request.resume();
  send(response, outcome.status, "application/json", JSON.stringify(outcome.body));
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  send(response, status, "text/plain; charset=utf-8", `${reason}\n`);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  const length = { "content-length": Buffer.byteLength(body) };
  response.writeHead(status, { ...PAGE_HEADERS, "content-type": type, ...length });
  response.end(body);
}
