import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { signOrder } from "../testing/sign-order.ts";
import type { Order, Signing } from "../testing/sign-order.ts";
import { TEST_KEYS, startTestServer } from "../testing/test-server.ts";
import type { Answer, TestServer } from "../testing/test-server.ts";

const HOUR_MS = 3_600_000;
const HELLO = Buffer.from("hello");

let server: TestServer;
let port = 0;
beforeAll(async () => {
  server = await startTestServer();
  port = Number(new URL(server.endpoint).port);
  await server.send({ method: "PUT", path: "/bucket/hello", body: HELLO });
});
afterAll(async () => {
  await server.stop();
  expect(server.faults).toEqual([]);
});

function outcome(answer: Answer): readonly [number, string | undefined] {
  return [answer.status, answer.code];
}

async function signed(order: Order, signing: Partial<Signing> = {}): Promise<Order> {
  return signOrder(order, { port, keys: TEST_KEYS, ...signing });
}

const GET: Order = { method: "GET", path: "/bucket/hello" };

describe("a signature in the header", () => {
  it("of another secret is SignatureDoesNotMatch", async () => {
    const keys = { ...TEST_KEYS, secretAccessKey: "another-secret" };
    const answer = await server.sendRaw(await signed(GET, { keys }));
    expect(outcome(answer)).toEqual([403, "SignatureDoesNotMatch"]);
    expect(answer.text).not.toContain(TEST_KEYS.secretAccessKey);
  });

  it("of another key id is InvalidAccessKeyId", async () => {
    const keys = { ...TEST_KEYS, accessKeyId: "AKIAANOTHER" };
    const answer = await server.sendRaw(await signed(GET, { keys }));
    expect(outcome(answer)).toEqual([403, "InvalidAccessKeyId"]);
  });

  it("for another region says which region it is", async () => {
    const answer = await server.sendRaw(await signed(GET, { region: "eu-west-1" }));
    expect(outcome(answer)).toEqual([400, "AuthorizationHeaderMalformed"]);
    expect(answer.text).toContain("<Region>us-east-1</Region>");
  });

  it.each([-16 * 60_000, 16 * 60_000])("made %d ms from now is too skewed", async (offMs) => {
    const answer = await server.sendRaw(await signed(GET, { nowMs: Date.now() + offMs }));
    expect(outcome(answer)).toEqual([403, "RequestTimeTooSkewed"]);
  });

  it("does not cover another path, method, query or header", async () => {
    const order = await signed(GET);
    const changed: readonly Order[] = [
      { ...order, path: "/bucket/other" },
      { ...order, path: "/bucket/hello?partNumber=1" },
      { ...order, method: "DELETE" },
      { ...order, headers: { ...order.headers, "x-amz-date": "20990101T000000Z" } },
    ];
    for (const attempt of changed)
      expect((await server.sendRaw(attempt)).status).toBeGreaterThan(399);
    const added = { ...order, headers: { ...order.headers, "x-amz-meta-added": "1" } };
    expect(outcome(await server.sendRaw(added))).toEqual([403, "AccessDenied"]);
    expect((await server.sendRaw(order)).text).toBe("hello");
  });

  it.each([
    [{}, "AccessDenied"],
    [{ authorization: "AWS AKIA:abc" }, "InvalidRequest"],
    [{ authorization: "AWS4-HMAC-SHA256 Credential=a/b" }, "InvalidRequest"],
    [
      { authorization: "AWS4-HMAC-SHA256 Credential=a/b", "x-amz-content-sha256": "x" },
      "AuthorizationHeaderMalformed",
    ],
  ])("as %j is %s", async (headers, code) => {
    expect((await server.sendRaw({ ...GET, headers })).code).toBe(code);
  });
});

