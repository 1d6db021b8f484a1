import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isRetryable } from "#shared/errors.ts";
import type { WireResponse } from "../../wire/wire.ts";
import type { GetOperation, ObjectInfo, PutOperation, WriteCondition } from "../store.ts";
import { errorAnswer, openScriptedServer, SCRIPTED_WALL_MS, storeOn } from "./scripted-server.ts";
import type { ScriptedAnswer, ScriptedServer } from "./scripted-server.ts";
import type { S3Store } from "./s3-store.ts";

const never = new AbortController().signal;
const SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const SHA256_BASE64 = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
const UPLOAD = { key: "a b", uploadId: "u/1" };
const PART: PutOperation = {
  kind: "put-part",
  upload: UPLOAD,
  number: 3,
  sizeBytes: 3,
  sha256: SHA256,
};

function objectOf(more: Partial<ObjectInfo> = {}): ObjectInfo {
  return { key: "k", sizeBytes: 100, etag: '"e"', versionId: null, modifiedAtMs: 0, ...more };
}

function getOf(more: Partial<ObjectInfo> = {}): GetOperation {
  return { kind: "get", object: objectOf(more), range: { start: 10, end: 20 } };
}

function putOf(condition: WriteCondition): PutOperation {
  return { kind: "put", key: "k", sizeBytes: 3, sha256: SHA256, condition };
}

function response(status: number, headers: Record<string, string> = {}, body = ""): WireResponse {
  return { status, headers, body: Buffer.from(body) };
}

function refusal(status: number, code: string, message = ""): WireResponse {
  const body = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return response(status, {}, body);
}

/** What a call throws. */
function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (thrown) {
    return thrown;
  }
  throw new Error("nothing was thrown");
}

let server: ScriptedServer;
let store: S3Store;
let answer: ScriptedAnswer = { status: 404 };

beforeEach(async () => {
  answer = { status: 404 };
  server = await openScriptedServer(() => answer);
  store = storeOn(server);
});
afterEach(async () => server.close());

describe("the digest that comes with a read", () => {
  const headers = { "x-amz-checksum-sha256": SHA256_BASE64 };

  it.each([
    ["of the whole of one PUT is the object's", { ...getOf(), range: null }, headers, SHA256],
    ["of a range may be of anything", getOf(), headers, null],
    [
      "of an object of parts is of the parts",
      { ...getOf({ etag: '"e-2"' }), range: null },
      headers,
      null,
    ],
    ["may be missing", { ...getOf(), range: null }, {}, null],
    [
      "may be composite",
      { ...getOf(), range: null },
      { "x-amz-checksum-sha256": `${SHA256_BASE64}-2` },
      null,
    ],
  ])("%s", (_, operation, said, expected) => {
    expect(store.readSha256(operation, said)).toBe(expected);
  });
});

describe("a signed read", () => {
  it("pins the version, says the range inclusively, and asks for bytes as they are", async () => {
    const { request, expect: expected } = await store.sign(getOf(), never);
    expect(request).toMatchObject({
      method: "GET",
      url: `${server.endpoint.origin}/models/k`,
      headers: { "if-match": '"e"', range: "bytes=10-19", "accept-encoding": "identity" },
    });
    expect(request.headers["authorization"]).toContain("SignedHeaders=host;if-match;range;x-amz-");
    expect(expected).toEqual({
      status: 206,
      contentLength: 10,
      headers: { etag: '"e"', "content-range": "bytes 10-19/100" },
    });
  });

  it("of a whole object expects all of it", async () => {
    const whole: GetOperation = { ...getOf(), range: null };
    const { request, expect: expected } = await store.sign(whole, never);
    expect(request.headers["range"]).toBeUndefined();
    expect(expected).toEqual({ status: 200, contentLength: 100, headers: { etag: '"e"' } });
  });

  it("names the version where there is one", async () => {
    const { request } = await store.sign(getOf({ versionId: "v 1" }), never);
    expect(request.url).toBe(`${server.endpoint.origin}/models/k?versionId=v%201`);
  });

  it("does not send a weak ETag, which matches nothing", async () => {
    const { request, expect: expected } = await store.sign(getOf({ etag: 'W/"e"' }), never);
    expect(request.headers["if-match"]).toBeUndefined();
    expect(expected.headers["etag"]).toBe('W/"e"');
  });
});

