import { setImmediate } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Credentials } from "../../profiles/credentials.ts";
import { errorAnswer, openScriptedServer, storeOn, xmlAnswer } from "./scripted-server.ts";
import type { ScriptedAnswer, ScriptedRequest, ScriptedServer } from "./scripted-server.ts";

const never = new AbortController().signal;
const EVERYTHING = { prefix: "", isFolded: false, cursor: null, limit: 1000 } as const;
const EMPTY_LIST = xmlAnswer(
  "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>",
);
const OBJECT: ScriptedAnswer = {
  status: 200,
  headers: { "content-length": "3", etag: '"e"', "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT" },
};

let server: ScriptedServer | undefined;

/** A socket is free for the next request a moment after its answer is read. */
async function untilKept(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
}

async function serve(answer: (request: ScriptedRequest, count: number) => ScriptedAnswer) {
  server = await openScriptedServer(answer);
  return { server, store: storeOn(server) };
}

afterEach(async () => {
  await server?.close();
  server = undefined;
});

describe("a control call", () => {
  it("is not repeated, whatever happened", async () => {
    const { server: one, store } = await serve(() => errorAnswer(503, "SlowDown"));
    await expect(store.list(EVERYTHING, never)).rejects.toMatchObject({ code: "throttled" });
    expect(one.requests).toHaveLength(1);
  });

  it("is asked once more, and once only, where a kept socket was closed as it was used again", async () => {
    const { server: one, store } = await serve((_, count) => {
      return count === 2 || count > 4 ? "hangUp" : EMPTY_LIST;
    });
    const list = async () => {
      try {
        return await store.list(EVERYTHING, never);
      } finally {
        await untilKept();
      }
    };
    await list();
    await list();
    expect(one.requests).toHaveLength(3);
    await list();
    // The kept socket, then a fresh one: what hangs up on that has failed.
    await expect(list()).rejects.toMatchObject({ code: "unreachable" });
    expect(one.requests).toHaveLength(6);
  });

  it("ends with AbortError when it is canceled under way", async () => {
    const cancel = new AbortController();
    const { store } = await serve(() => {
      cancel.abort();
      return "silence";
    });
    await expect(store.list(EVERYTHING, cancel.signal)).rejects.toMatchObject({
      name: "AbortError",
    });
    await expect(store.stat("k", cancel.signal)).rejects.toMatchObject({ name: "AbortError" });
  });

  it("is given up at its deadline", async () => {
    const asked = Promise.withResolvers<void>();
    const { store } = await serve(() => {
      asked.resolve();
      return "silence";
    });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const answer = store.stat("k", never);
    answer.catch(() => undefined);
    await asked.promise;
    vi.advanceTimersByTime(60_000);
    vi.useRealTimers();
    await expect(answer).rejects.toMatchObject({
      code: "unreachable",
      details: { cause: "ETIMEDOUT" },
    });
  });

  it("that lost its connection is unreachable, and names the server", async () => {
    const { server: one, store } = await serve(() => "hangUp");
    await expect(store.list(EVERYTHING, never)).rejects.toMatchObject({
      code: "unreachable",
      details: { endpoint: one.endpoint.origin },
    });
  });
});

describe("an answer", () => {
  it.each<[name: string, body: string]>([
    ["HTML", "<html><body>Welcome to the proxy<br></body></html>"],
    ["HTML that is XML", "<!DOCTYPE html>\n<html><body>Welcome</body></html>"],
    ["someone else's XML", "<feed/>"],
    ["nothing", ""],
    ["JSON", '{"hello": "world"}'],
    ["cut XML", "<ListBucketResult><Contents><Key>a"],
  ])("of %s is refused as not S3", async (_name, body) => {
    const { store } = await serve(() => ({ status: 200, body }));
    await expect(store.list(EVERYTHING, never)).rejects.toMatchObject({ code: "protocol" });
  });

  it("longer than any answer of S3 is cut off", async () => {
    const { store } = await serve(() => ({ status: 200, body: Buffer.alloc(17 * 1024 * 1024) }));
    await expect(store.list(EVERYTHING, never)).rejects.toMatchObject({ code: "protocol" });
  });

  it("that redirects is not followed, since that would carry the signature elsewhere", async () => {
    const location = "http://127.0.0.1:1/elsewhere";
    const { server: one, store } = await serve(() => ({ status: 307, headers: { location } }));
    await expect(store.list(EVERYTHING, never)).rejects.toMatchObject({ code: "protocol" });
    expect(one.requests).toHaveLength(1);
  });

  it("is to a request that carries nothing of the SDK's about this machine", async () => {
    const { server: one, store } = await serve(() => EMPTY_LIST);
    await store.list(EVERYTHING, never);
    const names = Object.keys(one.requests[0]?.headers ?? {});
    expect(names).not.toContain("x-amz-user-agent");
    expect(names.filter((name) => name.startsWith("amz-sdk"))).toEqual([]);
    expect(one.requests[0]?.target).not.toContain("x-id");
  });
});

