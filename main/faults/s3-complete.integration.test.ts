import { afterAll, beforeAll, expect, it } from "vitest";
import type { FaultRuleInput } from "#shared/fault-script.ts";
import { MiB } from "../bytes/sizes.ts";
import { FaultRig, sha256Of } from "./fault-rig.ts";
import type { Sent } from "./fault-rig.ts";
import { hasObject, uploadsOf } from "./lab-bucket.ts";
import { isDone } from "./rig-views.ts";

let rig: FaultRig;

beforeAll(async () => {
  rig = await FaultRig.open();
}, 60_000);

afterAll(async () => {
  await rig.close();
});

const op = "CompleteMultipartUpload";

const NO_CRC = { "x-amz-checksum-crc64nvme": null, "x-amz-checksum-type": null };

/** Two parts: the least that is completed. */
const SIZE = 6 * MiB;

function answers(fault: object, times: number | null = 1): FaultRuleInput {
  return { on: { op }, times, fault: { kind: "answer", status: 200, ...fault } };
}

function lost(at: "request-end" | "effect"): FaultRuleInput {
  return { on: { op }, fault: { kind: "break", how: "reset", at } };
}

/** AWS knows a completed upload a while longer; others forget it at once. */
const GONE: FaultRuleInput = {
  on: { op },
  times: null,
  fault: { kind: "answer", status: 404, code: "NoSuchUpload" },
};

async function expectDone(sent: Sent): Promise<void> {
  expect(await rig.rest(sent.id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.storedSha256(sent.key)).toBe(sent.sha256);
  expect(rig.count({ op: "UploadPart" })).toBe(2);
  expect(await uploadsOf(rig, sent.key)).toEqual([]);
}

const TRUNCATED = "<CompleteMultipartUploadResult><ETag>&quot;0123&quot;</ETag><Key>up/so";
it.each([
  ["an error document", { code: "InternalError" }, "server-failed InternalError"],
  ["a wish to slow down", { code: "SlowDown" }, "throttled SlowDown"],
  ["a truncated result", { text: TRUNCATED }, "protocol"],
  ["nothing", { text: "" }, "protocol"],
  ["a page", { text: "<html><body>OK</body></html>", contentType: "text/html" }, "protocol"],
  ["bytes", { text: "\u0000\u0001\u00ff\u0000", contentType: "image/png" }, "protocol"],
])(
  "S1 Complete answered 200 with %s: is no success, and is asked again",
  async (_, fault, said) => {
    await rig.script(answers(fault));
    const sent = await rig.upload(SIZE);
    await expectDone(sent);
    expect(rig.errors()).toEqual([said]);
    expect(rig.count({ op })).toBe(2);
  },
);

it("S1 Complete answered 200 with a refusal: fails with its cause, and no object is claimed", async () => {
  await rig.script(answers({ code: "AccessDenied" }, null));
  const { id, key } = await rig.upload(SIZE);
  expect(await rig.rest(id)).toMatchObject({
    state: {
      phase: "failed",
      error: { code: "access-denied", details: { cause: "AccessDenied" } },
    },
  });
  expect(rig.count({ op })).toBe(1);
  expect(await hasObject(rig, key)).toBe(false);
});

it("S1 Complete answered 200 with nothing, every time: fails after a few attempts", async () => {
  await rig.script(answers({ text: "" }, null));
  const { id, key } = await rig.upload(SIZE);
  expect(await rig.rest(id)).toMatchObject({
    state: { phase: "failed", error: { code: "protocol", details: { action: "s3:PutObject" } } },
  });
  expect(rig.count({ op })).toBe(4);
  expect(await hasObject(rig, key)).toBe(false);
});

it("S1 Complete that took effect and whose answer is cut: the object is known again", async () => {
  await rig.script({ on: { op }, fault: { kind: "truncate", keepBytes: 60 } });
  await expectDone(await rig.upload(SIZE));
  expect(rig.count({ op })).toBe(2);
});

it.each([
  ["before it took effect", [lost("request-end")]],
  ["after it took effect", [lost("effect")]],
  ["after it took effect, and the upload is gone", [lost("effect"), GONE]],
])(
  "S2 Complete: connection lost %s: is asked again, and nothing is sent twice",
  async (_, rules) => {
    await rig.script(...rules);
    const sent = await rig.upload(SIZE);
    await expectDone(sent);
    expect(rig.errors()).toEqual(["unreachable ECONNRESET"]);
    expect(rig.count({ op })).toBe(2);
  },
);

it("S2 Complete that took effect, and the engine stopped before it knew: the next start knows the object again", async () => {
  await rig.script({ on: { op }, fault: { kind: "break", how: "silence", at: "effect" } });
  const sent = await rig.upload(SIZE);
  await expect.poll(async () => await hasObject(rig, sent.key), { timeout: 10_000 }).toBe(true);
  await rig.stop();
  await rig.start();
  await expectDone(sent);
  expect(rig.count({ op })).toBe(1);
});

it("S2 Complete that took effect, and another program wrote the key since: asks, whatever the rule says", async () => {
  const newer = rig.bytes(1000);
  await rig.script({ on: { op }, fault: { kind: "break", how: "silence", at: "effect" } });
  const { id, key, sha256 } = await rig.upload(SIZE, { onConflict: "replace" });
  await expect.poll(async () => await hasObject(rig, key), { timeout: 10_000 }).toBe(true);
  await rig.stop();
  await rig.put(key, newer);
  await rig.start();
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "paused", cause: "conflict" } });
  expect(await rig.storedSha256(key)).toBe(sha256Of(newer));
  expect(rig.count({ op: "UploadPart" })).toBe(2);
  await rig.client.call("transfer.answer", { id, answer: "replace", forAll: false });
  expect(await rig.until(id, isDone)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.storedSha256(key)).toBe(sha256);
});

it("S2 Complete that took effect, where nothing proves what is there: never sends over it", async () => {
  const quirks = { opaqueEtags: true, noAttributes: true, checksums: "ignored" } as const;
  await rig.script({
    quirks,
    rules: [
      lost("effect"),
      GONE,
      { on: { op: "HeadObject" }, times: null, fault: { kind: "alter", headers: NO_CRC } },
    ],
  });
  const sent = await rig.upload(SIZE, { onConflict: "replace" });
  expect(await rig.rest(sent.id)).toMatchObject({
    state: { phase: "paused", cause: "conflict" },
  });
  expect(await rig.storedSha256(sent.key)).toBe(sent.sha256);
  expect(rig.count({ op: "UploadPart" })).toBe(2);
});

it("S3 Complete that takes long and sends spaces meanwhile: is waited for, beyond any stall", async () => {
  await rig.script({ on: { op }, fault: { kind: "spaces", count: 25, everyMs: 100 } });
  const sent = await rig.upload(SIZE);
  const { state } = await rig.until(
    sent.id,
    ({ state: now }) => now.phase === "running" && now.activity.kind === "finalising",
  );
  expect(state.phase).toBe("running");
  await expectDone(sent);
  expect(rig.errors()).toEqual([]);
  expect(rig.count({ op })).toBe(1);
});
