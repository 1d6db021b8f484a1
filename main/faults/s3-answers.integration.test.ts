import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { FaultRuleInput } from "#shared/fault-script.ts";
import { explainError } from "#shared/error-words.ts";
import { KiB, MiB } from "../bytes/sizes.ts";
import { FaultRig } from "./fault-rig.ts";
import { hasObject, lab } from "./lab-bucket.ts";

let rig: FaultRig;

beforeAll(async () => {
  rig = await FaultRig.open();
}, 60_000);

afterAll(async () => {
  await rig.close();
});

const HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";

function bad(op: string | string[], fault: object): FaultRuleInput {
  return { on: { op }, fault: { kind: "answer", status: 502, ...fault } };
}

it.each([
  ["a page", { text: HTML, contentType: "text/html" }, "502 Bad Gateway"],
  ["JSON", { text: '{"error":"upstream"}', contentType: "application/json" }, "upstream"],
  ["nothing", { text: "" }, null],
])(
  "S41 errors that are %s: are told by their status at every request, and kept as evidence",
  async (_, fault, said) => {
    const ops = ["HeadObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"];
    await rig.script(...ops.map((op) => bad(op, fault)));
    const { id, key, sha256 } = await rig.upload(6 * MiB);
    expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
    expect(await rig.storedSha256(key)).toBe(sha256);
    expect(await rig.used()).toEqual([1, 1, 1, 1]);
    expect(rig.errors()).toEqual(ops.map(() => "server-failed"));
    // A HEAD has no body to keep.
    const evidence = rig.retries.map(({ error }) => error.details.evidence);
    for (const text of evidence.slice(1)) {
      expect(text).toEqual(said === null ? undefined : expect.stringContaining(said));
    }
  },
);

it("S41 pages of a proxy in place of a listing, an object's facts and its bytes: none is taken for them", async () => {
  const { key, sha256 } = await rig.seed(6 * MiB);
  const page = { text: HTML, contentType: "text/html" };
  const ops = ["ListObjectsV2", "HeadObject", "GetObject"];
  await rig.script(
    ...ops.map((op) => bad(op, page)),
    ...ops.map((op) => bad(op, { ...page, status: 200 })),
  );
  const { id, path } = await rig.download("", { include: [key], contentsOnly: true });
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.fileSha256(join(path, key))).toBe(sha256);
  expect(new Set(rig.errors())).toEqual(new Set(["server-failed", "protocol"]));
});

it("S41 page of a proxy that repeats the request's headers: nothing secret of them is kept", async () => {
  const signature = "0123456789abcdef".repeat(4);
  const echo = `Authorization: AWS4-HMAC-SHA256 Signature=${signature} x-amz-security-token: ${"Fw".repeat(60)}`;
  await rig.script(bad("UploadPart", { text: `<pre>${echo}</pre>` }));
  const { id } = await rig.upload(6 * MiB);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  const kept = JSON.stringify(rig.retries);
  expect(kept).toContain("<pre>");
  expect(kept).not.toContain(signature);
  expect(kept).not.toContain("FwFw");
});

it.each([
  ["InvalidAccessKeyId", 403, "credentials-wrong"],
  ["SignatureDoesNotMatch", 403, "credentials-wrong"],
] as const)(
  "S9 %s in the middle of an upload: pauses for its keys, and is not asked again",
  async (code, status, said) => {
    const refusal: FaultRuleInput = bad("UploadPart", { status, code });
    await rig.script({ ...refusal, times: null });
    const { id, key, sha256 } = await rig.upload(6 * MiB);
    expect(await rig.rest(id)).toMatchObject({
      state: {
        phase: "paused",
        cause: "credentials",
        error: { code: said, details: { cause: code } },
      },
    });
    expect(rig.errors()).toEqual([]);
    expect(rig.count({ op: "UploadPart" })).toBeLessThanOrEqual(2);
    await rig.rules({});
    await rig.client.call("transfer.resume", { id });
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(await rig.storedSha256(key)).toBe(sha256);
  },
);

it("S9 AccessDenied in the middle of an upload: fails with the permission that is missing, once", async () => {
  await rig.script({ ...bad("UploadPart", { status: 403, code: "AccessDenied" }), times: null });
  const { id, key } = await rig.upload(6 * MiB);
  expect(await rig.rest(id)).toMatchObject({
    state: {
      phase: "failed",
      error: { code: "access-denied", details: { action: "s3:PutObject", cause: "AccessDenied" } },
    },
  });
  expect(rig.errors()).toEqual([]);
  expect(rig.count({ op: "UploadPart" })).toBeLessThanOrEqual(2);
  expect(await hasObject(rig, key)).toBe(false);
});

it("S9 HEAD refused to keys that may only write: the upload goes on, and the store guards the name", async () => {
  const denied = bad(["HeadObject", "GetObject"], { status: 403, code: "AccessDenied" });
  await rig.script({ ...denied, times: null });
  const { id, key, sha256 } = await rig.upload(6 * MiB);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  await rig.rules({});
  expect(await rig.storedSha256(key)).toBe(sha256);
});

it("S9 HEAD refused for an object that is not there: says that it may be either", async () => {
  await rig.script({
    ...bad(["HeadObject", "GetObject"], { status: 403, code: "AccessDenied" }),
    times: null,
  });
  const { id } = await rig.download("nothing/here.bin");
  const { state } = await rig.rest(id);
  expect(state).toMatchObject({ phase: "failed", error: { code: "access-denied" } });
  if (state.phase !== "failed") return;
  expect(explainError(state.error).why).toContain("an object that is not there");
});

it("S11 another region is named in the middle of an upload: goes on there, at the same host", async () => {
  await rig.script({ on: { op: "UploadPart", part: 2 }, fault: { kind: "delay", ms: 500 } });
  const { id, key, sha256 } = await rig.upload(20 * MiB);
  await expect.poll(() => rig.count({ op: "UploadPart" }), { timeout: 10_000 }).toBeGreaterThan(0);
  await rig.rules({ region: "eu-west-1" });
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  await rig.rules({});
  await rig.saveProfile({});
  expect(await rig.storedSha256(key)).toBe(sha256);
  expect(rig.count({ status: 400 })).toBeLessThanOrEqual(4);
});

it.each([
  ["PermanentRedirect", 301, "x-amz-bucket-region"],
  ["TemporaryRedirect", 307, "x-amz-bucket-region"],
] as const)("S11 %s: the region is taken from the header, once", async (code, status, header) => {
  await rig.script({
    on: {},
    fault: { kind: "answer", status, code, headers: { [header]: "us-west-2" } },
  });
  const { id } = await rig.upload(KiB);
  // It is not there either, and says so; a second move would be a circle.
  expect(await rig.rest(id)).toMatchObject({
    state: { phase: "failed", error: { code: "wrong-region", details: { region: "us-east-1" } } },
  });
  expect(rig.requests()).toHaveLength(2);
  await rig.saveProfile({});
});

it("S11 NoSuchBucket: fails with the bucket's name, and is not asked again", async () => {
  await rig.script();
  const { path } = await rig.file(KiB);
  const { id } = await rig.client.call("transfer.upload", {
    sources: [{ path }],
    destination: { ...lab, bucket: "nobodys-bucket", prefix: "" },
  });
  expect(await rig.rest(id)).toMatchObject({
    state: {
      phase: "failed",
      error: { code: "bucket-missing", details: { bucket: "nobodys-bucket" } },
    },
  });
  expect(rig.requests()).toHaveLength(1);
});
