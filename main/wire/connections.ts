import { Client, errors } from "undici";
import { SocketOpener } from "./open-socket.ts";
import { DIRECT } from "./route.ts";
import type { Route } from "./route.ts";

/** Shorter than servers keep theirs; a server that says how long it keeps them is believed. */
const KEEP_ALIVE_MS = 4_000;
const LONGEST_KEEP_ALIVE_MS = 15_000;

/** One socket to one origin, used for one request at a time. */
export class Connection {
  readonly origin: string;
  readonly routeId: number | undefined;
  readonly client: Client;
  /** A request was answered on it before, so the other side may be closing it right now. */
  isReused = false;
  isOpen = true;
  /** This machine's end of it; null before it is connected. */
  localAddress: string | null = null;

  constructor(place: { origin: string; routeId: number | undefined }, client: Client) {
    this.origin = place.origin;
    this.routeId = place.routeId;
    this.client = client;
  }

  /** Closes the socket now; a request that waits for it fails with `reason`. */
  destroy(reason: Error): void {
    this.isOpen = false;
    // What the request fails with is told to the request; nothing else can go wrong here.
    void this.client.destroy(reason).catch(() => undefined);
  }
}

/**
 * The sockets of one thread. It opens as many as are asked for: the main thread bounds requests.
 * One undici client for each socket, so that a request knows whether its socket is fresh.
 */
export class Connections {
  readonly #opener: SocketOpener;
  readonly #idle = new Map<string, Connection[]>();
  /** Idle or in use. */
  readonly #open = new Set<Connection>();

  /** Ways that are not direct, by the number that the main thread gave them. */
  readonly #routes = new Map<number, Route>();

  constructor(connectTimeoutMs: number) {
    this.#opener = new SocketOpener(connectTimeoutMs, true);
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
    return this.#idle.get(placeOf(origin, routeId))?.pop() ?? this.open(origin, routeId);
  }

  /** A socket that nobody used before. */
  open(origin: string, routeId: number | undefined): Connection {
    const client = new Client(origin, {
      connect: this.#opener.connector(this.routeOf(routeId)),
      pipelining: 1,
      // The watchdog sees to silence, in both directions and without counting waits of our own.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: LONGEST_KEEP_ALIVE_MS,
    });
    const connection = new Connection({ origin, routeId }, client);
    this.#open.add(connection);
    client.on("disconnect", () => this.#discard(connection));
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
  }

  /** Closes what is idle; who uses a connection ends it himself. */
  closeIdle(): void {
    for (const idle of this.#idle.values()) {
      for (const connection of idle.splice(0)) connection.destroy(closedError());
    }
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

  #discard(connection: Connection): void {
    this.#open.delete(connection);
    const place = placeOf(connection.origin, connection.routeId);
    const idle = this.#idle.get(place) ?? [];
    const index = idle.indexOf(connection);
    if (index >= 0) idle.splice(index, 1);
    if (idle.length === 0) this.#idle.delete(place);
    connection.destroy(closedError());
  }
}

function placeOf(origin: string, routeId: number | undefined): string {
  return routeId === undefined ? origin : `${origin} ${routeId}`;
}

function closedError(): Error {
  return new errors.SocketError("closed");
}
