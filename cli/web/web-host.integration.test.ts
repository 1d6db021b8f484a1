import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { HostEvent } from "#shared/contract.ts";
import { INCOMING_MAX_BYTES } from "#shared/transfer-request.ts";
import { LonghaulError } from "#shared/errors.ts";
import { WEB_CLOSE_CODES, WEB_SOCKET_PATH } from "#shared/web-protocol.ts";
import { FakeEngine } from "../fake-engine.ts";
import { LOOPBACK_HOSTS } from "./request-gate.ts";
import { createToken } from "./token.ts";
import type { WebHost } from "./web-host.ts";
import { startWebHost } from "./web-host.ts";

let folder = "";
let host: WebHost;
const token = createToken();
const engine = new FakeEngine({
  "profile.awsNames": async () => ["work"],
  "library.buckets": async () => {
    throw new LonghaulError("access-denied", "no", { details: { profile: "lab" } });
  },
});

beforeEach(() => engine.calls.splice(0));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "longhaul-web-"));
  mkdirSync(join(folder, "page/assets"), { recursive: true });
  writeFileSync(join(folder, "page/index.html"), '<meta name="csp-nonce" content="" />');
  writeFileSync(join(folder, "page/assets/main.js"), "1;");
  writeFileSync(join(folder, "secret.txt"), "secret");
  host = await startWebHost(options(0), engine);
});

const options = (port: number) => ({
  host: "127.0.0.1",
  port,
  tls: null,
  allowedHosts: LOOPBACK_HOSTS,
  token,
  pageFolder: join(folder, "page"),
});

afterAll(async () => {
  await host.close();
  rmSync(folder, { recursive: true });
});

const address = () => `http://127.0.0.1:${host.port}`;

/** `fetch` would normalise a path and forbid these headers. */
function ask(path: string, headers: Record<string, string> = {}, method = "GET", body?: Buffer) {
  return new Promise<{ status: number; headers: Record<string, unknown>; text: string }>(
    (resolve, reject) => {
      const target = { host: "127.0.0.1", port: host.port, path, method, headers };
      const request = httpRequest(target, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      });
      request.on("error", reject).end(body);
    },
  );
}

/** A page's socket: messages and the close code as they come. */
function openPage(origin = address(), path = WEB_SOCKET_PATH, port = host.port) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { origin });
  const messages: unknown[] = [];
  let wake = () => {};
  socket.on("message", (data) => {
    messages.push(JSON.parse((data as Buffer).toString("utf8")));
    wake();
  });
  const closed = new Promise<number>((resolve) => {
    socket.on("close", resolve);
    socket.on("error", () => resolve(-1));
  });
  const opened = new Promise<void>((resolve) => {
    socket.on("open", () => resolve());
  });
  return {
    messages,
    closed,
    say: async (message: unknown) => {
      await opened;
      socket.send(typeof message === "string" ? message : JSON.stringify(message));
    },
    /** The next message; waits for it. */
    hear: async () => {
      while (messages.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return messages.shift();
    },
  };
}

it("serves the page with a fresh nonce in its policy and its head", async () => {
  const first = await ask("/");
  const second = await ask("/");
  const nonce = /'nonce-([^']+)'/.exec(String(first.headers["content-security-policy"]))?.[1];
  expect(first.text).toContain(`<meta name="csp-nonce" content="${nonce}" />`);
  expect(first.text).not.toBe(second.text);
  expect(first.headers).toMatchObject({
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
  });
  expect(first.headers).not.toHaveProperty("access-control-allow-origin");
});

it("serves only what the page's folder held", async () => {
  expect((await ask("/assets/main.js?v=1")).text).toBe("1;");
  for (const path of [
    "/../secret.txt",
    "/%2e%2e/secret.txt",
    "/assets",
    "/nothing",
    "//etc/passwd",
  ]) {
    expect((await ask(path)).status).toBe(404);
  }
  expect((await ask("/", {}, "PUT")).status).toBe(405);
});

it("answers nobody who calls it by a foreign name or from a foreign page", async () => {
  expect((await ask("/", { host: "evil.example" })).status).toBe(403);
  expect((await ask("/", { host: `evil.example:${host.port}` })).status).toBe(403);
  expect((await ask("/", { origin: "http://evil.example" })).status).toBe(403);
  expect(await openPage("http://evil.example").closed).toBe(-1);
  expect(await openPage("").closed).toBe(-1);
  expect(await openPage(address(), "/other").closed).toBe(-1);
});

it("carries calls, failures and events to a page that knows the token", async () => {
  const page = openPage();
  await page.say({ token });
  expect(await page.hear()).toEqual({ type: "welcome" });
  await page.say({ id: 7, name: "profile.awsNames", input: null });
  expect(await page.hear()).toEqual({ type: "reply", id: 7, reply: { ok: true, value: ["work"] } });
  await page.say({ id: 8, name: "library.buckets", input: { profileId: "lab" } });
  expect(await page.hear()).toEqual({
    type: "reply",
    id: 8,
    reply: {
      ok: false,
      error: { code: "access-denied", message: "no", details: { profile: "lab" } },
    },
  });
  await page.say({ id: 9, name: "__proto__", input: null });
  expect(await page.hear()).toMatchObject({
    id: 9,
    reply: { ok: false, error: { code: "invalid" } },
  });
  const event: HostEvent = { type: "items", ids: [] };
  engine.emit(event);
  expect(await page.hear()).toEqual({ type: "event", event });
});

