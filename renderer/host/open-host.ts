import type { Host } from "./host.ts";
import { createClient } from "#shared/client.ts";
import { WEB_SOCKET_PATH } from "#shared/web-protocol.ts";
import { createDesktopTransport } from "./transport-electron.ts";
import { WebTransport } from "./transport-ws.ts";
import { createWatch } from "./watched.ts";
import { takeToken } from "./web-token.ts";

/** The desktop's bridge where there is one, else the web host that served this page. */
export function openHost(page: Window): Host {
  const bridge = page.longhaul;
  if (bridge) {
    return {
      client: createClient(createDesktopTransport(bridge)),
      connection: createWatch({ phase: "open" }),
      arrival: { kind: "handles", grantFiles: (files) => bridge.grantFiles(files) },
    };
  }
  const token = takeToken(page);
  const transport = new WebTransport(() => new WebSocket(socketAddress(page.location)), token);
  return {
    client: createClient(transport),
    connection: transport.connection,
    arrival: { kind: "bytes", token: () => token },
  };
}

export function socketAddress(location: {
  readonly protocol: string;
  readonly host: string;
}): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${WEB_SOCKET_PATH}`;
}
