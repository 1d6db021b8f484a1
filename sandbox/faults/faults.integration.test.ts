import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { FaultScript } from "#shared/fault-script.ts";
import type { Fault, FaultScriptInput } from "#shared/fault-script.ts";
import { startTestServer } from "../testing/test-server.ts";
import type { TestServer } from "../testing/test-server.ts";
import { FaultBook } from "./fault-book.ts";

const book = new FaultBook();
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer(book);
});
afterAll(async () => {
  await server.stop();
});

beforeEach(async () => {
  script({});
  await ask("PUT", "0123456789");
});

function script(given: FaultScriptInput): void {
  book.replace(FaultScript.parse(given));
}

function meet(fault: Fault | { kind: "answer"; status: number; code?: string }): void {
  script({ rules: [{ fault }] });
}

async function ask(method: string, body = "", headers: Record<string, string> = {}) {
  return await server.send({ method, path: "/bucket/key", headers, body: Buffer.from(body) });
}

it("answers an error document with any status, and does nothing", async () => {
  meet({ kind: "answer", status: 200, code: "InternalError" });
  expect(await ask("PUT", "new")).toMatchObject({ status: 200, code: "InternalError" });
  expect((await ask("GET")).text).toBe("0123456789");
});

it("resets before anything is done, and after everything is", async () => {
  meet({ kind: "break", how: "reset", at: "request-end", afterBytes: 0 });
  await expect(ask("PUT", "lost")).rejects.toThrow("ECONNRESET");
  expect((await ask("GET")).text).toBe("0123456789");
  meet({ kind: "break", how: "reset", at: "effect", afterBytes: 0 });
  await expect(ask("PUT", "done")).rejects.toThrow("ECONNRESET");
  expect((await ask("GET")).text).toBe("done");
});

it("cuts a body, trickles it, and flips its bits on the way", async () => {
  meet({ kind: "break", how: "close", at: "response-body", afterBytes: 4 });
  await expect(ask("GET")).rejects.toThrow("aborted");
  meet({ kind: "trickle", bytesPerSecond: 100 });
  expect((await ask("GET")).text).toBe("0123456789");
  meet({ kind: "flip", where: "sent", atByte: 1, bit: 0 });
  expect((await ask("GET")).text).toBe("0023456789");
  meet({ kind: "flip", where: "received", atByte: 0, bit: 0 });
  expect(await ask("PUT", "0")).toMatchObject({ code: "XAmzContentSHA256Mismatch" });
  meet({ kind: "flip", where: "stored", atByte: 2, bit: 0 });
  await ask("PUT", "000");
  expect((await ask("GET")).text).toBe("001");
});

it("says another range, ignores headers, and sends a body without a length", async () => {
  const range = { range: "bytes=2-4" };
  meet({ kind: "shift-range", byBytes: 1, totalBytes: 99 });
  expect((await ask("GET", "", range)).headers["content-range"]).toBe("bytes 3-5/99");
  meet({ kind: "ignore", headers: ["Range"] });
  expect(await ask("GET", "", range)).toMatchObject({ status: 200, text: "0123456789" });
  meet({ kind: "ignore", headers: ["if-match"] });
  expect(await ask("GET", "", { "if-match": '"other"' })).toMatchObject({ status: 200 });
  meet({ kind: "alter", headers: { etag: null, "content-encoding": "gzip" } });
  const { headers } = await ask("GET");
  expect(headers).toMatchObject({ "content-encoding": "gzip" });
  expect(headers).not.toHaveProperty("etag");
  meet({ kind: "unframed" });
  const unframed = await ask("GET");
  expect(unframed.text).toBe("0123456789");
  expect(unframed.headers).not.toHaveProperty("content-length");
});

it("has the clock of the script, in what it says and in what it takes", async () => {
  script({ clockAheadSeconds: 3600 });
  const { headers } = await ask("GET");
  const aheadMs = Date.parse(String(headers["date"])) - Date.now();
  expect(Math.abs(aheadMs - 3_600_000)).toBeLessThan(60_000);
});

it("has the habits of other providers", async () => {
  script({ quirks: { unquotedEtags: true, noConditions: true, noAttributes: true } });
  expect(await ask("PUT", "again", { "if-none-match": "*" })).toMatchObject({ status: 200 });
  expect((await ask("GET")).headers["etag"]).toMatch(/^[0-9a-f]{32}$/);
  const attributes = { method: "GET", path: "/bucket/key?attributes" };
  expect(await server.send(attributes)).toMatchObject({ status: 501, code: "NotImplemented" });
  script({ quirks: { listV1Only: true } });
  const listed = await server.send({ method: "GET", path: "/bucket?list-type=2" });
  expect(listed.text).toContain("<Marker>");
  script({ quirks: { checksums: "refused" } });
  const checksum = { "x-amz-checksum-crc32": "AAAAAA==" };
  expect(await ask("PUT", "x", checksum)).toMatchObject({ status: 501 });
});

it("has the limits of other providers, and a region and a patience of its own", async () => {
  script({ quirks: { opaqueEtags: true } });
  await ask("PUT", "0123456789");
  const etag = String((await ask("GET")).headers["etag"]);
  expect(etag).not.toContain(createHash("md5").update("0123456789").digest("hex"));
  expect(await ask("GET", "", { "if-match": etag })).toMatchObject({ status: 200 });
  script({ quirks: { maxParts: 3 } });
  const part = { method: "PUT", path: "/bucket/key?partNumber=4&uploadId=x" };
  expect(await server.send(part)).toMatchObject({ status: 400, code: "InvalidArgument" });
  await server.send({ method: "PUT", path: "/bucket/other" });
  script({ quirks: { mostKeys: 1 } });
  const listed = await server.send({ method: "GET", path: "/bucket?list-type=2" });
  expect(listed.text).toContain("<KeyCount>1</KeyCount><IsTruncated>true");
  script({ region: "eu-west-1" });
  const elsewhere = await ask("GET");
  expect(elsewhere).toMatchObject({ status: 400, code: "AuthorizationHeaderMalformed" });
  expect(elsewhere.headers["x-amz-bucket-region"]).toBe("eu-west-1");
});
