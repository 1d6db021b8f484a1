import type { Protocol } from "electron";
import type { PageFiles } from "#main/page-files.ts";
import { APP_ORIGIN, APP_SCHEME } from "./channels.ts";

/** Before the app is ready: `app://` behaves like a web origin of its own, not like `file:`. */
export function registerScheme(protocol: Pick<Protocol, "registerSchemesAsPrivileged">): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves the built page, with the same rules as the web host. */
export function servePage(protocol: Pick<Protocol, "handle">, files: PageFiles): void {
  protocol.handle(APP_SCHEME, (request) => answer(request, files));
}

function answer(request: Request, files: PageFiles): Response {
  const url = URL.parse(request.url);
  const isOurs = url !== null && `${url.protocol}//${url.host}` === APP_ORIGIN;
  if (!isOurs || request.method !== "GET") return new Response("not here", { status: 404 });
  const file = files.find(url.pathname);
  if (file === undefined) return new Response("not here", { status: 404 });
  return new Response(new Uint8Array(Buffer.from(file.body)), { headers: { ...file.headers } });
}
