import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { dispatch } from "#shared/dispatch.ts";
import type { ErrorInfo } from "#shared/errors.ts";
import { LonghaulError, toErrorInfo } from "#shared/errors.ts";
import type { Engine } from "#main/engine-host.ts";
import { siblingModule } from "#main/flow/sibling-module.ts";
import type { LinkAnswer, LinkRequest, ToEngine, ToServer } from "./thread-link.ts";
import type { Begun } from "./web-link.ts";
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
  const post = (message: ToServer) => worker.postMessage(message, []);
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
          void answer(engine, message.request).then((given) => {
            post({ type: "answer", id: message.id, answer: given });
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
async function answer(engine: Engine, request: LinkRequest): Promise<LinkAnswer> {
  switch (request.ask) {
    case "call":
      return { ask: "call", reply: await dispatch(engine.handlers, request.name, request.input) };
    case "begin":
      return { ask: "begin", begun: await begin(engine, request) };
    case "end":
      return { ask: "end", error: await end(engine, request) };
    default:
      return request satisfies never;
  }
}

async function begin(
  { incoming }: Engine,
  { ticket, offsetBytes, lengthBytes }: Extract<LinkRequest, { ask: "begin" }>,
): Promise<Begun> {
  try {
    return await incoming.begin(ticket, offsetBytes, lengthBytes);
  } catch (error) {
    return { error: toErrorInfo(error) };
  }
}

async function end(
  { incoming }: Engine,
  { ticket, offsetBytes }: Extract<LinkRequest, { ask: "end" }>,
): Promise<ErrorInfo | null> {
  try {
    await incoming.end(ticket, offsetBytes);
    return null;
  } catch (error) {
    return toErrorInfo(error);
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
