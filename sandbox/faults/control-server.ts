import { once } from "node:events";
import { chmodSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { text } from "node:stream/consumers";
import { FaultScript } from "#shared/fault-script.ts";
import type { FaultBook } from "./fault-book.ts";

/**
 * How a rig changes the script at run time: HTTP on a Unix socket (a named pipe on Windows) that
 * only this user can open. `PUT /` replaces the script, `GET /` answers how often rules were used.
 */
export async function openFaultControl(socketPath: string, book: FaultBook): Promise<Server> {
  const server = createServer((request, response) => {
    void answer(request.method ?? "", text(request), book).then(([status, body]) => {
      response.writeHead(status).end(body);
    });
  });
  server.listen(socketPath);
  await once(server, "listening");
  if (process.platform !== "win32") chmodSync(socketPath, 0o600);
  return server.unref();
}

async function answer(
  method: string,
  body: Promise<string>,
  book: FaultBook,
): Promise<readonly [status: number, text: string]> {
  try {
    if (method === "PUT") book.replace(FaultScript.parse(JSON.parse(await body)));
    return [200, JSON.stringify(book.report())];
  } catch (error) {
    return [400, String(error)];
  }
}
