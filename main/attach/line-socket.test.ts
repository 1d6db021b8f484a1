import type { Server, Socket } from "node:net";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LOCAL_MESSAGE_MAX_BYTES } from "#shared/local-protocol.ts";
import { LineSocket } from "./line-socket.ts";

/** Other tests may have the machine. */
const WITHIN = { timeout: 15_000, interval: 10 };

let folder = "";
let server: Server;
/** The raw end, which may send what it likes. */
let raw: Socket;
let line: LineSocket;
let messages: unknown[] = [];
let onClose = vi.fn();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "longhaul-line-"));
  messages = [];
  onClose = vi.fn();
  server = createServer().listen(join(folder, "s"));
  const connected = once(server, "connection");
  raw = connect(join(folder, "s")).on("error", () => {});
  const [socket] = (await connected) as [Socket];
  line = new LineSocket(socket, { onMessage: (message) => messages.push(message), onClose });
});
afterEach(() => {
  raw.destroy();
  line.destroy();
  server.close();
  rmSync(folder, { recursive: true });
});

const closed = () => expect.poll(() => onClose.mock.calls.length, WITHIN).toBe(1);

it("finds messages however the bytes are cut", async () => {
  const bytes = Buffer.from('{"name":"größe"}\n[1]\n"three"\n');
  for (const byte of bytes) raw.write(Buffer.from([byte]));
  await expect.poll(() => messages, WITHIN).toEqual([{ name: "größe" }, [1], "three"]);
});

it("finds several messages in one piece", async () => {
  raw.write('1\n2\n{"half":');
  await expect.poll(() => messages, WITHIN).toEqual([1, 2]);
  raw.write("true}\n");
  await expect.poll(() => messages, WITHIN).toEqual([1, 2, { half: true }]);
});

it("sends one message a line, whatever is in it", async () => {
  let text = "";
  raw.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  line.send({ text: "two\nlines" });
  line.sendText("[]");
  await expect.poll(() => text, WITHIN).toBe('{"text":"two\\nlines"}\n[]\n');
});

it("ends the connection at what is no JSON, and hears nothing after it", async () => {
  raw.write("1\nGET / HTTP/1.1\n2\n");
  await closed();
  expect(messages).toEqual([1]);
});

it("ends the connection at a line that is too long, before it has ended", async () => {
  raw.write(Buffer.alloc(LOCAL_MESSAGE_MAX_BYTES + 2, 32));
  await closed();
  expect(messages).toEqual([]);
});

it("lets go of whoever does not read", async () => {
  raw.pause();
  const mebibytes = JSON.stringify("x".repeat(4 * 1024 * 1024));
  for (let sent = 0; sent < 12; sent += 1) line.sendText(mebibytes);
  await closed();
});

it("says that the other end went", async () => {
  raw.end();
  await closed();
});
