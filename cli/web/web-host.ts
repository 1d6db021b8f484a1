import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { dispatch } from "#shared/dispatch.ts";
import { LonghaulError, toErrorInfo } from "#shared/errors.ts";
import type { Engine } from "#main/engine-host.ts";
import { siblingModule } from "#main/flow/sibling-module.ts";
import type { LinkRequest, ToEngine, ToServer } from "./thread-link.ts";
import type { WebServerOptions } from "./web-server.ts";

export type WebHost = {
  readonly port: number;
  /** Rejects when the server's thread ends by itself: a bug. */
  readonly failed: Promise<never>;
  /** Pages are told that the host goes. */
  close(): Promise<void>;
};

const CLOSE_MS = 3_000;

/**
 * Starts the web server in a thread of its own and answers it.
 * @throws {LonghaulError} `invalid` when the port or the address cannot be had.
 */
export async function startWebHost(options: WebServerOptions, engine: Engine): Promise<WebHost> {
  const worker = new Worker(siblingModule(import.meta.url, "web-worker"), { workerData: options });
  const post = (message: ToServer) => worker.postMessage(message);
  const failed = new Promise<never>((_, reject) => worker.once("error", reject));
  // Whoever waits for it hears of it; nobody else must.
  failed.catch(() => {});
  const port = await Promise.race([listening(worker, engine, post, options), failed]);
  const stop = engine.onEvent((event) => post({ type: "event", event }));
  return {
    port,
    failed,
    close: async () => {
      stop();
      const gone = once(worker, "exit");
      post({ type: "close" });
      const timer = setTimeout(() => void worker.terminate(), CLOSE_MS);
      await gone;
      clearTimeout(timer);
    },
  };
}

/** From the first message on the worker is answered; the promise is the port. */
function listening(
  worker: Worker,
  engine: Engine,
  post: (message: ToServer) => void,
  options: WebServerOptions,
): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.on("message", (message: ToEngine) => {
      switch (message.type) {
        case "asked":
          void answer(engine, message.request).then((value) => {
            post({ type: "answer", id: message.id, value });
          });
          break;
        case "progress":
          engine.incoming.progress(message.ticket, message.offsetBytes);
          break;
        case "listening":
          resolve(message.port);
          break;
        case "cannot-listen":
          reject(cannotListen(options, message.cause, message.message));
          break;
        default:
          message satisfies never;
      }
    });
  });
}

/** Never rejects: what goes wrong is part of the answer. */
async function answer(engine: Engine, request: LinkRequest): Promise<unknown> {
  if (request.ask === "call") return await dispatch(engine.handlers, request.name, request.input);
  try {
    if (request.ask === "begin") {
      const { ticket, offsetBytes, lengthBytes } = request;
      return await engine.incoming.begin(ticket, offsetBytes, lengthBytes);
    }
    await engine.incoming.end(request.ticket, request.offsetBytes);
    return null;
  } catch (error) {
    const info = toErrorInfo(error);
    return request.ask === "begin" ? { error: info } : info;
  }
}

function cannotListen(options: WebServerOptions, cause: string, message: string): LonghaulError {
  const where = `${options.host}:${options.port}`;
  const words: Readonly<Record<string, string>> = {
    EADDRINUSE: `${where} is in use by another program; name another with --port`,
    EACCES: `this user may not listen on ${where}; name a port above 1023 with --port`,
    EADDRNOTAVAIL: `${options.host} is no address of this machine`,
  };
  return new LonghaulError("invalid", words[cause] ?? message, { details: { cause } });
}
