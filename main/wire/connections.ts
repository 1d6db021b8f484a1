import { HttpClient } from "./http-client.ts";
import { ClosedError } from "./http-errors.ts";
import { SocketOpener } from "./open-socket.ts";
import { DIRECT } from "./route.ts";
import type { Route } from "./route.ts";

/** With nothing to do for this long, sockets are closed: a server may want them for others. */
const QUIET_MS = 500;

/** One socket to one origin, used for one request at a time. */
export class Connection {
  readonly origin: string;
  readonly routeId: number | undefined;
  readonly client: HttpClient;
  /** A request was answered on it before, so the other side may be closing it right now. */
  isReused = false;
  isOpen = true;
  /** This machine's end of it; null before it is connected. */
  localAddress: string | null = null;

  constructor(place: { origin: string; routeId: number | undefined }, client: HttpClient) {
    this.origin = place.origin;
    this.routeId = place.routeId;
    this.client = client;
  }

  /** Closes the socket now; a request that waits for it fails with `reason`. */
  destroy(reason: unknown): void {
    this.isOpen = false;
    this.client.destroy(reason);
  }
}

/**
 * The sockets of one thread. It opens as many as are asked for: the main thread bounds requests.
 */
export class Connections {
  readonly #opener: SocketOpener;
  readonly #idle = new Map<string, Connection[]>();
  #idleCount = 0;
  /** Idle or in use. */
  readonly #open = new Set<Connection>();
  readonly #quiet = setTimeout(() => this.#rest(), QUIET_MS).unref();

  /** Ways that are not direct, by the number that the main thread gave them. */
  readonly #routes = new Map<number, Route>();

  constructor(connectTimeoutMs: number) {
    this.#opener = new SocketOpener(connectTimeoutMs);
  }

  set connectTimeoutMs(ms: number) {
    this.#opener.connectTimeoutMs = ms;
  }

  addRoute(routeId: number, route: Route): void {
    this.#routes.set(routeId, route);
  }

  routeOf(routeId: number | undefined): Route {
    return (routeId === undefined ? undefined : this.#routes.get(routeId)) ?? DIRECT;
  }

  /** The socket used last, which is least likely to be closed; else a fresh one. */
  take(origin: string, routeId: number | undefined): Connection {
    const connection = this.#idle.get(placeOf(origin, routeId))?.pop();
    if (connection === undefined) return this.open(origin, routeId);
    this.#idleCount -= 1;
    return connection;
  }

  /** A socket that nobody used before. */
  open(origin: string, routeId: number | undefined): Connection {
    const { protocol, hostname, port, host } = new URL(origin);
    const client = new HttpClient(
      host,
      async (signal) => {
        const to = { protocol, hostname, port };
        const socket = await this.#opener.reach(to, this.routeOf(routeId), signal);
        connection.localAddress = socket.localAddress ?? null;
        return socket;
      },
      () => this.#discard(connection),
    );
    const connection: Connection = new Connection({ origin, routeId }, client);
    this.#open.add(connection);
    return connection;
  }

  /** After an answer that was read to its end. */
  giveBack(connection: Connection): void {
    if (!connection.isOpen) return;
    connection.isReused = true;
    const place = placeOf(connection.origin, connection.routeId);
    const idle = this.#idle.get(place) ?? [];
    idle.push(connection);
    this.#idle.set(place, idle);
    this.#idleCount += 1;
    if (this.#idleCount === this.#open.size) this.#quiet.refresh();
  }

  /** Closes what is idle; who uses a connection ends it himself. */
  closeIdle(): void {
    for (const idle of [...this.#idle.values()].flat()) this.#discard(idle);
  }

  /**
   * Closes what may be dead without a word: what has its end at one of these addresses of this
   * machine, or everything (null). What is under way fails as if the other side had closed it.
   */
  renew(addresses: readonly string[] | null): void {
    for (const connection of this.#open) {
      const { localAddress } = connection;
      const isMeant = addresses === null || localAddress === null;
      if (isMeant || addresses.includes(localAddress)) this.#discard(connection);
    }
  }

  #rest(): void {
    if (this.#idleCount === this.#open.size) this.closeIdle();
  }

  #discard(connection: Connection): void {
    this.#open.delete(connection);
    const place = placeOf(connection.origin, connection.routeId);
    const idle = this.#idle.get(place) ?? [];
    const index = idle.indexOf(connection);
    if (index >= 0) {
      idle.splice(index, 1);
      this.#idleCount -= 1;
    }
    if (idle.length === 0) this.#idle.delete(place);
    connection.destroy(new ClosedError("closed"));
  }
}

function placeOf(origin: string, routeId: number | undefined): string {
  return routeId === undefined ? origin : `${origin} ${routeId}`;
}
