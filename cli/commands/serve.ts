import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";
import { LonghaulError } from "#shared/errors.ts";
import { TOKEN_NAME } from "#shared/web-protocol.ts";
import { onDisk } from "#main/disk/disk-errors.ts";
import type { CommandContext } from "../context.ts";
import { withSession } from "../session.ts";
import { openInBrowser } from "../web/open-in-browser.ts";
import { isLoopback, LOOPBACK_HOSTS } from "../web/request-gate.ts";
import { createToken } from "../web/token.ts";
import { startWebHost } from "../web/web-host.ts";
import type { WebServerOptions } from "../web/web-server.ts";

const path = z.string().nullable().default(null);

export const ServeFlags = z.object({
  host: z.string().default("127.0.0.1"),
  port: z.number().nullable().default(null),
  open: z.boolean().default(false),
  root: z.array(z.string()).default([]),
  tlsCert: path,
  tlsKey: path,
  allowHost: z.array(z.string()).default([]),
});
export type ServeFlags = z.infer<typeof ServeFlags>;

/** So that the address stays the same from start to start, where nobody else has the port. */
const USUAL_PORT = 7478;

/** `longhaul serve`: the engine and the window for a browser, until a signal. */
export async function serve(flags: ServeFlags, context: CommandContext): Promise<number> {
  const { terminal, interrupts, workingFolder } = context;
  const server = {
    ...(await toServerOptions(flags, workingFolder)),
    pageFolder: context.pageFolder,
  };
  const roots = flags.root.map((root) => resolve(workingFolder, root));
  const options = {
    command: "serve",
    runs: "all",
    profiles: [],
    isTransient: false,
    connections: null,
    roots: roots.length > 0 ? roots : [context.userFolder],
  } as const;
  return withSession(context.openEngine, options, async ({ engine }) => {
    const web = await startOnSomePort(server, flags.port, (given) => startWebHost(given, engine));
    const address = addressOf(server, flags, web.port);
    terminal.out(address);
    if (flags.open) await openInBrowser(address, context.home, terminal);
    const stopped = new Promise<void>((done) => {
      if (interrupts.signal.aborted) done();
      interrupts.signal.addEventListener("abort", () => done(), { once: true });
    });
    try {
      await Promise.race([stopped, web.failed]);
    } finally {
      await web.close();
    }
    return 0;
  });
}

/** Another address than this machine's own needs encryption and names to be called by. */
async function toServerOptions(
  flags: ServeFlags,
  folder: string,
): Promise<Omit<WebServerOptions, "port" | "pageFolder">> {
  const tls = await readTls(flags, folder);
  if (!isLoopback(flags.host) && (tls === null || flags.allowHost.length === 0)) {
    throw new LonghaulError(
      "invalid",
      "an address that others can reach needs --tls-cert, --tls-key and --allow-host NAME",
    );
  }
  return {
    host: flags.host,
    tls,
    allowedHosts: [...(isLoopback(flags.host) ? LOOPBACK_HOSTS : []), ...flags.allowHost],
    token: createToken(),
  };
}

async function readTls(flags: ServeFlags, folder: string): Promise<WebServerOptions["tls"]> {
  const { tlsCert, tlsKey } = flags;
  if (tlsCert === null && tlsKey === null) return null;
  if (tlsCert === null || tlsKey === null) {
    throw new LonghaulError("invalid", "--tls-cert and --tls-key go together");
  }
  const read = (file: string) =>
    onDisk(file, "read", () => readFile(resolve(folder, file), "utf8"));
  return { cert: await read(tlsCert), key: await read(tlsKey) };
}

async function startOnSomePort<T>(
  server: Omit<WebServerOptions, "port">,
  port: number | null,
  start: (options: WebServerOptions) => Promise<T>,
): Promise<T> {
  if (port !== null) return await start({ ...server, port });
  try {
    return await start({ ...server, port: USUAL_PORT });
  } catch (error) {
    if (error instanceof LonghaulError && error.details.cause === "EADDRINUSE") {
      return await start({ ...server, port: 0 });
    }
    throw error;
  }
}

/** The token stands in the fragment, which a browser sends to nobody. */
function addressOf(
  server: Omit<WebServerOptions, "port">,
  flags: ServeFlags,
  port: number,
): string {
  const [name = server.host] = flags.allowHost;
  return `${server.tls === null ? "http" : "https"}://${name}:${port}/#${TOKEN_NAME}=${server.token}`;
}