describe("a presigned request", () => {
  it("is answered until it expires", async () => {
    const fresh = await signed(GET, { expiresSeconds: 60, nowMs: Date.now() - 50_000 });
    expect((await server.sendRaw(fresh)).text).toBe("hello");
    const old = await signed(GET, { expiresSeconds: 60, nowMs: Date.now() - HOUR_MS });
    const answer = await server.sendRaw(old);
    expect(outcome(answer)).toEqual([403, "AccessDenied"]);
    expect(answer.text).toContain("Request has expired");
  });

  it("writes a body that it does not know", async () => {
    const order = await signed(
      { method: "PUT", path: "/bucket/presigned" },
      { expiresSeconds: 60 },
    );
    expect((await server.sendRaw({ ...order, body: HELLO })).status).toBe(200);
  });

  it("holds the headers that were moved to its query", async () => {
    const path = "/bucket/hoisted?x-amz-meta-a=1";
    const order = await signed({ method: "PUT", path }, { expiresSeconds: 60 });
    await server.sendRaw({ ...order, body: HELLO });
    const head = await server.send({ method: "HEAD", path: "/bucket/hoisted" });
    expect(head.headers["x-amz-meta-a"]).toBe("1");
  });

  it("does not cover another key, and lives at most a week", async () => {
    const order = await signed(GET, { expiresSeconds: 60 });
    const other = { ...order, path: order.path.replace("hello", "other") };
    expect(outcome(await server.sendRaw(other))).toEqual([403, "SignatureDoesNotMatch"]);
    const long = { ...order, path: order.path.replace("X-Amz-Expires=60", "X-Amz-Expires=604801") };
    expect((await server.sendRaw(long)).code).toBe("AuthorizationQueryParametersError");
  });
});

describe("a body", () => {
  const PUT: Order = { method: "PUT", path: "/bucket/refused", body: HELLO };
  const crc32 = { "x-amz-checksum-crc32": "NhCmhg==" };

  it.each([
    [
      "that is not what was signed",
      { "x-amz-content-sha256": "0".repeat(64) },
      400,
      "XAmzContentSHA256Mismatch",
    ],
    ["with another MD5", { "content-md5": "AAAAAAAAAAAAAAAAAAAAAA==" }, 400, "BadDigest"],
    ["with an MD5 that is none", { "content-md5": "AAAA" }, 400, "InvalidDigest"],
    ["with another checksum", { "x-amz-checksum-crc32": "AAAAAA==" }, 400, "BadDigest"],
    [
      "with two checksums",
      { ...crc32, "x-amz-checksum-crc32c": "AAAAAA==" },
      400,
      "InvalidRequest",
    ],
    ["with a word for a digest", { "x-amz-content-sha256": "WHATEVER" }, 400, "InvalidArgument"],
    ["with too much metadata", { "x-amz-meta-a": "x".repeat(2048) }, 400, "MetadataTooLarge"],
  ])("%s is refused and leaves nothing", async (_title, headers, status, code) => {
    expect(outcome(await server.send({ ...PUT, headers }))).toEqual([status, code]);
    expect((await server.send({ method: "HEAD", path: PUT.path })).status).toBe(404);
    expect(readdirSync(join(server.folder, "staging"))).toEqual([]);
  });

  it("with the right digests of every kind is taken", async () => {
    const md5 = createHash("md5").update(HELLO).digest("base64");
    const headers = { ...crc32, "content-md5": md5 };
    const answer = await server.send({ ...PUT, path: "/bucket/taken", headers });
    expect([answer.status, answer.headers["x-amz-checksum-crc32"]]).toEqual([200, "NhCmhg=="]);
  });

  it("that is refused unread does not cost the answer", async () => {
    const body = Buffer.alloc(8_000_000);
    const answer = await server.send({ method: "PUT", path: "/no-such-bucket/k", body });
    expect(outcome(answer)).toEqual([404, "NoSuchBucket"]);
  });
});

/** Sends text on a bare socket and gives back everything that comes. */
async function talk(text: string, leave: boolean): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.write(text);
  if (leave) socket.end();
  await once(socket, "close");
  return Buffer.concat(chunks).toString();
}

