import { once } from "node:events";
import { createServer, request as ask } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { connect } from "node:net";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** What a proxy does with what it is asked for. */
export type ForwardPlan = {
  /** The value of Proxy-Authorization that it wants; everything else gets 407. */
  readonly wants?: string;
  /** A status in place of a way through. */
  readonly answers?: number;
  /** Closes the connection in place of an answer, so many times. */
  readonly closes?: number;
};

/** A forward proxy on loopback, for tests: relays requests with whole URLs, and opens tunnels. */
export class ForwardProxy {
  /** What was asked for since the plan before: `GET http://…`, `CONNECT host:port`. */
  asked: string[] = [];
  plan: ForwardPlan = {};
  readonly endpoint: string;
  readonly #server: Server;
  readonly #sockets = new Set<Duplex>();

  static async open(): Promise<ForwardProxy> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new ForwardProxy(server);
  }

  private constructor(server: Server) {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    this.endpoint = `http://127.0.0.1:${port}`;
    this.#server = server;
    server.on("connection", (socket) => this.#keep(socket));
    server.on("request", (request, response) => this.#relay(request, response));
    server.on("connect", (request, socket, head) => this.#tunnel(request, socket, head));
  }

  use(plan: ForwardPlan): void {
    this.plan = plan;
    this.asked = [];
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }

  #relay(request: IncomingMessage, response: ServerResponse): void {
    const status = this.#judge(request);
    request.on("error", () => undefined);
    if (status !== 200) {
      response.writeHead(status, { connection: "close" }).end("<html>no</html>");
      return;
    }
    const { method, headers, url = "" } = request;
    const { "proxy-authorization": _, ...passed } = headers;
    const asked = ask(url, { method, headers: passed, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.on("error", () => response.destroy()).pipe(response);
    });
    asked.on("error", () => response.destroy());
    request.pipe(asked);
  }

  #tunnel(request: IncomingMessage, client: Duplex, head: Buffer): void {
    client.on("error", () => client.destroy());
    const { closes = 0 } = this.plan;
    if (closes > 0) {
      this.plan = { ...this.plan, closes: closes - 1 };
      this.asked.push(`CONNECT ${request.url ?? ""}`);
      client.destroy();
      return;
    }
    const status = this.#judge(request);
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} No\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const [host = "", port = ""] = (request.url ?? "").split(":");
    const server: Socket = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      server.write(head);
      server.pipe(client).pipe(server);
    });
    this.#keep(server);
    server.on("error", () => client.destroy()).on("close", () => client.destroy());
    client.on("close", () => server.destroy());
  }

  #judge({ method, url, headers }: IncomingMessage): number {
    this.asked.push(`${method} ${url}`);
    const { wants, answers = 200 } = this.plan;
    return wants !== undefined && headers["proxy-authorization"] !== wants ? 407 : answers;
  }

  #keep(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.once("close", () => void this.#sockets.delete(socket));
  }
}
