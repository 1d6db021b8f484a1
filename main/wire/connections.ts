import { HttpClient } from "./http-client.ts";
import { ClosedError } from "./http-errors.ts";
import { SocketOpener } from "./open-socket.ts";
import { DIRECT } from "./route.ts";
import type { Route } from "./route.ts";

/** One socket to one origin, used for one request at a time. */
export class Connection {
  readonly origin: string;
  readonly routeId: number | undefined;
  readonly client: HttpClient;
  /** A request was answered on it before, so the other side may be closing it right now. */
  isReused = false;
  isOpen = true;

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
    const { protocol, hostname, port, host } = new URL(origin);
    const client = new HttpClient(
      host,
      (signal) => this.#opener.reach({ protocol, hostname, port }, this.routeOf(routeId), signal),
      () => this.#discard(connection),
    );
    const connection: Connection = new Connection({ origin, routeId }, client);
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
      for (const connection of idle.splice(0)) connection.destroy(new ClosedError("closed"));
    }
  }

  #discard(connection: Connection): void {
    const place = placeOf(connection.origin, connection.routeId);
    const idle = this.#idle.get(place) ?? [];
    const index = idle.indexOf(connection);
    if (index >= 0) idle.splice(index, 1);
    if (idle.length === 0) this.#idle.delete(place);
    connection.destroy(new ClosedError("closed"));
  }
}

function placeOf(origin: string, routeId: number | undefined): string {
  return routeId === undefined ? origin : `${origin} ${routeId}`;
}
