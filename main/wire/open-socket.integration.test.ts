import { once } from "node:events";
import { createServer as createProxy } from "node:http";
import { connect } from "node:net";
import type { Socket } from "node:net";
import {
  createServer as createSecure,
  getCACertificates,
  setDefaultCACertificates,
} from "node:tls";
import type { TLSSocket } from "node:tls";
import { afterEach, beforeEach, expect, it } from "vitest";
import { DeskRig } from "./desk-rig.ts";
import { listen } from "./fixtures.ts";
import { SocketOpener } from "./open-socket.ts";
import { DIRECT } from "./route.ts";
import { selfSigned } from "./self-signed.ts";

const trusted = getCACertificates();

let rig: DeskRig;
beforeEach(async () => {
  rig = await DeskRig.start();
});
afterEach(async () => {
  setDefaultCACertificates(trusted);
  await rig.end();
});

async function openTo(opener: SocketOpener, url: string): Promise<Socket> {
  return await opener.reach(new URL(url), DIRECT);
}

it("opens a plain socket to a name or an address", async () => {
  const url = await rig.serveRaw(() => undefined);
  for (const host of ["127.0.0.1", "localhost"]) {
    const socket = await openTo(new SocketOpener(1000), url.replace("127.0.0.1", host));
    expect(socket.remotePort).toBe(Number(new URL(url).port));
    socket.destroy();
  }
});

it("N14 gives up a connection that does not come about in time", async () => {
  // The port answers, and nobody there speaks TLS.
  const url = await rig.serveRaw((socket) => socket.resume());
  const opening = openTo(new SocketOpener(50), url.replace("http", "https"));
  await expect(opening).rejects.toMatchObject({ code: "ETIMEDOUT" });
});

it("tells of a refusal once", async () => {
  const opening = openTo(new SocketOpener(1000), "http://127.0.0.1:1");
  await expect(opening).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

it("resumes a TLS session with a server it knows", async () => {
  const credentials = selfSigned("localhost");
  setDefaultCACertificates([...trusted, credentials.cert]);
  const isReused: boolean[] = [];
  const server = createSecure(credentials, (socket: TLSSocket) => {
    isReused.push(socket.isSessionReused());
    socket.on("error", () => undefined).end("hello");
  });
  const { port } = new URL(await listen(server));
  const opener = new SocketOpener(1000);
  for (let count = 0; count < 2; count += 1) {
    const socket = await openTo(opener, `https://localhost:${port}`);
    // The ticket comes with the first bytes after the handshake.
    socket.on("readable", () => socket.read());
    await once(socket, "end");
    socket.destroy();
  }
  server.close();
  expect(isReused).toEqual([false, true]);
});

it("trusts no certificate for another name", async () => {
  const credentials = selfSigned("other.example.com");
  setDefaultCACertificates([...trusted, credentials.cert]);
  const server = createSecure(credentials, (socket) => socket.on("error", () => undefined));
  const { port } = new URL(await listen(server));
  const opening = openTo(new SocketOpener(1000), `https://localhost:${port}`);
  await expect(opening).rejects.toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
  server.close();
});

/** A proxy that leads to this machine, whatever it is asked for. */
async function tunnelProxy(): Promise<{ readonly origin: string; readonly end: () => void }> {
  const proxy = createProxy();
  proxy.on("connect", (request, client: Socket) => {
    const onward = connect(Number(new URL(`http://${request.url}`).port), "127.0.0.1");
    client.on("error", () => undefined).write("HTTP/1.1 200 OK\r\n\r\n");
    onward
      .on("error", () => undefined)
      .pipe(client)
      .pipe(onward);
  });
  const origin = (await listen(proxy)).replace("127.0.0.1", "localhost");
  return { origin, end: () => proxy.close() };
}

it.each([
  ["127.0.0.1", "is believed, where it is for the address", null],
  ["localhost", "is not believed, where it is for the proxy", "ERR_TLS_CERT_ALTNAME_INVALID"],
])("a certificate for %s %s behind a proxy", async (name, _, refusal) => {
  const credentials = selfSigned(name);
  setDefaultCACertificates([...trusted, credentials.cert]);
  const server = createSecure(credentials, (socket) => socket.on("error", () => undefined));
  const url = new URL((await listen(server)).replace("http:", "https:"));
  const { origin, end } = await tunnelProxy();
  const route = { ...DIRECT, proxy: { origin, authorization: null } };
  const code = await new SocketOpener(1000).reach(url, route).then(
    (socket) => (socket.destroy(), null),
    (error: NodeJS.ErrnoException) => error.code ?? "",
  );
  expect(code).toBe(refusal);
  server.close();
  end();
});

it("leaves nothing open at a proxy that does not answer, once nobody waits for it", async () => {
  const closed = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const origin = await rig.serveRaw((socket) => {
    socket.once("data", () => asked.resolve()).once("end", () => closed.resolve());
  });
  const canceling = new AbortController();
  const route = { ...DIRECT, proxy: { origin, authorization: null } };
  const opening = new SocketOpener(5000).reach(
    new URL("https://s3.example.com"),
    route,
    canceling.signal,
  );
  opening.catch(() => undefined);
  await asked.promise;
  canceling.abort();
  await closed.promise;
  await expect(opening).rejects.toThrow();
});
