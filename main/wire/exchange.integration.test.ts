import type { Socket } from "node:net";
import { Readable } from "node:stream";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../flow/clock.ts";
import { AnswerCollector } from "./collect-answer.ts";
import { Connections } from "./connections.ts";
import { DeskRig, head } from "./desk-rig.ts";
import { exchange, splitUrl } from "./exchange.ts";
import type { AnswerReader, Call, Network } from "./exchange.ts";
import { Watchdog } from "./watchdog.ts";
import type { WireResponse } from "./wire.ts";

const never = new AbortController().signal;

let rig: DeskRig;
let network: Network;
beforeEach(async () => {
  rig = await DeskRig.start();
  network = {
    connections: new Connections(500),
    watchdog: new Watchdog({ stallMs: 10_000, judgedMs: 60_000 }, systemClock),
  };
});
afterEach(async () => {
  network.connections.closeIdle();
  await rig.end();
});

async function get(url: string, signal = never): Promise<WireResponse> {
  const reader = new AnswerCollector();
  await getInto(reader, url, signal);
  return reader.response();
}

async function getInto(reader: AnswerReader, url: string, signal = never): Promise<void> {
  const call: Call = {
    request: { method: "GET", url, headers: { "x-test": "1" } },
    contentLength: null,
    body: () => null,
    reader,
    onSent: () => undefined,
  };
  await exchange(call, network, signal);
}

/** Sends 1 MiB, of which only the first half ever comes. */
async function putHalf(url: string): Promise<WireResponse> {
  const reader = new AnswerCollector();
  const half = async function* (signal: AbortSignal) {
    yield Buffer.alloc(512 * 1024);
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  const call: Call = {
    request: { method: "PUT", url, headers: {} },
    contentLength: 1024 * 1024,
    body: (_, signal) => Readable.from(half(signal)),
    reader,
    onSent: () => undefined,
  };
  await exchange(call, network, never);
  return reader.response();
}

describe("a URL", () => {
  it.each([
    ["http://h/a/b", "http://h", "/a/b"],
    ["http://h:80/a", "http://h", "/a"],
    ["https://h:9000", "https://h:9000", "/"],
    ["https://h?list-type=2", "https://h", "/?list-type=2"],
    ["https://h/a/../b/%2e%2e/c", "https://h", "/a/../b/%2e%2e/c"],
    ["https://user:secret@h/a", "https://h", "/a"],
    ["http://[::1]:9000/a#b", "http://[::1]:9000", "/a"],
  ])("%s is taken apart without touching what was signed", (url, origin, path) => {
    expect(splitUrl(url)).toEqual({ origin, path });
  });

  it.each(["ftp://h/a", "file:///etc/passwd", "h/a", ""])("%s is refused", (url) => {
    expect(() => splitUrl(url)).toThrow("not an http or https URL");
  });

  it("keeps every path of a key", () => {
    fc.assert(
      fc.property(fc.webPath(), fc.webQueryParameters(), (path, query) => {
        expect(splitUrl(`https://s3.example.com/b${path}?${query}`)).toEqual({
          origin: "https://s3.example.com",
          path: `/b${path}?${query}`,
        });
      }),
    );
  });
});

describe("a connection", () => {
  it("is used again after an answer that was read to its end", async () => {
    const sockets = new Set<Socket>();
    const url = await rig.serve((request, response) => {
      sockets.add(request.socket);
      response.end("ok");
    });
    for (let count = 0; count < 5; count += 1) await get(url);
    expect(sockets.size).toBe(1);
  });

  it("is not used again when the server said that it closes", async () => {
    const sockets = new Set<Socket>();
    const url = await rig.serve((request, response) => {
      sockets.add(request.socket);
      response.writeHead(200, { connection: "close" }).end("ok");
    });
    for (let count = 0; count < 3; count += 1) {
      expect(await get(url)).toMatchObject({ status: 200 });
    }
    expect(sockets.size).toBe(3);
  });

  it("is not shared by two requests at once", async () => {
    const sockets = new Set<Socket>();
    const url = await rig.serve((request, response) => {
      sockets.add(request.socket);
      setTimeout(() => response.end("ok"), 20);
    });
    await Promise.all([get(url), get(url), get(url)]);
    expect(sockets.size).toBe(3);
  });

  it("that failed is not used again", async () => {
    let count = 0;
    const url = await rig.serveRaw((socket) => {
      count += 1;
      socket.once("data", () => {
        if (count === 1) socket.end(`${head("200 OK", { "content-length": 100 })}short`);
        else socket.end(`${head("200 OK", { "content-length": 2 })}ok`);
      });
    });
    // The status is known; the rest of it is lost.
    await expect(get(url)).rejects.toMatchObject({ details: { endpoint: url } });
    expect(Buffer.from((await get(url)).body).toString()).toBe("ok");
  });
});

describe("a body", () => {
  const text = ({ body }: WireResponse) => Buffer.from(body).toString();

  it("is the same however its head and chunks are cut on the way", async () => {
    const answer = "HTTP/1.1 103 Hint\r\n\r\nHTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n";
    const bytes = [...Buffer.from(`${answer}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`)];
    const url = await rig.serveRaw((socket) => {
      socket.setNoDelay(true);
      const sendNext = () => {
        const byte = bytes.shift();
        if (byte !== undefined) socket.write(Buffer.of(byte), () => setImmediate(sendNext));
      };
      sendNext();
    });
    const response = await get(url);
    expect([response.status, text(response)]).toEqual([403, "abcde"]);
  });

  it("may end with its connection, where nothing says how long it is", async () => {
    const url = await rig.serveRaw((socket) => {
      socket.end("HTTP/1.0 500 Oh\r\n\r\nall of it");
    });
    expect(text(await get(url))).toBe("all of it");
  });

  it("that is cut between chunks is not whole", async () => {
    const url = await rig.serveRaw((socket) => {
      socket.end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    });
    await expect(get(url)).rejects.toMatchObject({ code: "unreachable" });
  });

  it("leaves a connection alone on which more came than was asked for", async () => {
    let count = 0;
    const url = await rig.serveRaw((socket) => {
      count += 1;
      socket.on("data", () => {
        socket.write(`${head("200 OK", { "content-length": 2 })}okHTTP/1.1 200 OK\r\n`);
      });
    });
    expect(text(await get(url))).toBe("ok");
    expect(text(await get(url))).toBe("ok");
    expect(count).toBe(2);
  });

  it("that comes while nothing was asked closes the connection", async () => {
    const closed = Promise.withResolvers<void>();
    const url = await rig.serveRaw((socket) => {
      socket.once("data", () => {
        socket.write(`${head("200 OK", { "content-length": 2 })}ok`);
        setTimeout(() => socket.write(head("200 OK", { "content-length": 0 })), 20);
      });
      socket.on("close", () => closed.resolve());
      socket.on("end", () => socket.end());
    });
    expect(text(await get(url))).toBe("ok");
    await closed.promise;
  });
});

describe("an answer that comes before the request is whole", () => {
  const early = (status: string) =>
    rig.serveRaw((socket) => {
      socket.once("data", () => socket.write(head(status, { "content-length": 0 })));
    });

  it("counts where it refuses", async () => {
    expect(await putHalf(await early("403 Forbidden"))).toMatchObject({ status: 403 });
  });

  it("is not believed where it says that all is well", async () => {
    await expect(putHalf(await early("200 OK"))).rejects.toMatchObject({ code: "protocol" });
  });
});

it("sees what comes on an idle connection whose last reader had paused", async () => {
  const stray = Promise.withResolvers<void>();
  let count = 0;
  const url = await rig.serveRaw((socket) => {
    count += 1;
    socket.on("data", () => socket.write(`${head("200 OK", { "content-length": 2 })}ok`));
    if (count > 1) return;
    socket.once("data", () => {
      setTimeout(() => socket.write(head("408 Late", {}), () => stray.resolve()), 20);
    });
  });
  const paused: AnswerReader = {
    onHead: () => undefined,
    onChunk: (_, flow) => flow.pause(),
  };
  await getInto(paused, url);
  await stray.promise;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await get(url)).toMatchObject({ status: 200 });
  expect(count).toBe(2);
});