describe("a signed write", () => {
  it("of a part travels with its one digest, twice said", async () => {
    const { request, expect: expected } = await store.sign(PART, never);
    expect(request).toMatchObject({
      method: "PUT",
      url: `${server.endpoint.origin}/models/a%20b?partNumber=3&uploadId=u%2F1`,
      headers: { "x-amz-content-sha256": SHA256, "x-amz-checksum-sha256": SHA256_BASE64 },
    });
    expect(expected.status).toBe(200);
  });

  it("carries its condition where the server keeps it", async () => {
    const absent = await store.sign(putOf({ kind: "absent" }), never);
    expect(absent.request.headers["if-none-match"]).toBe("*");
    const same = await store.sign(putOf({ kind: "same", etag: '"o"' }), never);
    expect(same.request.headers["if-match"]).toBe('"o"');
    expect(server.requests).toEqual([]);
  });

  it("looks at the key first where the server keeps no condition", async () => {
    const careful = storeOn(server, { isConditionHonoured: false });
    answer = errorAnswer(404, "NoSuchKey");
    const { request } = await careful.sign(putOf({ kind: "absent" }), never);
    expect(request.headers["if-none-match"]).toBeUndefined();
    answer = { status: 200, headers: { "content-length": "1", etag: '"x"' } };
    const taken = careful.sign(putOf({ kind: "absent" }), never);
    await expect(taken).rejects.toMatchObject({ code: "conflict" });
  });

  it.each([
    ["by name", refusal(400, "InvalidArgument", "Unsupported header If-None-Match"), 1],
    ["without saying which header", refusal(501, "NotImplemented"), 2],
  ])("looks at the key first once the server refused a condition %s", async (_, refused, times) => {
    const operation = putOf({ kind: "absent" });
    for (let n = 0; n < times; n += 1) {
      const { request } = await store.sign(operation, never);
      expect(request.headers["if-none-match"]).toBe("*");
      expect(thrownBy(() => store.readStored(operation, refused))).toMatchObject({
        code: "server-failed",
      });
    }
    answer = { status: 200, headers: { "content-length": "1", etag: '"x"' } };
    await expect(store.sign(operation, never)).rejects.toMatchObject({ code: "conflict" });
    answer = errorAnswer(404, "NoSuchKey");
    const { request } = await store.sign(operation, never);
    expect(request.headers["if-none-match"]).toBeUndefined();
  });

  it("is signed with the time of its attempt", async () => {
    const { request } = await store.sign(PART, never);
    expect(request.headers["x-amz-date"]).toBe("20260101T120000Z");
  });
});

describe("the answer to a write", () => {
  it("is kept by the store when it echoes the digest", () => {
    const headers = {
      etag: '"e"',
      "x-amz-checksum-sha256": SHA256_BASE64,
      "x-amz-version-id": "v",
    };
    expect(store.readStored(PART, response(200, headers))).toEqual({
      etag: '"e"',
      versionId: "v",
      isSha256Kept: true,
    });
  });

  it("is a success without an echo, and none with another digest", () => {
    const plain = store.readStored(PART, response(200, { etag: '"e"' }));
    expect(plain).toEqual({ etag: '"e"', versionId: null, isSha256Kept: false });
    const other = response(200, { etag: '"e"', "x-amz-checksum-sha256": "AAAA" });
    expect(thrownBy(() => store.readStored(PART, other))).toMatchObject({ code: "corrupt" });
  });

  it("is none without an ETag", () => {
    expect(thrownBy(() => store.readStored(PART, response(200)))).toMatchObject({
      code: "protocol",
    });
  });

  it("turns checksums off where they are refused, and asks for another attempt", async () => {
    const unsupported = refusal(
      400,
      "InvalidArgument",
      "Unsupported header 'x-amz-checksum-sha256'",
    );
    // Two were under way when the endpoint was met.
    const other = { ...PART, number: 2 };
    await Promise.all([PART, other].map((part) => store.sign(part, never)));
    for (const part of [PART, other]) {
      const first = thrownBy(() => store.readStored(part, unsupported));
      expect(first).toMatchObject({ code: "server-failed", details: { cause: "InvalidArgument" } });
    }
    const { request } = await store.sign(PART, never);
    expect(request.headers["x-amz-checksum-sha256"]).toBeUndefined();
    expect(request.headers["x-amz-content-sha256"]).toBe(SHA256);
    const second = thrownBy(() => store.readStored(PART, unsupported));
    expect(second).toMatchObject({ code: "unsupported" });
  });
});

