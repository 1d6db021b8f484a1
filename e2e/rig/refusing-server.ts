import { createServer } from "node:http";

/** How an S3 endpoint says no. */
export type Refusal = {
  readonly status: number;
  /** S3's code: `AccessDenied`. */
  readonly code: string;
  /** How far ahead its clock is. */
  readonly clockAheadMs: number;
};

export type RefusingServer = { readonly endpoint: string; readonly stop: () => Promise<void> };

/** An endpoint that refuses everything, for what a well-behaved store cannot be made to say. */
export async function startRefusing(refusal: Refusal): Promise<RefusingServer> {
  const { status, code, clockAheadMs } = refusal;
  const server = createServer((request, response) => {
    request.resume();
    const date = new Date(Date.now() + clockAheadMs).toUTCString();
    response.writeHead(status, { "content-type": "application/xml", date });
    const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`;
    response.end(request.method === "HEAD" ? undefined : xml);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not a TCP server");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    stop: () =>
      new Promise((stopped) => {
        server.closeAllConnections();
        server.close(() => stopped());
      }),
  };
}
