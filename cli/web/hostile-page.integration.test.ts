import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { z } from "zod";
import { TransferView } from "#shared/transfer.ts";
import { WEB_CLOSE_CODES, WEB_SOCKET_PATH } from "#shared/web-protocol.ts";
import { MiB } from "#main/bytes/sizes.ts";
import { FaultRig } from "#main/faults/fault-rig.ts";
import * as hostile from "#main/faults/hostile-inputs.ts";
import { checkPath } from "../host/roots.ts";
import { LOOPBACK_HOSTS } from "./request-gate.ts";
import { createToken } from "./token.ts";
import type { WebHost } from "./web-host.ts";
import { startWebHost } from "./web-host.ts";

let outside = "";
let allowed = "";
let rig: FaultRig;
let host: WebHost;
const token = createToken();

beforeAll(async () => {
  outside = mkdtempSync(join(tmpdir(), "longhaul-hostile-"));
  allowed = join(outside, "allowed");
  mkdirSync(join(outside, "page"));
  writeFileSync(join(outside, "page/index.html"), '<meta name="csp-nonce" content="" />');
  mkdirSync(allowed);
  writeFileSync(join(outside, "secret.txt"), "secret");
  symlinkSync(join(outside, "secret.txt"), join(allowed, "link"));
  symlinkSync(outside, join(allowed, "way-out"));
  const roots = { folders: [allowed], home: join(outside, "home") };
  rig = await FaultRig.open({
    host: {
      resolveRef: async (ref, use) =>
        await checkPath(roots, "path" in ref ? ref.path : ref.handle, use === "read"),
    },
  });
  const options = {
    host: "127.0.0.1",
    port: 0,
    tls: null,
    allowedHosts: LOOPBACK_HOSTS,
    token,
    pageFolder: join(outside, "page"),
  };
  host = await startWebHost(options, rig.engine);
}, 60_000);

afterAll(async () => {
  await host.close();
  await rig.close();
  rmSync(outside, { recursive: true });
});

const Message = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("welcome") }),
  z.looseObject({ type: z.literal("event"), event: z.looseObject({ type: z.string() }) }),
  z.looseObject({
    type: z.literal("reply"),
    id: z.number(),
    reply: z.looseObject({
      ok: z.boolean(),
      value: z.unknown().optional(),
      error: z.looseObject({ code: z.string(), message: z.string() }).optional(),
    }),
  }),
]);

/** A page's socket, welcome already. */
class Page {
  readonly events: string[] = [];
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #lastId = 0;

