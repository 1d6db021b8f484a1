import { open } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { FaultRuleInput } from "#shared/fault-script.ts";
import { GiB, MiB } from "../bytes/sizes.ts";
import { FaultRig } from "./fault-rig.ts";
import { lab, metadataOf, purgeUploads, uploadsOf } from "./lab-bucket.ts";
import { logOf } from "./rig-views.ts";

let rig: FaultRig;

beforeAll(async () => {
  rig = await FaultRig.open({ throughProxy: true, waits: { stallMs: 700 } });
}, 60_000);

afterAll(async () => {
  await rig.close();
});

async function limitUp(upBytesPerSecond: number | null): Promise<void> {
  await rig.client.call("limit.set", { upBytesPerSecond, downBytesPerSecond: null });
}

/** The last part hangs, however often it is tried. */
const HELD: FaultRuleInput = {
  on: { op: "UploadPart", part: 4 },
  times: null,
  fault: { kind: "break", how: "silence", at: "request-end" },
};

async function threeParts(key: string): Promise<void> {
  const filter = { op: "UploadPart", status: 200, key };
  await expect.poll(() => rig.count(filter), { timeout: 10_000 }).toBe(3);
}

it("S10 upload gone while its parts are sent: begins a new one, and says what was lost", async () => {
  await rig.script(HELD);
  const { id, key, sha256 } = await rig.upload(20 * MiB);
  await threeParts(key);
  await purgeUploads(rig, key);
  await rig.rules({});
  const { state, movedTwiceBytes } = await rig.rest(id);
  expect(state.phase).toBe("done");
  expect(movedTwiceBytes).toBeGreaterThanOrEqual(15 * MiB);
  expect(await rig.storedSha256(key)).toBe(sha256);
  expect(rig.count({ op: "CreateMultipartUpload" })).toBe(2);
  expect(await logOf(rig, id)).toMatch(/no longer knows .*; 15 MiB that it had are sent again/);
  expect(await uploadsOf(rig, key)).toEqual([]);
  expect(new Set(rig.errors())).toEqual(new Set(["unreachable stalled"]));
});

it("S10 upload gone between two runs: the next start begins a new one, and says so", async () => {
  await rig.script(HELD);
  const { id, key, sha256 } = await rig.upload(20 * MiB);
  await threeParts(key);
  await rig.stop();
  await purgeUploads(rig, key);
  await rig.rules({});
  await rig.start();
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.storedSha256(key)).toBe(sha256);
  expect(await logOf(rig, id)).toContain("no longer knows");
  expect(await uploadsOf(rig, key)).toEqual([]);
});

it("S10 upload gone just before Complete: nothing is claimed, and all of it is sent again", async () => {
  await rig.script({
    on: { op: "CompleteMultipartUpload" },
    fault: { kind: "answer", status: 404, code: "NoSuchUpload" },
  });
  const { id, key, sha256 } = await rig.upload(10 * MiB);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.storedSha256(key)).toBe(sha256);
  expect(rig.count({ op: "UploadPart" })).toBe(4);
});

it("S12 part numbers beyond 10,000: a sparse file of 1 TiB is cut into parts that fit", async () => {
  await rig.script();
  await limitUp(MiB);
  const path = join(rig.folder, "sparse.bin");
  const file = await open(path, "w");
  await file.truncate(1024 * GiB);
  await file.close();
  const { id } = await rig.client.call("transfer.upload", {
    sources: [{ path }],
    destination: { ...lab, prefix: "up/" },
  });
  // 8,963 parts of 117 MiB; the last, which goes first, is what is left.
  const last = () => rig.proxy?.heads.find((head) => /^PUT .*sparse.bin.partNumber=/.test(head));
  await expect.poll(last, { timeout: 10_000 }).toContain("?partNumber=8963&");
  expect(last()).toMatch(new RegExp(`content-length: ${1024 * GiB - 8962 * 117 * MiB}\\r`, "i"));
  await rig.client.call("transfer.cancel", { id, keepParts: false });
  await limitUp(null);
  await expect
    .poll(async () => await uploadsOf(rig, "up/sparse.bin"), { timeout: 10_000 })
    .toEqual([]);
});