it.each([
  [{ token: "wrong" }],
  [{ token: 1 }],
  ["no json"],
  [{ id: 1, name: "host.info", input: null }],
])("closes on a first message of %j", async (message) => {
  const page = openPage();
  await page.say(message);
  expect(await page.closed).toBe(WEB_CLOSE_CODES.unauthorized);
  expect(engine.calls).toEqual([]);
});

it.each(["{", '"x"', JSON.stringify({ id: -1, name: "host.info" }), JSON.stringify({ id: 1 })])(
  "closes on the malformed call %s",
  async (message) => {
    const page = openPage();
    await page.say({ token });
    await page.hear();
    await page.say(message);
    expect(await page.closed).toBe(WEB_CLOSE_CODES.malformed);
  },
);

it("survives an input that is nested 100,000 deep", async () => {
  const page = openPage();
  await page.say({ token });
  await page.hear();
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  await page.say(`{"id":1,"name":"host.info","input":${deep}}`);
  expect(await page.hear()).toMatchObject({
    id: 1,
    reply: { ok: false, error: { code: "invalid" } },
  });
});

it("sends no events before the token", async () => {
  const page = openPage();
  await page.say({ token: "wrong" });
  engine.emit({ type: "items", ids: [] });
  await page.closed;
  expect(page.messages).toEqual([]);
});

it("tells pages that it goes", async () => {
  const other = await startWebHost(options(0), engine);
  const page = openPage(`http://127.0.0.1:${other.port}`, WEB_SOCKET_PATH, other.port);
  await page.say({ token });
  await page.hear();
  await other.close();
  expect(await page.closed).toBe(WEB_CLOSE_CODES.goingAway);
});

it("says which port is taken", async () => {
  await expect(startWebHost(options(host.port), engine)).rejects.toMatchObject({
    code: "invalid",
    message: `127.0.0.1:${host.port} is in use by another program; name another with --port`,
  });
});

/** A door that takes one file and keeps what it was told. */
function openDoor(sizeBytes: number) {
  const path = join(folder, "spool");
  writeFileSync(path, "");
  const told: unknown[] = [];
  engine.incoming = {
    begin: async (ticket, offsetBytes, lengthBytes) => {
      told.push(["begin", ticket, offsetBytes, lengthBytes]);
      if (offsetBytes !== 0) {
        throw new LonghaulError("conflict", "not there", { details: { neededBytes: 0 } });
      }
      if (lengthBytes > sizeBytes) throw new LonghaulError("disk-full", "full");
      return { path };
    },
    progress: () => {},
    end: async (ticket, offsetBytes) => {
      told.push(["end", ticket, offsetBytes]);
    },
  };
  return { path, told };
}

/** Other tests may have the machine. */
const WITHIN = { timeout: 15_000, interval: 10 };
const authorization = `Bearer ${token}`;

it("writes a drop where the engine says and answers with the next offset", async () => {
  const door = openDoor(10_000_000);
  const body = Buffer.alloc(3_000_000, "abcdefg");
  const answer = await ask("/incoming/t1?offset=0", { authorization }, "POST", body);
  expect([answer.status, answer.text]).toEqual([200, '{"offsetBytes":3000000}']);
  expect(readFileSync(door.path).equals(body)).toBe(true);
  expect(door.told).toEqual([
    ["begin", "t1", 0, 3_000_000],
    ["end", "t1", 3_000_000],
  ]);
});

it("sends a page to the offset where the file is", async () => {
  openDoor(100);
  const answer = await ask("/incoming/t1?offset=5", { authorization }, "POST", Buffer.alloc(9));
  expect([answer.status, answer.text]).toEqual([409, '{"offsetBytes":0}']);
});

it("says when the disk is full, though the page is still sending", async () => {
  openDoor(100);
  const answer = await ask(
    "/incoming/t1?offset=0",
    { authorization },
    "POST",
    Buffer.alloc(4_000_000),
  );
  expect([answer.status, answer.text]).toMatchObject([507, /disk-full/]);
});

it("keeps what came of a body that was cut", async () => {
  const door = openDoor(1000);
  const headers = { authorization, "content-length": "100" };
  const target = { host: "127.0.0.1", port: host.port, path: "/incoming/t1?offset=0", headers };
  const cut = httpRequest({ ...target, method: "POST" });
  cut.on("error", () => {});
  cut.write(Buffer.alloc(40, "x"));
  await expect.poll(() => readFileSync(door.path, "utf8"), WITHIN).toBe("x".repeat(40));
  cut.destroy();
  await expect.poll(() => door.told.at(-1), WITHIN).toEqual(["end", "t1", 40]);
});

it.each([
  ["/incoming/t1?offset=0", { authorization: "Bearer wrong" }, 401],
  ["/incoming/t1?offset=0", {}, 401],
  [`/incoming/t1?offset=0&token=${token}`, {}, 401],
  ["/incoming/t1", { authorization }, 400],
  ["/incoming/../x?offset=0", { authorization }, 400],
  ["/incoming/t1?offset=-1", { authorization }, 400],
  [
    "/incoming/t1?offset=0",
    { authorization, "content-length": String(INCOMING_MAX_BYTES + 1) },
    413,
  ],
  ["/incoming/t1?offset=0", { authorization, "transfer-encoding": "chunked" }, 411],
])("refuses POST %s with %j", async (path, headers, status) => {
  const door = openDoor(100);
  expect((await ask(path, headers, "POST")).status).toBe(status);
  expect(door.told).toEqual([]);
});
