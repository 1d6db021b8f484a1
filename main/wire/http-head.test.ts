import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseHead, writeHead } from "./http-head.ts";

const parse = (lines: readonly string[], method = "GET") => parseHead(lines.join("\r\n"), method);

describe("the head of an answer", () => {
  it("has a status, headers by lower-case name, and a body of a known length", () => {
    expect(
      parse(["HTTP/1.1 206 Partial Content", "Content-Length: 5", 'ETag: "a:b"', "X-Empty:"]),
    ).toEqual({
      status: 206,
      headers: { "content-length": "5", etag: '"a:b"', "x-empty": "" },
      framing: { kind: "length", bytes: 5 },
      isKept: true,
      keptMs: null,
    });
  });

  it("needs no reason, and may have one in any letters", () => {
    expect(parse(["HTTP/1.1 200"]).status).toBe(200);
    expect(parse(["HTTP/1.1 200 "]).status).toBe(200);
    expect(parse(["HTTP/1.1 404 Nicht da: \xfc"]).status).toBe(404);
  });

  it("joins what comes twice, in order", () => {
    expect(parse(["HTTP/1.1 200 OK", "X-A: 1", "x-a:\t2 ", "constructor: 3"]).headers).toEqual({
      "x-a": "1, 2",
      constructor: "3",
    });
  });

  it.each([
    [["HTTP/1.1 200 OK"], true],
    [["HTTP/1.1 200 OK", "Connection: Close"], false],
    [["HTTP/1.1 200 OK", "Connection: x, close"], false],
    [["HTTP/1.0 200 OK"], false],
    [["HTTP/1.0 200 OK", "Connection: keep-alive"], true],
  ])("says whether the connection is kept: %j", ([first = "", ...rest], isKept) => {
    expect(parse([first, "Content-Length: 0", ...rest]).isKept).toBe(isKept);
  });

  it("says for how long", () => {
    expect(parse(["HTTP/1.1 200 OK", "Keep-Alive: timeout=7, max=100"]).keptMs).toBe(7000);
    expect(parse(["HTTP/1.1 200 OK", "Keep-Alive: max=100"]).keptMs).toBeNull();
  });
});

describe("the length of a body", () => {
  it("is told by its head", () => {
    const framing = (lines: string[], method?: string) =>
      parse(["HTTP/1.1 200 OK", ...lines], method).framing;
    expect(framing(["Transfer-Encoding: Chunked"])).toEqual({ kind: "chunked" });
    expect(framing([])).toEqual({ kind: "until-close" });
    expect(framing(["Content-Length: 9"], "HEAD")).toEqual({ kind: "length", bytes: 0 });
    expect(parse(["HTTP/1.1 204 No Content"], "PUT").framing).toEqual({ kind: "length", bytes: 0 });
    expect(parse(["HTTP/1.1 304 Not Modified", "Content-Length: 9"]).framing).toEqual({
      kind: "length",
      bytes: 0,
    });
  });

  it("never keeps a connection whose body ends with it", () => {
    expect(parse(["HTTP/1.1 200 OK"]).isKept).toBe(false);
  });
});

describe("the head of an answer that is none", () => {
  it.each([
    ["no status", ["HTTP/1.1 OK"]],
    ["another version", ["HTTP/2.0 200 OK"]],
    ["a status of four digits", ["HTTP/1.1 2000 OK"]],
    ["a line that is no header", ["HTTP/1.1 200 OK", "nothing"]],
    ["a folded line", ["HTTP/1.1 200 OK", "X-A: 1", " 2"]],
    ["a blank before the colon", ["HTTP/1.1 200 OK", "X-A : 1"]],
    ["a name that is empty", ["HTTP/1.1 200 OK", ": 1"]],
    ["a control character", ["HTTP/1.1 200 OK", "X-A: a\x00b"]],
    ["a line break of one character", ["HTTP/1.1 200 OK", "X-A: a\nX-B: b"]],
    ["two lengths", ["HTTP/1.1 200 OK", "Content-Length: 1", "Content-Length: 2"]],
    ["the same length twice", ["HTTP/1.1 200 OK", "Content-Length: 1", "Content-Length: 1"]],
    ["a length with a sign", ["HTTP/1.1 200 OK", "Content-Length: +1"]],
    ["a length beyond counting", ["HTTP/1.1 200 OK", "Content-Length: 9999999999999999"]],
    ["a length and chunks", ["HTTP/1.1 200 OK", "Content-Length: 1", "Transfer-Encoding: chunked"]],
    ["an encoding nobody asked for", ["HTTP/1.1 200 OK", "Transfer-Encoding: gzip, chunked"]],
  ])("is refused with %s", (_what, lines) => {
    expect(() => parse(lines)).toThrow(expect.objectContaining({ code: "EPROTO" }));
  });

  it("is taken apart or refused, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        try {
          parseHead(`HTTP/1.1 200 OK\r\n${text}`, "GET");
        } catch (error) {
          expect(error).toMatchObject({ code: "EPROTO" });
        }
      }),
    );
  });
});

describe("the head of a request", () => {
  const request = { method: "GET", target: "/b/a%20b", host: "h:9000", headers: {} };

  it("has its lines in order, a host, and asks to keep the connection", () => {
    expect(writeHead({ ...request, headers: { range: "bytes=0-1" } })).toBe(
      "GET /b/a%20b HTTP/1.1\r\nrange: bytes=0-1\r\nhost: h:9000\r\nconnection: keep-alive\r\n\r\n",
    );
  });

  it("keeps the host that was signed", () => {
    expect(writeHead({ ...request, headers: { Host: "signed" } })).not.toContain("h:9000");
  });

  it.each([
    ["a blank in its target", { target: "/a b" }],
    ["a line break in its target", { target: "/a\r\nX: y" }],
    ["a method of two words", { method: "GET /x" }],
    ["a line break in a value", { headers: { a: "b\r\nc: d" } }],
    ["a colon in a name", { headers: { "a:b": "c" } }],
    ["letters beyond latin1", { headers: { a: "\u0142" } }],
  ])("is not written with %s", (_what, given) => {
    expect(() => writeHead({ ...request, ...given })).toThrow(
      expect.objectContaining({ code: "ERR_INVALID_REQUEST" }),
    );
  });
});