  static async open(): Promise<Page> {
    const address = `127.0.0.1:${host.port}`;
    const socket = new WebSocket(`ws://${address}${WEB_SOCKET_PATH}`, {
      origin: `http://${address}`,
    });
    const page = new Page(socket);
    await new Promise<void>((resolve) => socket.once("open", () => resolve()));
    socket.send(JSON.stringify({ token }));
    return page;
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => {
      const message = Message.parse(JSON.parse(data.toString("utf8")));
      if (message.type === "event") this.events.push(message.event.type);
      if (message.type === "reply") this.#waiting.get(message.id)?.(message.reply);
    });
  }

  async call(name: unknown, input: unknown): Promise<Reply> {
    const id = (this.#lastId += 1);
    this.#socket.send(JSON.stringify({ id, name, input }));
    return await new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  /** The code it was closed with. */
  get closed(): Promise<number> {
    return new Promise((resolve) => this.#socket.once("close", (code) => resolve(code)));
  }

  close(): void {
    this.#socket.terminate();
  }
}

type Reply =
  z.infer<typeof Message> extends infer M
    ? M extends { type: "reply"; reply: infer R }
      ? R
      : never
    : never;

it("E1 page taken over: every call refuses every bad input, and the host lives on", async () => {
  const page = await Page.open();
  for (const name of hostile.CALL_NAMES) {
    for (const input of hostile.BAD_INPUTS) {
      const sent: unknown = JSON.parse(JSON.stringify(input));
      if (hostile.isTaken(name, sent)) continue;
      const { ok, error } = await page.call(name, sent);
      expect([name, ok, error?.code]).toEqual([name, false, "invalid"]);
    }
  }
  expect(await page.call("host.info", null)).toMatchObject({ ok: true });
  expect(Object.prototype).not.toHaveProperty("isAdmin");
  page.close();
});

it("E1 page taken over: what is no call is none, and malformed messages end the socket", async () => {
  for (const name of hostile.NO_CALLS) {
    const page = await Page.open();
    const outcome = await Promise.race([page.closed, page.call(name, null)]);
    if (typeof outcome === "number") expect(outcome).toBe(WEB_CLOSE_CODES.malformed);
    else expect(outcome).toMatchObject({ ok: false, error: { code: "invalid" } });
    page.close();
  }
});

it("E1 page taken over: no path outside of its roots is read, written or told of", async () => {
  await rig.script();
  const page = await Page.open();
  const paths = [
    join(outside, "secret.txt"),
    outside,
    "/etc",
    "/etc/passwd",
    `${allowed}/../secret.txt`,
    join(allowed, "link"),
    join(allowed, "way-out"),
    join(allowed, "way-out/secret.txt"),
    `${allowed}-beside`,
    `${allowed}\0/etc/passwd`,
    "secret.txt",
    "../secret.txt",
    "~/.ssh/id_rsa",
    "file:///etc/passwd",
    "/proc/self/environ",
  ];
  for (const path of paths) {
    for (const [name, input] of hostile.callsWithPath(path)) {
      const { ok, error } = await page.call(name, input);
      expect([name, path, ok]).toEqual([name, path, false]);
      expect(error?.code).toMatch(/^(path-denied|path-missing|invalid)$/);
    }
  }
  expect(await page.call("transfer.list", null)).toEqual({ ok: true, value: [] });
  expect(existsSync(join(outside, "made"))).toBe(false);
  expect(rig.requests()).toEqual([]);
  page.close();
});

it("E1 page taken over: a transfer that is not there is nobody's", async () => {
  const page = await Page.open();
  const id = "00000000-0000-4000-8000-000000000000";
  const inputs: readonly (readonly [string, object])[] = [
    ["transfer.pause", { id }],
    ["transfer.resume", { id }],
    ["transfer.cancel", { id, keepParts: false }],
    ["transfer.retry", { id }],
    ["transfer.move", { id, to: "top" }],
    ["transfer.cap", { id, bytesPerSecond: null }],
    ["transfer.detail", { id }],
    ["drop.close", { id }],
    ["host.showInFolder", { id }],
  ];
  for (const [name, input] of inputs) {
    expect([name, await page.call(name, input)]).toMatchObject([name, { ok: false }]);
  }
  page.close();
});

it("E3 page that is loaded again: has its view back from a snapshot within a second", async () => {
  const { key, sha256 } = await rig.seed(20 * MiB);
  await rig.script({
    on: { op: "GetObject" },
    times: null,
    fault: { kind: "trickle", bytesPerSecond: 8 * MiB },
  });
  const first = await Page.open();
  const request = { profileId: "lab", bucket: "lab", keys: [key], folder: { path: allowed } };
  const started = await first.call("transfer.download", request);
  const { id } = z.object({ id: z.string() }).parse(started.value);
  await rig.until(id as never, ({ inFlightBytes }) => inFlightBytes > 0);
  first.close();

  const startedMs = performance.now();
  const again = await Page.open();
  const listed = await again.call("transfer.list", null);
  expect(performance.now() - startedMs).toBeLessThan(1000);
  const [view] = z.array(TransferView).parse(listed.value);
  expect(view).toMatchObject({ id, name: key, state: { phase: "running" }, totalBytes: 20 * MiB });
  // From then on it hears of changes, as the page before it did.
  await rig.until(id as never, ({ state }) => state.phase === "done");
  await expect.poll(() => again.events).toContain("transfers");
  expect(await rig.fileSha256(join(allowed, key))).toBe(sha256);
  again.close();
});