describe("a clock that is off", () => {
  const late = "Thu, 01 Jan 2026 12:20:00 GMT";
  const skewed: ScriptedAnswer = {
    status: 403,
    headers: { date: late },
    body: "<Error><Code>RequestTimeTooSkewed</Code></Error>",
  };

  it("is set right by the first refusal, and the call goes through", async () => {
    const good = "20260101T122000Z";
    const { server: one, store } = await serve((request) =>
      request.headers["x-amz-date"] === good ? EMPTY_LIST : skewed,
    );
    const eight = Array.from({ length: 8 }, async () => store.list(EVERYTHING, never));
    expect(await Promise.all(eight)).toHaveLength(8);
    await store.list(EVERYTHING, never);
    expect(one.requests).toHaveLength(17);
  });

  it("is told of when setting it right did not help", async () => {
    const { server: one, store } = await serve(() => skewed);
    await expect(store.list(EVERYTHING, never)).rejects.toMatchObject({
      code: "clock-skewed",
      details: { clockAheadSeconds: -1200 },
    });
    expect(one.requests).toHaveLength(2);
  });

  it("is found behind the bare 403 of a HEAD", async () => {
    const { store } = await serve((request) => {
      if (request.headers["x-amz-date"] === "20260101T122000Z") return OBJECT;
      return { status: 403, headers: { date: late } };
    });
    expect(await store.stat("k", never)).toMatchObject({ sizeBytes: 3 });
  });
});

describe("keys that expired", () => {
  const keys = (sessionToken: string): Credentials => {
    return { accessKeyId: "A", secretAccessKey: "S", sessionToken, expiresAtMs: null };
  };

  it("are asked for once more, and the call goes through", async () => {
    let token = "old";
    const credentials = { get: async () => keys(token), forget: () => (token = "new") };
    const { server: one } = await serve((request) =>
      request.headers["x-amz-security-token"] === "new"
        ? EMPTY_LIST
        : errorAnswer(400, "ExpiredToken"),
    );
    await storeOn(one, { credentials }).list(EVERYTHING, never);
    expect(one.requests).toHaveLength(2);
  });

  it("end the call when there are no others", async () => {
    const credentials = { get: async () => keys("old"), forget: () => undefined };
    const { server: one } = await serve(() => errorAnswer(400, "ExpiredToken"));
    const call = storeOn(one, { credentials }).list(EVERYTHING, never);
    await expect(call).rejects.toMatchObject({ code: "credentials-expired" });
    expect(one.requests).toHaveLength(1);
  });
});

describe("a HEAD, whose refusals have no reason", () => {
  it("asks for it once, with a GET of one byte", async () => {
    const { server: one, store } = await serve((request) =>
      request.method === "HEAD" ? { status: 403 } : errorAnswer(403, "InvalidAccessKeyId"),
    );
    await expect(store.stat("k", never)).rejects.toMatchObject({
      code: "credentials-wrong",
      details: { cause: "InvalidAccessKeyId" },
    });
    expect(one.requests.map(({ method, headers }) => [method, headers.range])).toEqual([
      ["HEAD", undefined],
      ["GET", "bytes=0-0"],
    ]);
  });

  it("tells a missing bucket from a missing object", async () => {
    const { store } = await serve((request) =>
      request.method === "HEAD" ? { status: 404 } : errorAnswer(404, "NoSuchBucket"),
    );
    await expect(store.stat("k", never)).rejects.toMatchObject({ code: "bucket-missing" });
  });

  it("asks no more about the bucket once an object was not in it", async () => {
    const { server: one, store } = await serve((request) =>
      request.method === "HEAD" ? { status: 404 } : errorAnswer(404, "NoSuchKey"),
    );
    const missing = { code: "object-missing" };
    for (const key of ["a", "b", "c"]) {
      await expect(store.stat(key, never)).rejects.toMatchObject(missing);
    }
    expect(one.requests).toHaveLength(4);
  });

  it("keeps its refusal when the GET is not refused, or not answered", async () => {
    const { store } = await serve((request) => {
      if (request.method === "HEAD") return { status: 403 };
      return request.target.endsWith("readable") ? { status: 206, body: "x" } : "hangUp";
    });
    const denied = { code: "access-denied" };
    await expect(store.stat("readable", never)).rejects.toMatchObject(denied);
    await expect(store.stat("k", never)).rejects.toMatchObject(denied);
  });

  it("reads what it needs of a success, and refuses one that lacks it", async () => {
    const { store } = await serve((request) =>
      request.target.endsWith("good")
        ? { ...OBJECT, headers: { ...headersOf(OBJECT), "x-amz-version-id": "v1" } }
        : { status: 200, headers: { "content-length": "3" } },
    );
    expect(await store.stat("good", never)).toMatchObject({
      key: "good",
      sizeBytes: 3,
      etag: '"e"',
      versionId: "v1",
      modifiedAtMs: Date.UTC(2026, 0, 1),
    });
    await expect(store.stat("no-etag", never)).rejects.toMatchObject({ code: "protocol" });
  });
});

function headersOf(answer: ScriptedAnswer): Readonly<Record<string, string>> {
  return typeof answer === "string" ? {} : (answer.headers ?? {});
}
