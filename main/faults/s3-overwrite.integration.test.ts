import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PutObjectCommand, S3ServiceException } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { FaultRuleInput, FaultScriptInput } from "#shared/fault-script.ts";
import type { ProfileId, ProfileSecret } from "#shared/profile.ts";
import type { ItemView, TransferId, TransferView } from "#shared/transfer.ts";
import { KiB, MiB } from "../bytes/sizes.ts";
import { FaultRig, sha256Of } from "./fault-rig.ts";
import type { Sent } from "./fault-rig.ts";
import { hasObject, lab, uploadsOf } from "./lab-bucket.ts";

let rig: FaultRig;

beforeAll(async () => {
  const secrets = new Map<ProfileId, ProfileSecret>();
  rig = await FaultRig.open({
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

/** A folder of files that differ, named `0.bin` and so on. */
async function folderOf(name: string, count: number, sizeBytes: number): Promise<string> {
  const path = join(rig.folder, name);
  await mkdir(path);
  for (let n = 0; n < count; n += 1) await writeFile(join(path, `${n}.bin`), rig.bytes(sizeBytes));
  return path;
}

/** Writes every key once, a few at a time. @returns the keys that were free. */
async function rivalWrites(
  keys: readonly string[],
  { isPolite, restMs }: Pick<Race, "isPolite" | "restMs">,
): Promise<Set<string>> {
  const won = new Set<string>();
  const left = keys.values();
  const lane = async (): Promise<void> => {
    for (const key of left) {
      if (await rivalPuts(key, isPolite)) won.add(key);
      await sleep(restMs);
    }
  };
  await Promise.all(Array.from({ length: 6 }, lane));
  return won;
}

async function rivalPuts(Key: string, isPolite: boolean): Promise<boolean> {
  const condition = isPolite ? { IfNoneMatch: "*" } : {};
  try {
    await rig.s3.send(new PutObjectCommand({ Bucket: lab.bucket, Key, Body: RIVAL, ...condition }));
    return true;
  } catch (error) {
    const { httpStatusCode: status } =
      error instanceof S3ServiceException ? error.$metadata : { httpStatusCode: 0 };
    if (status === 412 || status === 409) return false;
    throw error;
  }
}

async function itemsOf(id: TransferId): Promise<readonly ItemView[]> {
  const { items } = await rig.client.call("transfer.items", {
    id,
    offset: 0,
    limit: 500,
    phases: [],
  });
  return items;
}

type Race = {
  readonly count: number;
  readonly sizeBytes: number;
  /** The rival, too, writes only what is free. */
  readonly isPolite: boolean;
  /** Between two writes of one of the rival's lanes. */
  readonly restMs: number;
};

async function race(
  name: string,
  { count, sizeBytes, ...rival }: Race,
): Promise<{ items: readonly ItemView[]; won: Set<string>; digests: Map<string, string> }> {
  const path = await folderOf(name, count, sizeBytes);
  await rig.script();
  const keys = Array.from({ length: count }, (_, n) => `${name}/${n}.bin`);
  const { id } = await rig.client.call("transfer.upload", {
    sources: [{ path }],
    destination: { ...lab, prefix: "" },
    onConflict: "skip",
  });
  const won = await rivalWrites(keys, rival);
  await rig.rest(id);
  const digests = new Map<string, string>();
  for (const key of keys) digests.set(key, await rig.storedSha256(key));
  return { items: await itemsOf(id), won, digests };
}

it("S31 overwrite policy: of 240 races for a free key each has one winner, whose bytes stay", async () => {
  const { items, won, digests } = await race("free", {
    count: 240,
    sizeBytes: 4 * KiB,
    isPolite: true,
    restMs: 1,
  });
  const ours = items.filter(({ phase }) => phase === "done").map((item) => `free/${item.name}`);
  expect(items.filter(({ phase }) => phase === "skipped")).toHaveLength(240 - ours.length);
  expect(ours.filter((key) => won.has(key))).toEqual([]);
  expect(ours.length + won.size).toBe(240);
  for (const [key, digest] of digests) expect(digest === sha256Of(RIVAL)).toBe(won.has(key));
});

it("S31 overwrite policy: what another program writes without asking is never replaced, 240 times", async () => {
  const { digests } = await race("rude", {
    count: 240,
    sizeBytes: 4 * KiB,
    isPolite: false,
    restMs: 1,
  });
  expect(new Set(digests.values())).toEqual(new Set([sha256Of(RIVAL)]));
});

it("S31 overwrite policy: the same with uploads in parts", async () => {
  const { digests } = await race("parts", {
    count: 16,
    sizeBytes: 6 * MiB,
    isPolite: false,
    restMs: 250,
  });
  expect(new Set(digests.values())).toEqual(new Set([sha256Of(RIVAL)]));
  for (const key of digests.keys()) expect(await uploadsOf(rig, key)).toEqual([]);
});

it("S31 overwrite policy: where the server keeps no conditions the key is looked at before Complete, and the receipt says so", async () => {
  await rig.script({ quirks: { noConditions: true } });
  const { accessKeyId, secretAccessKey } = rig.keys;
  const profile = rig.profile("elsewhere", { kind: "stored", accessKeyId });
  await rig.client.call("profile.save", { profile, secret: { secretAccessKey } });
  const destination = { ...lab, profileId: profile.id, prefix: "up/" };
  const free = await rig.upload(6 * MiB, { destination });
  expect(await rig.rest(free.id)).toMatchObject({ state: { phase: "done" } });
  const [item] = await itemsOf(free.id);
  expect(item?.receipt?.notes).toEqual([expect.stringContaining("not atomic")]);

  const taken = await takenUpload({ destination }, { noConditions: true });
  expect(await rig.storedSha256(taken.key)).toBe(sha256Of(RIVAL));
});

/** An upload whose key another program takes just when its parts are there. */
async function takenUpload(more: object, quirks: FaultScriptInput["quirks"] = {}): Promise<Sent> {
  const slow: FaultRuleInput = {
    on: { op: "UploadPart", part: 2 },
    fault: { kind: "delay", ms: 300 },
  };
  await rig.rules({ quirks, rules: [slow] });
  const sent = await rig.upload(6 * MiB, more);
  await expect.poll(() => rig.count({ op: "UploadPart", key: sent.key })).toBeGreaterThan(0);
  await rig.put(sent.key, RIVAL);
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
  expect(await logOf(id)).toContain("another write of the key");
});

it("S31 overwrite policy: an object that came after 'replace' was agreed to is asked about", async () => {
  await rig.script();
  const old = Buffer.from("what was agreed to go");
  await rig.put("up/agreed.bin", old);
  const { path } = await rig.file(6 * MiB);
  await rig.rules({
    rules: [{ on: { op: "UploadPart", part: 2 }, fault: { kind: "delay", ms: 300 } }],
  });
  const { id } = await rig.client.call("transfer.upload", {
    sources: [{ path }],
    destination: { ...lab, prefix: "up/" },
    rename: "agreed.bin",
    onConflict: "replace",
  });
  await expect.poll(() => rig.count({ op: "UploadPart", key: "up/agreed.bin" })).toBeGreaterThan(0);
  await rig.put("up/agreed.bin", RIVAL);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "paused", cause: "conflict" } });
  expect(await rig.storedSha256("up/agreed.bin")).toBe(sha256Of(RIVAL));
});

function isDone({ state }: TransferView): boolean {
  return state.phase === "done";
}

it("S29 cancel of a single PUT that lands all the same: it is said that it was too late", async () => {
  await rig.script({ on: { op: "PutObject" }, fault: { kind: "delay", ms: 1000 } });
  const { id, key, sha256 } = await rig.upload(MiB);
  await expect.poll(async () => await hasObject(rig, key), { timeout: 10_000 }).toBe(true);
  await rig.client.call("transfer.cancel", { id, keepParts: false });
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "canceled" } });
  expect(await rig.storedSha256(key)).toBe(sha256);
  await expect.poll(async () => await logOf(id)).toContain(`too late to cancel`);
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
  expect(await logOf(id)).not.toContain("too late");
});

async function logOf(id: TransferId): Promise<string> {
  const { log } = await rig.client.call("transfer.detail", { id });
  return log.map(({ text }) => text).join("\n");
}