async function headOf(order: Order): Promise<string> {
  const { method, path, headers } = await signed(order);
  const lines = Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}`;
}

describe("a connection", () => {
  const PUT: Order = { method: "PUT", path: "/bucket/cut", body: HELLO };

  it("that breaks off within a body stores nothing", async () => {
    const head = await headOf(PUT);
    await talk(`${head}content-length: 5\r\n\r\nhel`, true);
    expect((await server.send({ method: "HEAD", path: "/bucket/cut" })).status).toBe(404);
    // The server learns of the break in its own time; the line of log is the last thing it does.
    await expect
      .poll(() => server.log.find((entry) => entry.key === "cut" && entry.cut === true))
      .toMatchObject({ op: "PutObject", status: 0 });
    await expect.poll(() => readdirSync(join(server.folder, "staging"))).toEqual([]);
  });

  it("without a length is asked for one", async () => {
    const head = await headOf(PUT);
    const chunked = `${head}transfer-encoding: chunked\r\nconnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n`;
    expect(await talk(chunked, false)).toMatch(/^HTTP\/1.1 411 [^]*MissingContentLength/);
  });

  it("that expects 100-continue hears it only when the body is wanted", async () => {
    const wanted = `${await headOf(PUT)}expect: 100-continue\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello`;
    expect(await talk(wanted, false)).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200/);
    const refused = await headOf({ ...PUT, path: "/no-such-bucket/k" });
    const answer = await talk(`${refused}expect: 100-continue\r\ncontent-length: 5\r\n\r\n`, false);
    expect(answer).toMatch(/^HTTP\/1.1 404 [^]*connection: close/i);
  });
});

describe("what is not there or not allowed", () => {
  it.each([
    ["GET", "/no-such-bucket", 404, "NoSuchBucket"],
    ["GET", "/no-such-bucket/key", 404, "NoSuchBucket"],
    ["PUT", "/no-such-bucket/key", 404, "NoSuchBucket"],
    ["DELETE", "/no-such-bucket/key", 404, "NoSuchBucket"],
    ["DELETE", "/no-such-bucket", 404, "NoSuchBucket"],
    ["GET", "/no-such-bucket?uploads", 404, "NoSuchBucket"],
    ["POST", "/no-such-bucket/key?uploads", 404, "NoSuchBucket"],
    ["GET", "/bucket/no-such-key", 404, "NoSuchKey"],
    ["GET", "/bucket/no-such-key?attributes", 404, "NoSuchKey"],
    ["GET", "/bucket/hello?uploadId=unknown", 404, "NoSuchUpload"],
    ["PUT", "/bucket/hello?partNumber=1&uploadId=unknown", 404, "NoSuchUpload"],
    ["DELETE", "/bucket/hello?uploadId=unknown", 404, "NoSuchUpload"],
    ["PUT", "/bucket", 409, "BucketAlreadyOwnedByYou"],
    ["DELETE", "/bucket", 409, "BucketNotEmpty"],
    ["PUT", "/Bad_Bucket", 400, "InvalidBucketName"],
    ["GET", "/bucket/hello?attributes", 400, "InvalidArgument"],
    ["POST", "/bucket/hello", 405, "MethodNotAllowed"],
    ["GET", "/bucket?policy", 501, "NotImplemented"],
    ["GET", "/bucket/%zz", 400, "InvalidURI"],
  ])("%s %s is %d %s", async (method, path, status, code) => {
    expect(outcome(await server.send({ method, path }))).toEqual([status, code]);
  });

  it("has no body in the answer to HEAD", async () => {
    const answer = await server.send({ method: "HEAD", path: "/bucket/no-such-key" });
    expect([answer.status, answer.text]).toEqual([404, ""]);
  });

  it("includes ranges that hold nothing", async () => {
    const answer = await server.send({ ...GET, headers: { range: "bytes=5-" } });
    expect(outcome(answer)).toEqual([416, "InvalidRange"]);
    expect(answer.headers["content-range"]).toBe("bytes */5");
  });

  it("includes a body larger than S3 takes", async () => {
    const head = await headOf({ ...GET, method: "PUT" });
    const text = `${head}content-length: ${5 * 1024 ** 3 + 1}\r\nconnection: close\r\n\r\n`;
    expect(await talk(text, true)).toMatch(/^HTTP\/1.1 400 [^]*EntityTooLarge/);
  });
});

describe("buckets", () => {
  it("are made, found, listed and deleted when empty", async () => {
    expect((await server.send({ method: "PUT", path: "/another" })).status).toBe(200);
    expect((await server.send({ method: "HEAD", path: "/another" })).status).toBe(200);
    const location = await server.send({ method: "GET", path: "/another?location" });
    expect(location.text).toContain("<LocationConstraint");
    const all = await server.send({ method: "GET", path: "/" });
    expect(all.text).toMatch(/<Name>another<\/Name>.*<Name>bucket<\/Name>/);
    expect((await server.send({ method: "DELETE", path: "/another" })).status).toBe(204);
    expect((await server.send({ method: "HEAD", path: "/another" })).status).toBe(404);
  });
});
