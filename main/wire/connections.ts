import type { Socket } from "node:net";
import { buildConnector, Client, errors } from "undici";
import type { buildConnector as Connector } from "undici";

/** Shorter than servers keep theirs; a server that says how long it keeps them is believed. */
const KEEP_ALIVE_MS = 4_000;
const LONGEST_KEEP_ALIVE_MS = 15_000;
const TCP_KEEP_ALIVE_MS = 15_000;
/** How long an answer may take that explains why the other side stopped reading. */
const LAST_WORDS_MS = 2_000;
/** Attempts at one address, where a name has several, end before the whole. */
const ATTEMPTS_PER_CONNECT = 5;

/** What a Writable calls to write: Node's own names, kept apart from ours. */
const WRITE_ONE = "_write";
const WRITE_MANY = "_writev";

/** One socket to one origin, used for one request at a time. */
export class Connection {
  readonly origin: string;
  readonly client: Client;
  /** A request was answered on it before, so the other side may be closing it right now. */
  isReused = false;
  isOpen = true;

  constructor(origin: string, client: Client) {
    this.origin = origin;
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
  readonly #connect: Connector.connector;
  readonly #idle = new Map<string, Connection[]>();

  constructor(connectTimeoutMs: number) {
    const connect = buildConnector({
      timeout: 2 * connectTimeoutMs,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: connectTimeoutMs / ATTEMPTS_PER_CONNECT,
      allowH2: false,
      keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
    });
    this.#connect = (options, callback) => {
      connect(options, (...[error, socket]) => {
        if (error !== null) return callback(error, null);
        holdWriteErrors(socket);
        return callback(null, socket);
      });
    };
  }

  /** The socket used last, which is least likely to be closed; else a fresh one. */
  take(origin: string): Connection {
    return this.#idle.get(origin)?.pop() ?? this.open(origin);
  }

  /** A socket that nobody used before. */
  open(origin: string): Connection {
    const client = new Client(origin, {
      connect: this.#connect,
      pipelining: 1,
      // The watchdog sees to silence, in both directions and without counting waits of our own.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: LONGEST_KEEP_ALIVE_MS,
    });
    const connection = new Connection(origin, client);
    client.on("disconnect", () => this.#discard(connection));
    return connection;
  }

  /** After an answer that was read to its end. */
  giveBack(connection: Connection): void {
    if (!connection.isOpen) return;
    connection.isReused = true;
    const idle = this.#idle.get(connection.origin) ?? [];
    idle.push(connection);
    this.#idle.set(connection.origin, idle);
  }

  /** Closes what is idle; who uses a connection ends it himself. */
  closeIdle(): void {
    for (const idle of this.#idle.values()) {
      for (const connection of idle.splice(0)) connection.destroy(closedError());
    }
  }

  #discard(connection: Connection): void {
    const idle = this.#idle.get(connection.origin) ?? [];
    const index = idle.indexOf(connection);
    if (index >= 0) idle.splice(index, 1);
    if (idle.length === 0) this.#idle.delete(connection.origin);
    connection.destroy(closedError());
  }
}

function closedError(): Error {
  return new errors.SocketError("closed");
}

/**
 * A server that refuses a body answers and then closes. The write that fails may come first and
 * would hide the answer, so it is held back while the socket can still be read.
 */
function holdWriteErrors(socket: Socket): void {
  const write = socket[WRITE_ONE].bind(socket);
  socket[WRITE_ONE] = (chunk: unknown, encoding, done) => {
    write(chunk, encoding, holding(socket, done));
  };
  const writeMany = socket[WRITE_MANY]?.bind(socket);
  if (writeMany === undefined) return;
  socket[WRITE_MANY] = (chunks, done) => {
    writeMany(chunks, holding(socket, done));
  };
}

type WriteDone = (error?: Error | null) => void;

function holding(socket: Socket, done: WriteDone): WriteDone {
  return (error) => {
    if (!error) return done();
    const timer = setTimeout(() => done(error), LAST_WORDS_MS).unref();
    socket.once("close", () => clearTimeout(timer));
  };
}
