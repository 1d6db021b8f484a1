import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { LonghaulError } from "#shared/errors.ts";
import { explainNetworkError } from "../../wire/network-errors.ts";
import type { S3Address } from "./s3-address.ts";
import type { S3Control } from "./s3-control.ts";

/** Opens a connection to an endpoint as a request would, and says in words what was found. */
export async function reachEndpoint(
  control: Pick<S3Control, "reach">,
  { origin }: Pick<S3Address, "origin">,
  signal: AbortSignal,
): Promise<string> {
  try {
    const socket = await control.reach(signal);
    try {
      return `${socket.remoteAddress ?? "it"} answers on port ${portOf(origin)}, ${describe(socket)}`;
    } finally {
      socket.destroy();
    }
  } catch (thrown) {
    throw explainNetworkError(toTimeout(thrown, signal), origin);
  }
}

function portOf(origin: string): string {
  const { port, protocol } = new URL(origin);
  return port === "" ? (protocol === "https:" ? "443" : "80") : port;
}

function describe(socket: Socket): string {
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