describe("a refused write", () => {
  it("is read again without asking for a digest where asking is refused", async () => {
    const whole = { ...getOf(), range: null };
    const { request } = await store.sign(whole, never);
    expect(request.headers["x-amz-checksum-mode"]).toBe("ENABLED");
    const unsupported = refusal(400, "InvalidArgument", "Unsupported header 'x-amz-checksum-mode'");
    expect(store.explainRefusal(whole, unsupported)).toMatchObject({ code: "server-failed" });
    const again = await store.sign(whole, never);
    expect(again.request.headers["x-amz-checksum-mode"]).toBeUndefined();
    expect(store.explainRefusal(whole, unsupported)).toMatchObject({ code: "unsupported" });
  });

  it("is worth another attempt once a clock that was off is set right", async () => {
    await store.sign(PART, never);
    const date = new Date(SCRIPTED_WALL_MS + 3_600_000).toUTCString();
    const skewed = { ...refusal(403, "RequestTimeTooSkewed"), headers: { date } };
    expect(thrownBy(() => store.readStored(PART, skewed))).toMatchObject({ code: "server-failed" });
    const { request } = await store.sign(PART, never);
    expect(request.headers["x-amz-date"]).toBe("20260101T130000Z");
    expect(thrownBy(() => store.readStored(PART, skewed))).toMatchObject({
      code: "clock-skewed",
      details: { clockAheadSeconds: -3600 },
    });
  });

  it("is worth another attempt when the keys expired, once", async () => {
    await store.sign(PART, never);
    const expired = refusal(400, "ExpiredToken");
    expect(thrownBy(() => store.readStored(PART, expired))).toMatchObject({
      code: "server-failed",
    });
    await expect(store.sign(PART, never)).rejects.toMatchObject({ code: "credentials-expired" });
  });

  it.each([
    [404, "NoSuchUpload", "upload-gone"],
    [403, "AccessDenied", "access-denied"],
    [503, "SlowDown", "throttled"],
    [400, "XAmzContentSHA256Mismatch", "corrupt"],
  ])("says why it is none: %i %s", (status, cause, code) => {
    expect(thrownBy(() => store.readStored(PART, refusal(status, cause)))).toMatchObject({
      code,
      details: { action: "s3:PutObject", key: "a b", bucket: "models" },
    });
  });
});

describe("the refusal of a read", () => {
  it.each([
    ["412", refusal(412, "PreconditionFailed")],
    ["no such key", refusal(404, "NoSuchKey")],
    ["a range outside", refusal(416, "InvalidRange")],
    ["another ETag", response(206, { etag: '"other"', "content-range": "bytes 10-19/100" })],
    ["another size", response(206, { etag: '"e"', "content-range": "bytes 10-19/101" })],
    ["the whole of another object", response(200, { etag: '"other"' })],
  ])("is a change of the object: %s", (_name, refused) => {
    expect(store.explainRefusal(getOf(), refused)).toMatchObject({ code: "object-changed" });
  });

  it.each([
    ["the range is ignored", response(200, { etag: '"e"' })],
    ["another range", response(206, { etag: '"e"', "content-range": "bytes 0-9/100" })],
    ["no ETag", response(206, { "content-range": "bytes 10-19/100" })],
  ])("is a server that does not do what it should: %s", (_name, refused) => {
    expect(store.explainRefusal(getOf(), refused)).toMatchObject({ code: "protocol" });
  });

  it("leaves the version out once reading by version was denied", async () => {
    const denied = refusal(403, "AccessDenied");
    const operation = getOf({ versionId: "v1" });
    expect(isRetryable(store.explainRefusal(operation, denied).code)).toBe(true);
    const { request } = await store.sign(operation, never);
    expect(request.url).not.toContain("versionId");
    expect(request.headers["if-match"]).toBe('"e"');
    expect(store.explainRefusal(operation, denied)).toMatchObject({ code: "access-denied" });
  });
});
