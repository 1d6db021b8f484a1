import { afterEach, describe, expect, it, vi } from "vitest";
import { readReply, sendIncoming } from "./incoming-request.ts";

const never = new AbortController().signal;
const request = { ticket: "a/b c", offsetBytes: 7, body: new Blob(["bytes"]) };

function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status });
}

afterEach(() => vi.unstubAllGlobals());

describe("the host's answer", () => {
  it.each([
    ["taken", json(200, { offsetBytes: 12 }), { kind: "at", offsetBytes: 12 }],
    ["at another offset", json(409, { offsetBytes: 3 }), { kind: "at", offsetBytes: 3 }],
    ["a token that is no longer good", json(401, {}), { kind: "signed-out" }],
    [
      "a full disk",
      json(507, { error: { code: "disk-full", message: "m", details: {} } }),
      { kind: "refused", error: { code: "disk-full", message: "m", details: {} } },
    ],
  ])("is read as %s", async (_name, response, reply) => {
    expect(await readReply(response)).toEqual(reply);
  });

  it("is lost when it is none", async () => {
    vi.stubGlobal("fetch", async () => new Response("<html>", { status: 502 }));
    expect(await sendIncoming("token", request, never)).toEqual({ kind: "lost" });
  });

  it("is lost when nobody answers", async () => {
    vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("Failed to fetch")));
    expect(await sendIncoming("token", request, never)).toEqual({ kind: "lost" });
  });
});

describe("a request", () => {
  it("names ticket and offset, and has the token in a header, never in the address", async () => {
    const seen: { url?: string; init?: RequestInit } = {};
    vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
      Object.assign(seen, { url, init });
      return json(200, { offsetBytes: 12 });
    });
    await sendIncoming("s3cret", request, never);
    expect(seen.url).toBe("/incoming/a%2Fb%20c?offset=7");
    expect(new Headers(seen.init?.headers).get("authorization")).toBe("Bearer s3cret");
    expect(seen.init?.body).toBe(request.body);
  });

  it("ends with the page's wish", async () => {
    vi.stubGlobal("fetch", async (_url: string, init: RequestInit) => {
      init.signal?.throwIfAborted();
      return json(200, { offsetBytes: 12 });
    });
    await expect(sendIncoming("token", request, AbortSignal.abort())).rejects.toThrow("abort");
  });
});
