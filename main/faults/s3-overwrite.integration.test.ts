import { afterAll, beforeAll, expect, it } from "vitest";
import type { FaultRuleInput, FaultScriptInput } from "#shared/fault-script.ts";
import type { ProfileId, ProfileSecret } from "#shared/profile.ts";
import { KiB, MiB } from "../bytes/sizes.ts";
import { FaultRig, sha256Of } from "./fault-rig.ts";
import type { Sent } from "./fault-rig.ts";
import { hasObject, lab, uploadsOf } from "./lab-bucket.ts";
import { isDone, itemsOf, logOf } from "./rig-views.ts";

let rig: FaultRig;

beforeAll(async () => {
  const secrets = new Map<ProfileId, ProfileSecret>();
  rig = await FaultRig.open({
    waits: { stallMs: 700 },
    host: {
      secrets: {
        get: async (id) => secrets.get(id) ?? null,
        set: async (id, secret) => void secrets.set(id, secret),
        remove: async (id) => void secrets.delete(id),
      },
    },
  });
}, 60_000);

afterAll(async () => {
  await rig.close();
});

const RIVAL = Buffer.from("somebody else's bytes");

it("S31 overwrite policy: where the server keeps no conditions the key is looked at before Complete, and the receipt says so", async () => {
  await rig.script({ quirks: { noConditions: true } });
  const { accessKeyId, secretAccessKey } = rig.keys;
  const profile = rig.profile("elsewhere", { kind: "stored", accessKeyId });
  await rig.client.call("profile.save", { profile, secret: { secretAccessKey } });
  const destination = { ...lab, profileId: profile.id, prefix: "up/" };
  const free = await rig.upload(6 * MiB, { destination });
  expect(await rig.rest(free.id)).toMatchObject({ state: { phase: "done" } });
  const [item] = await itemsOf(rig, free.id);
  expect(item?.receipt?.notes).toEqual([expect.stringContaining("not atomic")]);

  const taken = await takenUpload({ destination }, { noConditions: true });
  expect(await rig.storedSha256(taken.key)).toBe(sha256Of(RIVAL));
});

/** The second part hangs, however often it is tried. */
const HELD: FaultRuleInput = {
  on: { op: "UploadPart", part: 2 },
  times: null,
  fault: { kind: "break", how: "silence", at: "request-end" },
};

type Quirks = FaultScriptInput["quirks"];

/** Another program takes the key while its parts are sent. */
async function takeKey(key: string, quirks: Quirks): Promise<void> {
  const sent = () => rig.count({ op: "UploadPart", key });
  await expect.poll(sent, { timeout: 10_000 }).toBeGreaterThan(0);
  await rig.put(key, RIVAL);
  await rig.rules({ quirks });
}

/** An upload that asks, because its key was taken meanwhile. */
async function takenUpload(more: object, quirks: Quirks = {}): Promise<Sent> {
  await rig.rules({ quirks, rules: [HELD] });
  const sent = await rig.upload(6 * MiB, more);
  await takeKey(sent.key, quirks);
  const { state } = await rig.rest(sent.id);
  expect(state).toMatchObject({ phase: "paused", cause: "conflict" });
  return sent;
}

it("S30 conditional create lost the race: asks, keeps the parts, and sends none of them again", async () => {
  await rig.script();
  const { id, key, sha256 } = await takenUpload({});
  expect(await rig.storedSha256(key)).toBe(sha256Of(RIVAL));
  const parts = rig.count({ op: "UploadPart", key });
  await rig.client.call("transfer.answer", { id, answer: "replace", forAll: false });
  expect(await rig.until(id, isDone)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.storedSha256(key)).toBe(sha256);
  expect(rig.count({ op: "UploadPart", key })).toBe(parts);
});

it("S30 conditional create lost the race, and is skipped: the parts are removed", async () => {
  await rig.script();
  const { id, key } = await takenUpload({});
  await rig.client.call("transfer.answer", { id, answer: "skip", forAll: false });
  await rig.until(id, isDone);
  expect(await rig.storedSha256(key)).toBe(sha256Of(RIVAL));
  expect(await uploadsOf(rig, key)).toEqual([]);
});

const CONTENDED = {
  kind: "answer",
  status: 409,
  code: "ConditionalRequestConflict",
} as const;

it("S30 conditional create met another write under way: Complete is asked once more", async () => {
  await rig.script({ on: { op: "CompleteMultipartUpload" }, fault: CONTENDED });
  const { id, key, sha256 } = await rig.upload(6 * MiB);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.storedSha256(key)).toBe(sha256);
  expect(rig.count({ op: "UploadPart" })).toBe(2);
  expect(rig.count({ op: "CompleteMultipartUpload" })).toBe(2);
});

it("S30 conditional create of a small object met another write: its PUT is sent again", async () => {
  await rig.script({ on: { op: "PutObject" }, fault: CONTENDED });
  const { id, key, sha256 } = await rig.upload(KiB);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.storedSha256(key)).toBe(sha256);
  expect(rig.count({ op: "PutObject" })).toBe(2);
});

it("S30 conditional create met another write twice: the upload begins again, and says so", async () => {
  await rig.script({ on: { op: "CompleteMultipartUpload" }, times: 2, fault: CONTENDED });
  const { id, key, sha256 } = await rig.upload(6 * MiB);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.storedSha256(key)).toBe(sha256);
  expect(rig.count({ op: "UploadPart" })).toBe(4);
  expect(await uploadsOf(rig, key)).toEqual([]);
  expect(await logOf(rig, id)).toContain("another write of the key");
});

it("S31 overwrite policy: an object that came after 'replace' was agreed to is asked about", async () => {
  await rig.script();
  const old = Buffer.from("what was agreed to go");
  await rig.put("up/agreed.bin", old);
  const { path } = await rig.file(6 * MiB);
  await rig.rules({ rules: [HELD] });
  const { id } = await rig.client.call("transfer.upload", {
    sources: [{ path }],
    destination: { ...lab, prefix: "up/" },
    rename: "agreed.bin",
    onConflict: "replace",
  });
  await takeKey("up/agreed.bin", {});
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "paused", cause: "conflict" } });
  expect(await rig.storedSha256("up/agreed.bin")).toBe(sha256Of(RIVAL));
});

it("S29 cancel of a single PUT that lands all the same: it is said that it was too late", async () => {
  await rig.script({ on: { op: "PutObject" }, fault: { kind: "delay", ms: 1000 } });
  const { id, key, sha256 } = await rig.upload(MiB);
  await expect.poll(async () => await hasObject(rig, key), { timeout: 10_000 }).toBe(true);
  await rig.client.call("transfer.cancel", { id, keepParts: false });
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "canceled" } });
  expect(await rig.storedSha256(key)).toBe(sha256);
  await expect
    .poll(async () => await logOf(rig, id), { timeout: 10_000 })
    .toContain(`too late to cancel`);
});

it("S29 cancel of a single PUT that is cut: nothing appears, and nothing is said of it", async () => {
  await rig.script({
    on: { op: "PutObject" },
    fault: { kind: "break", how: "silence", at: "request-body", afterBytes: 1 },
  });
  const { id, key } = await rig.upload(MiB);
  await rig.until(id, ({ state }) => state.phase === "running");
  await expect.poll(async () => (await rig.used())[0], { timeout: 10_000 }).toBe(1);
  await rig.client.call("transfer.cancel", { id, keepParts: false });
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "canceled" } });
  expect(await hasObject(rig, key)).toBe(false);
  expect(await logOf(rig, id)).not.toContain("too late");
});
