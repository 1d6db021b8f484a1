import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PutObjectCommand, S3ServiceException } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ItemView } from "#shared/transfer.ts";
import { KiB, MiB } from "../bytes/sizes.ts";
import { FaultRig, sha256Of } from "./fault-rig.ts";
import { lab, uploadsOf } from "./lab-bucket.ts";
import { itemsOf } from "./rig-views.ts";

let rig: FaultRig;

beforeAll(async () => {
  rig = await FaultRig.open();
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
  return { items: await itemsOf(rig, id), won, digests };
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