it("closes an idle connection before the server that said how long it keeps it", async () => {
  const closed = Promise.withResolvers<void>();
  let count = 0;
  const url = await rig.serveRaw((socket) => {
    count += 1;
    const keep = { "keep-alive": "timeout=2", "content-length": 0 };
    socket.on("data", () => socket.write(head("200 OK", keep)));
    socket.on("end", () => socket.end(() => closed.resolve()));
  });
  await get(url);
  await closed.promise;
  expect(count).toBe(1);
});

describe("the head of an answer", () => {
  it("has its names in lower case and repeated values joined", async () => {
    const url = await rig.serveRaw((socket) => {
      socket.end("HTTP/1.1 200 OK\r\nX-One: a\r\nx-one: b\r\nContent-Length: 0\r\n\r\n");
    });
    expect((await get(url)).headers).toEqual({ "x-one": "a, b", "content-length": "0" });
  });

  it("N12 is refused when it is too large", async () => {
    const url = await rig.serveRaw((socket) => {
      socket.end(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(100_000)}\r\n\r\n`);
    });
    await expect(get(url)).rejects.toMatchObject({ code: "protocol" });
  });

  it("N17 is handed on when it points elsewhere: nobody follows it", async () => {
    let count = 0;
    const url = await rig.serve((_request, response) => {
      count += 1;
      response.writeHead(307, { location: "http://127.0.0.1:1/" }).end();
    });
    expect(await get(url)).toMatchObject({ status: 307 });
    expect(count).toBe(1);
  });
});

it("sends nothing when it was canceled before", async () => {
  let count = 0;
  const url = await rig.serve((_request, response) => {
    count += 1;
    response.end();
  });
  await expect(get(url, AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" });
  expect(count).toBe(0);
});

it("sends nothing anew when it is canceled as its connection is closed", async () => {
  let count = 0;
  const asked = Promise.withResolvers<void>();
  const url = await rig.serve((_request, response) => {
    count += 1;
    if (count === 1) response.end();
    else asked.resolve();
  });
  await get(url);
  const canceling = new AbortController();
  const second = get(url, canceling.signal);
  second.catch(() => undefined);
  await asked.promise;
  network.connections.renew(null);
  canceling.abort();
  await expect(second).rejects.toMatchObject({ name: "AbortError" });
  expect(count).toBe(2);
});

it("cancels while it connects", async () => {
  // TEST-NET-1, which leads nowhere; where it is refused at once, that is as good.
  const canceling = new AbortController();
  const connecting = get("http://192.0.2.1:9", canceling.signal);
  setTimeout(() => canceling.abort(), 20);
  await expect(connecting).rejects.toMatchObject({
    name: expect.stringMatching(/AbortError|LonghaulError/),
  });
});

it("reports a fault in the reader as what it is, and not as one of the network", async () => {
  const url = await rig.serve((_request, response) => response.end("ok"));
  const call: Call = {
    request: { method: "GET", url, headers: {} },
    contentLength: null,
    body: () => null,
    reader: {
      onHead: () => {
        throw new TypeError("a bug");
      },
      onChunk: () => undefined,
    },
    onSent: () => undefined,
  };
  await expect(exchange(call, network, never)).rejects.toThrow(TypeError);
});
