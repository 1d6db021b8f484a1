import { connect as connectPlain, isIP } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { errors } from "undici";
import type { buildConnector as Connector } from "undici";
import { holdWriteErrors } from "./hold-write-errors.ts";
import { PlaceReader } from "./read-in-place.ts";

const TCP_KEEP_ALIVE_MS = 15_000;
/** Of several addresses, each but the last is tried for a fifth of the time that one may take. */
const ATTEMPTS_PER_CONNECT = 5;
const MOST_SESSIONS = 100;

/** Opens sockets for undici. TLS sessions are resumed within this thread. */
export class SocketOpener {
  readonly #connectTimeoutMs: number;
  /** By server name and port, oldest first. */
  readonly #sessions = new Map<string, Buffer>();

  constructor(connectTimeoutMs: number) {
    this.#connectTimeoutMs = connectTimeoutMs;
  }

  /** As undici wants a connector: exactly one call of `done`. */
  readonly open = (to: Connector.Options, done: Connector.Callback): void => {
    const reader = new PlaceReader();
    const socket =
      to.protocol === "https:" ? this.#openTls(to, reader) : this.#openPlain(to, reader);
    reader.attach(socket);
    socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS).setNoDelay(true);
    const timer = setTimeout(() => {
      socket.destroy(new errors.ConnectTimeoutError("no connection in time"));
    }, 2 * this.#connectTimeoutMs);
    const fail = (error: Error) => {
      clearTimeout(timer);
      done(error, null);
    };
    socket.once("error", fail);
    socket.once(to.protocol === "https:" ? "secureConnect" : "connect", () => {
      clearTimeout(timer);
      socket.off("error", fail);
      holdWriteErrors(socket);
      done(null, socket);
    });
  };

  #openPlain(to: Connector.Options, reader: PlaceReader): Socket {
    return connectPlain({ ...this.#common(to, 80), onread: reader.options });
  }

  #openTls(to: Connector.Options, reader: PlaceReader): Socket {
    const common = this.#common(to, 443);
    const name = to.servername ?? (isIP(common.host) === 0 ? common.host : "");
    const key = `${name}:${common.port}`;
    const session = this.#sessions.get(key);
    const options = {
      ...common,
      servername: name,
      ALPNProtocols: ["http/1.1"],
      onread: reader.options,
      ...(session === undefined ? {} : { session }),
    };
    return connectTls(options).on("session", (fresh: Buffer) => this.#remember(key, fresh));
  }

  #common({ hostname, port }: Connector.Options, defaultPort: number) {
    return {
      host: hostname,
      port: Number(port) || defaultPort,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: this.#connectTimeoutMs / ATTEMPTS_PER_CONNECT,
    };
  }

  #remember(key: string, session: Buffer): void {
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MOST_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
  }
}
