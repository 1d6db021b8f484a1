import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { connect as connectTcp, isIP } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls, TLSSocket } from "node:tls";
import { LonghaulError } from "#shared/errors.ts";
import { explainNetworkError } from "../../wire/network-errors.ts";

/** Opens a connection to an endpoint as a request would, and says in words what was found. */
export async function reachEndpoint(endpoint: URL, signal: AbortSignal): Promise<string> {
  const hostname = endpoint.hostname.replace(/^\[(.*)\]$/, "$1");
  const isTls = endpoint.protocol === "https:";
  const port = Number(endpoint.port || (isTls ? 443 : 80));
  try {
    const address = await resolve(hostname, signal);
    const socket = isTls
      ? connectTls({ host: hostname, port, servername: isIP(hostname) === 0 ? hostname : "" })
      : connectTcp({ host: hostname, port });
    try {
      await once(socket, isTls ? "secureConnect" : "connect", { signal });
      return `${address} answers on port ${port}, ${describe(socket)}`;
    } finally {
      socket.destroy();
    }
  } catch (thrown) {
    throw explainNetworkError(toTimeout(thrown, signal), endpoint.origin);
  }
}

async function resolve(hostname: string, signal: AbortSignal): Promise<string> {
  if (isIP(hostname) !== 0) return hostname;
  const { address } = await lookup(hostname);
  signal.throwIfAborted();
  return address;
}

function describe(socket: Socket | TLSSocket): string {
  if (!(socket instanceof TLSSocket)) return "without encryption";
  const until = socket.getPeerCertificate().valid_to;
  return `${socket.getProtocol() ?? "TLS"}, certificate until ${until}`;
}

/** The deadline is a failure of the server; a wish to stop is none. */
function toTimeout(thrown: unknown, signal: AbortSignal): unknown {
  const isDeadline = signal.reason instanceof Error && signal.reason.name === "TimeoutError";
  if (!signal.aborted || !isDeadline) return thrown;
  return new LonghaulError("unreachable", "no connection in time", {
    details: { cause: "ETIMEDOUT" },
  });
}
