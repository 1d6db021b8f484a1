import { expect, it } from "vitest";
import type { Reply } from "#shared/client.ts";
import type { CallHandlers, HostEvent } from "#shared/contract.ts";
import { createClient } from "#shared/client.ts";
import { LonghaulError } from "#shared/errors.ts";
import { CALL_CHANNEL, EVENT_CHANNEL, GRANT_CHANNEL } from "./channels.ts";
import { forwardEvents, isOwnPage, serveCalls, serveGrants } from "./ipc-host.ts";

type Listener = (event: never, ...given: unknown[]) => Promise<unknown>;

/** Electron's end of the channels, without Electron. */
function fakeIpc() {
  const channels = new Map<string, Listener>();
  return {
    handle: (name: string, listener: Listener) => void channels.set(name, listener),
    invoke: (name: string, ...given: unknown[]) =>
      channels.get(name)?.(undefined as never, ...given) ?? Promise.reject(new Error(name)),
  };
}

function connect(handlers: Partial<CallHandlers>, isTrusted = true) {
  const ipc = fakeIpc();
  serveCalls(ipc, handlers as CallHandlers, () => isTrusted);
  return createClient({
    call: (name, input) => ipc.invoke(CALL_CHANNEL, name, input) as Promise<Reply>,
    onEvent: () => () => {},
  });
}

it("carries a call there and its answer back", async () => {
  const client = connect({ "profile.awsNames": async () => ["work"] });
  expect(await client.call("profile.awsNames", null)).toEqual(["work"]);
});

it("keeps an error's code and details across the boundary", async () => {
  const client = connect({
    "profile.awsNames": async () => {
      throw new LonghaulError("access-denied", "no", { details: { profile: "lab" } });
    },
  });
  await expect(client.call("profile.awsNames", null)).rejects.toMatchObject({
    code: "access-denied",
    details: { profile: "lab" },
  });
});

it("answers no foreign frame", async () => {
  const client = connect({ "profile.awsNames": async () => ["work"] }, false);
  await expect(client.call("profile.awsNames", null)).rejects.toMatchObject({ code: "invalid" });
});

it.each([["__proto__"], ["constructor"], [7], [null], [{ toString: () => "host.info" }]])(
  "refuses a call named %j",
  async (name) => {
    const ipc = fakeIpc();
    serveCalls(ipc, {} as CallHandlers, () => true);
    expect(await ipc.invoke(CALL_CHANNEL, name, null)).toMatchObject({
      ok: false,
      error: { code: "invalid" },
    });
  },
);

const grant = async (path: string) =>
  path === "/gone" ? null : ({ ref: { handle: path }, path, kind: "file" } as const);

it("gives handles for dropped paths, and none for what has gone", async () => {
  const ipc = fakeIpc();
  serveGrants(ipc, grant, () => true);
  expect(await ipc.invoke(GRANT_CHANNEL, ["/a", "/gone"])).toEqual([await grant("/a")]);
});

it.each([["/a"], [[1]], [[""]], [null], [Array.from({ length: 10_001 }, () => "/a")]])(
  "gives no handle for a malformed drop",
  async (paths) => {
    const ipc = fakeIpc();
    serveGrants(ipc, grant, () => true);
    expect(await ipc.invoke(GRANT_CHANNEL, paths)).toEqual([]);
  },
);

it("gives no handle to a foreign frame", async () => {
  const ipc = fakeIpc();
  serveGrants(ipc, grant, () => false);
  expect(await ipc.invoke(GRANT_CHANNEL, ["/a"])).toEqual([]);
});

it("sends events while the window is there", () => {
  const sent: unknown[] = [];
  let isDestroyed = false;
  let emit: (event: HostEvent) => void = () => {};
  const contents = {
    isDestroyed: () => isDestroyed,
    send: (...given: unknown[]) => void sent.push(given),
  };
  forwardEvents((listener) => {
    emit = listener;
    return () => {};
  }, contents);
  const event: HostEvent = { type: "items", ids: [] };
  emit(event);
  isDestroyed = true;
  emit(event);
  expect(sent).toEqual([[EVENT_CHANNEL, event]]);
});

it.each([
  ["app://longhaul/index.html", true, true, true],
  ["app://longhaul", true, true, true],
  ["app://longhaul.evil/", true, true, false],
  ["https://evil.example/", true, true, false],
  ["data:text/html,x", true, true, false],
  ["app://longhaul/", false, true, false],
  ["app://longhaul/", true, false, false],
])("judges a frame at %s (top %s, own window %s): %s", (url, isTop, isOwn, expected) => {
  const mainFrame = { url };
  const contents = { mainFrame } as never;
  const event = {
    sender: isOwn ? contents : {},
    senderFrame: isTop ? mainFrame : { url },
  } as never;
  expect(isOwnPage(event, contents)).toBe(expected);
});

it("trusts no frame that is gone", () => {
  const contents = { mainFrame: null } as never;
  expect(isOwnPage({ sender: contents, senderFrame: null }, contents)).toBe(false);
});
