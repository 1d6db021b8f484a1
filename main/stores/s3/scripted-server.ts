import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import { FakeClock } from "../../flow/fake-clock.ts";
import { fixedCredentials } from "../../profiles/credentials.ts";
import { createS3Store } from "./s3-store.ts";
import type { S3Store, S3StoreOptions } from "./s3-store.ts";

export type ScriptedRequest = {
  readonly method: string;
  /** As it came over the wire, with the query. */
  readonly target: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
};

/** What the server does with a request; `hangUp` closes the socket without an answer. */
export type ScriptedAnswer =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Buffer;
    }
  | "hangUp"
  | "silence";

export type ScriptedServer = {
  readonly endpoint: URL;
  /** What came, in order. */
  readonly requests: readonly ScriptedRequest[];
  close(): Promise<void>;
};

/** An HTTP server for tests that answers as it is told: the server that nobody can install. */
export async function openScriptedServer(
  answer: (request: ScriptedRequest, count: number) => ScriptedAnswer,
): Promise<ScriptedServer> {
  const requests: ScriptedRequest[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const seen = await readRequest(request);
      requests.push(seen);
      const what = answer(seen, requests.length);
      if (what === "hangUp") return request.socket.destroy();
      if (what === "silence") return undefined;
      // The clock is the script's, too.
      response.sendDate = false;
      response.writeHead(what.status, what.headers);
      return response.end(what.body);
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    endpoint: new URL(`http://127.0.0.1:${port}`),
    requests,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** When the keys of `storeOn` sign, unless a `date` header teaches otherwise. */
export const SCRIPTED_WALL_MS = Date.UTC(2026, 0, 1, 12);

/** A store on a scripted server, bucket `models`, with a clock that stands. */
export function storeOn(
  { endpoint }: Pick<ScriptedServer, "endpoint">,
  options: Partial<S3StoreOptions> = {},
): S3Store {
  return createS3Store({
    endpoint,
    region: "us-east-1",
    addressing: "auto",
    bucket: "models",
    credentials: fixedCredentials({
      accessKeyId: "AKID",
      secretAccessKey: "SECRET",
      sessionToken: null,
      expiresAtMs: null,
    }),
    clock: new FakeClock(SCRIPTED_WALL_MS),
    isConditionHonoured: true,
    ...options,
  });
}

/** An S3 error document. */
export function errorAnswer(status: number, code: string, message = ""): ScriptedAnswer {
  return xmlAnswer(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`, status);
}

export function xmlAnswer(xml: string, status = 200): ScriptedAnswer {
  return {
    status,
    headers: { "content-type": "application/xml" },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`,
  };
}

async function readRequest(request: IncomingMessage): Promise<ScriptedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const target = request.url ?? "";
  return {
    method: request.method ?? "",
    target,
    query: new URLSearchParams(target.slice(target.indexOf("?") + 1)),
    headers: request.headers,
    body: Buffer.concat(chunks).toString(),
  };
}
