import type { Socket } from "node:net";
import { LonghaulError } from "#shared/errors.ts";
import type { ProxyServer } from "./route.ts";
import { relayHeaders } from "./route.ts";

/** A proxy that says more before it opens the way is none. */
const LONGEST_HEAD_BYTES = 16 * 1024;
const END_OF_HEAD = "\r\n\r\n";

/**
 * Asks a proxy, over a connected socket, for a way to `authority` (host and port), and resolves when
 * it is open: what is written then reaches the endpoint.
 *
 * @throws {LonghaulError} `proxy-refused` where the proxy wants a sign-in or forbids it;
 * `unreachable` where it cannot reach the endpoint or closes.
 */
export async function openTunnel(
  socket: Socket,
  authority: string,
  proxy: ProxyServer,
): Promise<void> {
  const head = readHead(socket, proxy);
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  for (const [name, value] of Object.entries(relayHeaders(proxy))) lines.push(`${name}: ${value}`);
  socket.write(lines.join("\r\n") + END_OF_HEAD);
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(await head)?.[1] ?? 0);
  if (status < 200 || status > 299) throw refusedBy(proxy, status);
}

/** What a proxy's status means where it stands for the endpoint's. */
export function refusedBy({ origin }: ProxyServer, status: number): LonghaulError {
  const isRefusal = status === 407 || status === 403 || status === 405;
  const details = { endpoint: origin, cause: `proxy ${status}`, status };
  const message = `the proxy ${origin} answered ${status}`;
  return new LonghaulError(isRefusal ? "proxy-refused" : "unreachable", message, { details });
}

async function readHead(socket: Socket, { origin }: ProxyServer): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let read = Buffer.alloc(0);
  const onReadable = (): void => {
    for (let chunk = readSome(socket); chunk !== null; chunk = readSome(socket)) {
      read = Buffer.concat([read, chunk]);
      const end = read.indexOf(END_OF_HEAD);
      if (end === -1 && read.length <= LONGEST_HEAD_BYTES) continue;
      const rest = read.subarray(end + END_OF_HEAD.length);
      // Nobody behind it may speak first, so there is nothing; but what there is belongs to them.
      if (end >= 0 && rest.length > 0) socket.unshift(rest);
      return resolve(end === -1 ? "" : read.toString("latin1", 0, end));
    }
  };
  const onEnd = (): void => {
    const details = { endpoint: origin, cause: "proxy closed" };
    reject(
      new LonghaulError("unreachable", `the proxy ${origin} closed the connection`, { details }),
    );
  };
  socket.on("readable", onReadable).once("end", onEnd).once("close", onEnd).once("error", reject);
  try {
    return await promise;
  } finally {
    socket.off("readable", onReadable).off("end", onEnd).off("close", onEnd).off("error", reject);
  }
}

function readSome(socket: Socket): Buffer | null {
  const chunk: unknown = socket.read();
  return Buffer.isBuffer(chunk) ? chunk : null;
}
