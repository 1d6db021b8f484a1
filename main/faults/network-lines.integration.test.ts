import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { MiB } from "../bytes/sizes.ts";
import { FaultRig } from "./fault-rig.ts";

let rig: FaultRig;

beforeAll(async () => {
  rig = await FaultRig.open({ throughProxy: true });
}, 60_000);

afterAll(async () => {
  await rig.close();
});

beforeEach(() => {
  rig.proxy?.plan(() => null);
});

it("N1 half-open connection while sending: is given up after silence, and the part goes on a new one", async () => {
  await rig.script({
    on: { op: "UploadPart", part: 2 },
    fault: { kind: "break", how: "silence", at: "request-body", afterBytes: MiB },
  });
  const { id, key, sha256 } = await rig.upload(20 * MiB);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.storedSha256(key)).toBe(sha256);
  expect(rig.errors()).toEqual(["unreachable stalled"]);
  expect(await rig.used()).toEqual([1]);
  // The silent one has not ended for the store, which hears nothing of it any more.
  expect(rig.count({ op: "UploadPart" })).toBe(4);
});

it("N1 half-open connection while receiving: keeps what came, and the rest comes on a new one", async () => {
  const { key, sha256 } = await rig.seed(20 * MiB);
  await rig.script({
    on: { op: "GetObject", start: 0 },
    fault: { kind: "break", how: "silence", at: "response-body", afterBytes: 4 * MiB },
  });
  const { id, path } = await rig.download(key);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.fileSha256(path)).toBe(sha256);
  const ranges = rig.requests({ op: "GetObject" }).map(({ range }) => range);
  expect(ranges).toContain("4194304-16777216");
  expect(ranges).toHaveLength(3);
});

it("N12 bytes that are no HTTP: one more connection is tried, and the answer there counts", async () => {
  const { key, sha256 } = await rig.seed(9 * MiB);
  await rig.script({
    on: { op: "GetObject" },
    fault: { kind: "raw", text: "HTTP/1.1 206 Partial Content\r\nx bad : name\u0001\r\n\r\n" },
  });
  const { id, path } = await rig.download(key);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.fileSha256(path)).toBe(sha256);
  expect(rig.errors()).toEqual(["protocol EPROTO"]);
});

it("N12 bytes that are no HTTP, every time: fails after a few attempts and names the server", async () => {
  const { key } = await rig.seed(MiB);
  await rig.script({
    on: { op: "GetObject" },
    times: null,
    fault: { kind: "raw", text: "220 mail ready\r\n" },
  });
  const { id } = await rig.download(key);
  const error = { code: "protocol", details: { endpoint: rig.proxy?.endpoint } };
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "failed", error } });
  expect(rig.retries).toHaveLength(3);
});

it("N13 page of a captive portal in place of the object: is not taken for it", async () => {
  const { key, sha256 } = await rig.seed(9 * MiB);
  await rig.script(
    ...(["HeadObject", "GetObject"] as const).map((op) => ({
      on: { op },
      fault: {
        kind: "answer",
        status: 200,
        text: "<html>Welcome to the hotel</html>",
        contentType: "text/html",
      } as const,
    })),
  );
  const { id, path } = await rig.download(key);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.fileSha256(path)).toBe(sha256);
  expect(new Set(rig.errors())).toEqual(new Set(["protocol"]));
});

it("N17 redirect to another host: is not followed, so no signature goes there", async () => {
  const heard: string[] = [];
  const other = createServer((request, response) => {
    heard.push(request.url ?? "");
    response.end();
  }).listen(0, "127.0.0.1");
  await once(other, "listening");
  const address = other.address();
  const port = typeof address === "object" ? address?.port : 0;
  const { key, sha256 } = await rig.seed(9 * MiB);
  await rig.script(
    ...(["GetObject", "HeadObject"] as const).map((op) => ({
      on: { op },
      fault: {
        kind: "answer",
        status: 307,
        headers: { location: `http://127.0.0.1:${port}/elsewhere` },
      } as const,
    })),
  );
  const { id, path } = await rig.download(key);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.fileSha256(path)).toBe(sha256);
  expect(heard).toEqual([]);
  other.close();
});