it("S13 unequal parts are refused: all are equal, also where the profile's size changed between", async () => {
  await rig.script({ quirks: { equalPartsOnly: true }, rules: [HELD] });
  const { id, key, sha256 } = await rig.upload(18 * MiB);
  await threeParts(key);
  await rig.saveProfile({ partSizeBytes: 8 * MiB });
  await rig.stop();
  await rig.rules({ quirks: { equalPartsOnly: true } });
  await rig.start();
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  await rig.saveProfile({});
  expect(await rig.storedSha256(key)).toBe(sha256);
  expect(await metadataOf(rig, key)).toMatchObject({
    "longhaul-part-size": String(5 * MiB),
  });
  expect(rig.count({ op: "CreateMultipartUpload" })).toBe(1);
});

it("S14 parts that are too small for the provider: begins again with larger ones, and says so", async () => {
  await rig.script({ quirks: { minPartBytes: 8 * MiB } });
  const { id, key, sha256 } = await rig.upload(18 * MiB);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.storedSha256(key)).toBe(sha256);
  expect(await metadataOf(rig, key)).toMatchObject({ "longhaul-part-size": String(8 * MiB) });
  expect(await logOf(rig, id)).toContain("its parts are to have 8388608 B or more");
  expect(await uploadsOf(rig, key)).toEqual([]);
  // What was learned counts for the next one.
  const next = await rig.upload(18 * MiB);
  await rig.rest(next.id);
  expect(rig.count({ op: "CreateMultipartUpload", key: next.key })).toBe(1);
  await rig.saveProfile({});
});

it("S14 parts are never smaller than 5 MiB, whatever is asked for", async () => {
  await rig.script();
  const { id, key } = await rig.upload(12 * MiB, { partSizeBytes: MiB });
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await metadataOf(rig, key)).toMatchObject({ "longhaul-part-size": String(5 * MiB) });
});

it("S15 provider that takes fewer parts: the cap is found, and the file is cut to fit it", async () => {
  await rig.script({ quirks: { maxParts: 4 } });
  const { id, key, sha256 } = await rig.upload(32 * MiB);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.storedSha256(key)).toBe(sha256);
  expect(await metadataOf(rig, key)).toMatchObject({ "longhaul-part-size": String(11 * MiB) });
  expect(await logOf(rig, id)).toContain("it takes 4 parts at most");
  const kept = await rig.client.call("profile.list", null);
  expect(kept.map(({ profile }) => profile.maxParts)).toContain(4);
  expect(await uploadsOf(rig, key)).toEqual([]);
  await rig.saveProfile({});
});

it("S15 provider that takes fewer parts, as its profile says: nothing is sent twice", async () => {
  await rig.script({ quirks: { maxParts: 4 } });
  await rig.saveProfile({ maxParts: 4 });
  const { id, key } = await rig.upload(32 * MiB);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" }, movedTwiceBytes: 0 });
  expect(rig.count({ op: "UploadPart", key })).toBe(3);
  await rig.saveProfile({});
});

it("S15 file of more than a thousand parts: the last one goes first, so that a cap is found at once", async () => {
  await rig.script();
  await limitUp(20 * MiB);
  const path = join(rig.folder, "many.bin");
  const file = await open(path, "w");
  await file.truncate(1001 * 5 * MiB);
  await file.close();
  const { id } = await rig.client.call("transfer.upload", {
    sources: [{ path }],
    destination: { ...lab, prefix: "up/" },
  });
  const parts = () => rig.requests({ op: "UploadPart", key: "up/many.bin" });
  await expect.poll(() => parts().length, { timeout: 10_000 }).toBeGreaterThan(4);
  await rig.client.call("transfer.cancel", { id, keepParts: false });
  await limitUp(null);
  expect(parts().map(({ partNumber }) => partNumber)).toContain(1001);
});
