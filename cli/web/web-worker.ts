/** The web server's thread: all sockets of pages, and the bytes of their drops. */
import { parentPort, workerData } from "node:worker_threads";
import type { ToEngine, ToServer } from "./thread-link.ts";
import { ThreadLink } from "./thread-link.ts";
import { openWebServer } from "./web-server.ts";
import type { WebServer, WebServerOptions } from "./web-server.ts";

const port = parentPort;
if (port === null) throw new Error("a thread, not a program");
const post = (message: ToEngine) => port.postMessage(message);
const link = new ThreadLink(post);
let server: WebServer | null = null;

port.on("message", (message: ToServer) => {
  if (message.type === "close") void close();
  else link.take(message);
});

async function close(): Promise<void> {
  await server?.close();
  port?.close();
}

try {
  // Given by `startWebHost` of the same program.
  const options: WebServerOptions = workerData;
  server = await openWebServer(options, link);
  post({ type: "listening", port: server.port });
} catch (error) {
  const cause = error instanceof Error && "code" in error ? String(error.code) : "";
  post({ type: "cannot-listen", cause, message: String(error) });
  port.close();
}
