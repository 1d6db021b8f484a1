import { connect as connectPlain, isIP } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls, TLSSocket } from "node:tls";
import { holdWriteErrors } from "./hold-write-errors.ts";
import { ClosedError, ConnectTimeoutError } from "./http-errors.ts";
import { openTunnel } from "./open-tunnel.ts";
import { PlaceReader } from "./read-in-place.ts";
import { DIRECT, keyOfRoute, relayOf } from "./route.ts";
import type { ProxyServer, Route } from "./route.ts";
import { pinError, trustOptions } from "./trust.ts";

const TCP_KEEP_ALIVE_MS = 15_000;
/** Of several addresses, each but the last is tried for a fifth of the time that one may take. */
const ATTEMPTS_PER_CONNECT = 5;
const MOST_SESSIONS = 100;

/** What is to be reached, as a URL has it. */
type Endpoint = Pick<URL, "hostname" | "port" | "protocol">;

/** Host and port to connect to. */
type Target = { readonly host: string; readonly port: number };

/** Whose certificate is expected, and by what it is believed. */
type Identity = { readonly name: string; readonly route: Route };

/** Opens sockets. TLS sessions are resumed within this thread. */
export class SocketOpener {
  connectTimeoutMs: number;
  /** By host, port and route, oldest first. */
  readonly #sessions = new Map<string, Buffer>();

  constructor(connectTimeoutMs: number) {
    this.connectTimeoutMs = connectTimeoutMs;
  }

  /**
   * A socket on which requests can be made, read in place; closed where `signal` aborts before.
   *
   * @throws what the system or the proxy says.
   */
  async reach(to: Endpoint, route: Route, signal?: AbortSignal): Promise<Socket> {
    const isTls = to.protocol === "https:";
    const target = { host: to.hostname.replace(/^\[(.*)\]$/, "$1"), port: portOf(to) };
    const name = isIP(target.host) === 0 ? target.host : "";
    if (route.proxy === null) {
      const open = (reader: PlaceReader) =>
        isTls ? this.#openTls(target, { name, route }, reader) : this.#openPlain(target, reader);
      return await this.#settle(open, signal);
    }
    const relay = relayOf(route, to.protocol);
    if (relay === null)
      return await this.#reachThrough(route.proxy, target, { name, route }, signal);
    return await this.#settle((reader) => this.#openProxy(relay, reader), signal);
  }

  /** TLS with the endpoint, through what the proxy lets pass unread. */
  async #reachThrough(
    proxy: ProxyServer,
    target: Target,
    identity: Identity,
    signal: AbortSignal | undefined,
  ): Promise<Socket> {
    const way = await this.#settle(() => this.#openProxy(proxy, null), signal);
    const timer = this.#limit(way);
    const onAbort = () => way.destroy();
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      await openTunnel(way, authorityOf(target), proxy).finally(() => clearTimeout(timer));
      return await this.#settle(() => this.#openTls(target, identity, null, way), signal);
    } catch (error) {
      way.destroy();
      throw error;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Waits for a socket to be connected, secure where it is to be, and the one that is expected. */
  async #settle(
    open: (reader: PlaceReader) => Opening,
    signal: AbortSignal | undefined,
  ): Promise<Socket> {
    signal?.throwIfAborted();
    const { socket, route } = open(new PlaceReader());
    const timer = this.#limit(socket);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = () => reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    socket.once("error", reject);
    socket.once("close", () => reject(new ClosedError("closed while it was opened")));
    socket.once(socket instanceof TLSSocket ? "secureConnect" : "connect", resolve);
    try {
      await promise;
      const error = socket instanceof TLSSocket ? pinError(route, socket) : null;
      if (error !== null) throw error;
      socket.off("error", reject);
      holdWriteErrors(socket);
      return socket;
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  #limit(socket: Socket): NodeJS.Timeout {
    return setTimeout(() => {
      socket.destroy(new ConnectTimeoutError("no connection in time"));
    }, 2 * this.connectTimeoutMs);
  }

  #openProxy(proxy: ProxyServer, reader: PlaceReader | null): Opening {
    const url = new URL(proxy.origin);
    const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
    const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
    if (url.protocol !== "https:") return this.#openPlain({ host, port }, reader);
    // A proxy is believed as any server is: the pin is the endpoint's.
    const identity = { name: isIP(host) === 0 ? host : "", route: DIRECT };
    return this.#openTls({ host, port }, identity, reader);
  }

  #openPlain(target: Target, reader: PlaceReader | null): Opening {
    const socket = connectPlain({ ...this.#common(target), ...readBy(reader) });
    return { socket: prepared(socket, reader), route: DIRECT };
  }

  #openTls(
    target: Target,
    { name: servername, route }: Identity,
    reader: PlaceReader | null,
    through?: Socket,
  ): Opening {
    const key = `${target.host}:${target.port} ${keyOfRoute(route)}`;
    const session = this.#sessions.get(key);
    const socket = connectTls({
      // The host is what an address is compared with: not the proxy, to which the socket leads.
      ...(through === undefined ? this.#common(target) : { socket: through, host: target.host }),
      servername,
      ALPNProtocols: ["http/1.1"],
      ...readBy(reader),
      ...trustOptions(route),
      ...(session === undefined ? {} : { session }),
    });
    // A pin is compared with the certificate, which a resumed session does not always show.
    if (route.pinnedSha256 === null) {
      socket.on("session", (fresh: Buffer) => this.#remember(key, fresh));
    }
    return { socket: prepared(socket, reader), route };
  }

  #common({ host, port }: Target) {
    return {
      host,
      port,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: this.connectTimeoutMs / ATTEMPTS_PER_CONNECT,
    };
  }

  #remember(key: string, session: Buffer): void {
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > MOST_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
  }
}

/** A socket that is being opened, and whose certificate it is judged by. */
type Opening = { readonly socket: Socket; readonly route: Route };

function readBy(reader: PlaceReader | null) {
  return reader === null ? {} : { onread: reader.options };
}

function prepared(socket: Socket, reader: PlaceReader | null): Socket {
  reader?.attach(socket);
  return socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS).setNoDelay(true);
}

function portOf({ port, protocol }: Endpoint): number {
  return Number(port) || (protocol === "https:" ? 443 : 80);
}

function authorityOf({ host, port }: Target): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
