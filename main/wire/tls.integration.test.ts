import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:https";
import type { RequestListener } from "node:http";
import type { Server } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterEach, beforeEach, expect, it } from "vitest";
import { MiB } from "../bytes/sizes.ts";
import { DeskRig, putRequest, receiveTask } from "./desk-rig.ts";
import { answering, listen } from "./fixtures.ts";
import type { Outcome } from "./orders.ts";
import { selfSigned } from "./self-signed.ts";

const trusted = getCACertificates();
const credentials = selfSigned("localhost");
const digestOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

let rig: DeskRig;
let server: Server | undefined;
beforeEach(async () => {
  rig = await DeskRig.start();
});
afterEach(async () => {
  setDefaultCACertificates(trusted);
  await rig.end();
  server?.close();
});

async function serve(listener: RequestListener): Promise<string> {
  const secure = createServer(credentials, listener);
  server = secure;
  const { port } = new URL(await listen(secure));
  return `https://localhost:${port}`;
}

async function send(bytes: Buffer, url: string): Promise<Outcome> {
  const path = await rig.file("source", bytes);
  const range = { path, start: 0, end: bytes.length };
  await rig.ask({ kind: "load", source: range, stamp: null });
  const source = { kind: "kept", bodyId: rig.lastId } as const;
  return await rig.ask({ kind: "send", source, request: putRequest(`${url}/k`), slot: -1 });
}

it("N16 sends nothing to a server whose certificate nobody vouches for", async () => {
  let requestCount = 0;
  const url = await serve(answering(200, () => (requestCount += 1)));
  expect(await send(Buffer.from("abc"), url)).toMatchObject({
    kind: "failed",
    error: {
      code: "untrusted-certificate",
      details: { endpoint: url, cause: "DEPTH_ZERO_SELF_SIGNED_CERT" },
    },
  });
  expect(requestCount).toBe(0);
});

it("moves the same bytes over TLS, both ways", async () => {
  setDefaultCACertificates([...trusted, credentials.cert]);
  const bytes = randomBytes(5 * MiB + 3);
  const digests: string[] = [];
  const url = await serve((request, response) => {
    if (request.method === "PUT") {
      answering(200, (body) => digests.push(digestOf(body)))(request, response);
    } else {
      response.writeHead(206, { "content-length": bytes.length }).end(bytes);
    }
  });
  for (const round of ["fresh", "kept alive", "held up by a cap"]) {
    if (round === "held up by a cap") {
      rig.down.setRate(50 * MiB);
      await new Promise((resolve) => setTimeout(resolve, 750));
    }
    expect(await send(bytes, url)).toMatchObject({ kind: "answered", response: { status: 200 } });
    const path = await rig.target(bytes.length);
    const outcome = await rig.ask(receiveTask(`${url}/k`, path, bytes.length));
    expect(outcome, round).toMatchObject({ kind: "whole", digests: [digestOf(bytes)] });
  }
  expect(digests).toEqual(Array.from({ length: 3 }, () => digestOf(bytes)));
});

it("takes the whole of a body whose connection ended while its reader was held up", async () => {
  setDefaultCACertificates([...trusted, credentials.cert]);
  const bytes = randomBytes(3 * MiB + 7);
  const url = await serve((_request, response) => {
    response.writeHead(206, { "content-length": bytes.length, connection: "close" }).end(bytes);
  });
  // What was paid under another cap pays again as it comes.
  rig.down.setRate(20 * MiB);
  await new Promise((resolve) => setTimeout(resolve, 750));
  for (let round = 0; round < 5; round += 1) {
    const path = await rig.target(bytes.length);
    const outcome = await rig.ask(receiveTask(`${url}/k`, path, bytes.length));
    expect(outcome).toMatchObject({ kind: "whole", digests: [digestOf(bytes)] });
  }
});
