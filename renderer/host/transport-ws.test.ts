import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HostEvent } from "#shared/contract.ts";
import { WEB_CLOSE_CODES } from "#shared/web-protocol.ts";
import { WebTransport } from "./transport-ws.ts";

/** A socket whose other end is the test. */
class FakeSocket extends EventTarget {
  readonly sent: unknown[] = [];

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  open(): void {
    this.dispatchEvent(new Event("open"));
  }
  say(message: unknown): void {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) }));
  }
  drop(code: number): void {
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

function setUp(token: string | null = "secret") {
  const sockets: FakeSocket[] = [];
  const transport = new WebTransport(() => {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket;
  }, token);
  const latest = () => {
    const socket = sockets.at(-1);
    if (!socket) throw new Error("no socket was opened");
    return socket;
  };
  const welcome = () => {
    latest().open();
    latest().say({ type: "welcome" });
  };
  return { transport, sockets, latest, welcome };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("signing in", () => {
  it("sends the token in the first message, and nothing before", () => {
    const { latest } = setUp();
    expect(latest().sent).toEqual([]);
    latest().open();
    expect(latest().sent).toEqual([{ token: "secret" }]);
  });

  it("is open only once the host has welcomed the page", () => {
    const { transport, latest, welcome } = setUp();
    latest().open();
    expect(transport.connection.get()).toEqual({ phase: "connecting" });
    welcome();
    expect(transport.connection.get()).toEqual({ phase: "open" });
  });

  it("does not even try without a token", () => {
    const { transport, sockets } = setUp(null);
    expect(sockets).toEqual([]);
    expect(transport.connection.get()).toEqual({ phase: "refused" });
  });

  it("stays out when the token is refused", async () => {
    const { transport, sockets, latest } = setUp();
    latest().drop(WEB_CLOSE_CODES.unauthorized);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(transport.connection.get()).toEqual({ phase: "refused" });
    expect(sockets).toHaveLength(1);
  });
});

describe("calls", () => {
  it("carry a number, and get the reply with the same one", async () => {
    const { transport, latest, welcome } = setUp();
    welcome();
    const reply = transport.call("host.info", null);
    expect(latest().sent.at(-1)).toEqual({ id: 0, name: "host.info", input: null });
    latest().say({ type: "reply", id: 0, reply: { ok: true, value: "it is I" } });
    expect(await reply).toEqual({ ok: true, value: "it is I" });
  });

  it("fail at once while there is no line", async () => {
    const { transport } = setUp();
    expect(await transport.call("host.info", null)).toMatchObject({
      ok: false,
      error: { code: "unreachable" },
    });
  });

  it("fail when the line is lost before the reply", async () => {
    const { transport, latest, welcome } = setUp();
    welcome();
    const reply = transport.call("host.info", null);
    latest().drop(1006);
    expect(await reply).toMatchObject({ ok: false, error: { code: "unreachable" } });
  });
});

describe("a lost line", () => {
  it("is connected again, at growing distances, for as long as it takes", async () => {
    const { transport, sockets, latest } = setUp();
    for (const waitMs of [250, 500, 1000, 2000, 4000, 4000]) {
      const before = sockets.length;
      latest().drop(1006);
      await vi.advanceTimersByTimeAsync(waitMs - 1);
      expect(sockets).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(sockets).toHaveLength(before + 1);
    }
    expect(transport.connection.get().phase).toBe("lost");
  });

  it("keeps the time at which it was lost", async () => {
    const { transport, latest, welcome } = setUp();
    welcome();
    vi.setSystemTime(5_000);
    latest().drop(1006);
    vi.setSystemTime(9_000);
    await vi.advanceTimersByTimeAsync(250);
    latest().drop(1006);
    expect(transport.connection.get()).toEqual({ phase: "lost", sinceMs: 5_000 });
  });

  it("begins again with short waits once it was open", async () => {
    const { sockets, latest, welcome } = setUp();
    for (let tries = 0; tries < 4; tries++) {
      latest().drop(1006);
      await vi.advanceTimersByTimeAsync(4_000);
    }
    welcome();
    const before = sockets.length;
    latest().drop(1006);
    await vi.advanceTimersByTimeAsync(250);
    expect(sockets).toHaveLength(before + 1);
  });
});

describe("events", () => {
  const event: HostEvent = { type: "items", ids: [] };

  it("go to everyone who listens, until they stop", () => {
    const { transport, latest, welcome } = setUp();
    welcome();
    const heard: HostEvent[] = [];
    const stop = transport.onEvent((one) => heard.push(one));
    latest().say({ type: "event", event });
    stop();
    latest().say({ type: "event", event });
    expect(heard).toEqual([event]);
  });
});
