import { once } from "node:events";
import { createServer, request as send, Agent } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

/** The way that bodies go: to the store, or from it. */
export type Way = "up" | "down";

/** Damage to the next body of one key that goes one way; a share of its bits, from 0 to below 1. */
type Damage = { readonly way: Way; readonly share: number };

export type Headers = IncomingMessage["headers"];

/** What makes the store behind the proxy another one. */
export type StoreHabits = {
  /** Taken out of every answer, by lower-case name. */
  readonly hidden: readonly string[];
  /** Put into every answer to a GET, PUT or POST. */
  readonly added: Readonly<Record<string, string>>;
  /** The code of S3 that a request is refused with, status 400; null lets it through. */
  readonly refuse: (method: string, headers: Headers) => string | null;
};

const PLAIN: StoreHabits = { hidden: [], added: {}, refuse: () => null };

/**
 * For tests: a plain-HTTP proxy before a store that flips single bits, as a broken device on the way
 * does, or makes the store one of another provider.
 */
export class StoreProxy {
  /** How many bits were flipped, each way. */
  readonly flipped: Record<Way, number> = { up: 0, down: 0 };
  readonly #damages = new Map<string, Damage>();
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server = createServer((request, response) => {
    void this.#forward(request, response).catch(() => response.destroy());
  });
  readonly #target: URL;
  readonly #habits: StoreHabits;
  /** The requests that came, in order. */
  readonly seen: { readonly method: string; readonly headers: Headers }[] = [];

  private constructor(target: URL, habits: StoreHabits) {
    this.#target = target;
    this.#habits = habits;
  }

  static async open(target: string, habits: Partial<StoreHabits> = {}): Promise<StoreProxy> {
    const proxy = new StoreProxy(new URL(target), { ...PLAIN, ...habits });
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get endpoint(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the proxy has no port");
    return `http://127.0.0.1:${address.port}`;
  }

  /** Flips one bit in the next body of this key that goes this way. */
  damage(key: string, way: Way, share: number): void {
    this.#damages.set(`${way} ${key}`, { way, share });
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = request;
    this.seen.push({ method, headers });
    const code = this.#habits.refuse(method, headers);
    if (code !== null) {
      request.resume().on("end", () => response.writeHead(400).end(errorDocument(code)));
      return;
    }
    const { hostname, port } = this.#target;
    const key = url.split("?")[0]?.split("/").slice(2).join("/") ?? "";
    const onward = send({ hostname, port, method, path: url, headers, agent: this.#agent });
    const isPart = method === "PUT";
    const answered = once(onward, "response");
    answered.catch(() => undefined);
    await pipeline(request, this.#flipper(isPart ? key : "", "up", headers), onward);
    const [answer]: IncomingMessage[] = await answered;
    if (answer === undefined) throw new Error("no answer");
    const isObject = method === "GET" && answer.headers["etag"] !== undefined;
    response.writeHead(answer.statusCode ?? 502, this.#shown(method, answer));
    await pipeline(answer, this.#flipper(isObject ? key : "", "down", answer.headers), response);
  }

  #shown(method: string, { headers }: IncomingMessage): Headers {
    const { hidden, added } = this.#habits;
    const kept = Object.entries(headers).filter(([name]) => !hidden.includes(name));
    return { ...Object.fromEntries(kept), ...(method === "HEAD" ? {} : added) };
  }

  #flipper(key: string, way: Way, headers: Headers): Transform {
    const sizeBytes = Number(headers["content-length"] ?? 0);
    const name = `${way} ${key}`;
    const damage = sizeBytes > 0 && key !== "" ? this.#damages.get(name) : undefined;
    if (damage !== undefined) this.#damages.delete(name);
    const bit = damage === undefined ? -1 : Math.floor(damage.share * sizeBytes * 8);
    let start = 0;
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        const at = (bit >> 3) - start;
        if (bit >= 0 && at >= 0 && at < chunk.length) {
          chunk[at] = (chunk[at] ?? 0) ^ (1 << (bit & 7));
          this.flipped[way] += 1;
        }
        start += chunk.length;
        done(null, chunk);
      },
    });
  }
}

function errorDocument(code: string): string {
  const message = code === "InvalidRequest" ? "Unsupported header x-amz-checksum-sha256" : code;
  return `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
}
