import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import type { ProfileSecret } from "#shared/profile.ts";
import { ProfileId } from "#shared/profile.ts";
import { MiB } from "../bytes/sizes.ts";
import { MemorySecrets } from "../profiles/fakes.ts";
import { FaultRig } from "./fault-rig.ts";
import type { Sent } from "./fault-rig.ts";

const EXPIRED = { kind: "answer", status: 400, code: "ExpiredToken" } as const;
const SLOWLY = { kind: "delay", ms: 300 } as const;
/** Of what the engine waits for by itself. */
const PACE = 20;

let rig: FaultRig;

beforeAll(async () => {
  rig = await FaultRig.open({ pace: PACE, host: { secrets: new MemorySecrets() } });
  await rig.client.call("settings.set", { maxUploads: 6 });
  // Keys of a program, as a company's sign-in has them: what it says lies in a file.
  const config = join(rig.folder, "aws-config");
  const command = `sh -c 'echo asked >> "${rig.folder}/asked"; cat "${rig.folder}/said.json"'`;
  writeFileSync(config, `[profile sso]\ncredential_process = ${command}\n`);
  vi.stubEnv("AWS_CONFIG_FILE", config);
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(rig.folder, "none"));
}, 60_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  await rig.close();
});

beforeEach(() => {
  writeFileSync(join(rig.folder, "asked"), "");
});

/** What the program says from now on. */
function signIn(token: string, lifeSeconds: number): void {
  const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey } = rig.keys;
  const Expiration = new Date(Date.now() + lifeSeconds * 1000).toISOString();
  const said = { Version: 1, AccessKeyId, SecretAccessKey, SessionToken: token, Expiration };
  writeFileSync(join(rig.folder, "said.json"), JSON.stringify(said));
}

function askedCount(): number {
  return readFileSync(join(rig.folder, "asked"), "utf8").split("\n").length - 1;
}

/** Saves a profile that is signed for by the program, and answers where to send to. */
async function programProfile(id: string) {
  return await saved(id, { kind: "aws-profile", profileName: "sso" }, null);
}

async function saved(
  id: string,
  credentials: Parameters<FaultRig["profile"]>[1],
  secret: ProfileSecret | null,
) {
  await rig.client.call("profile.save", { profile: rig.profile(id, credentials), secret });
  const profileId = ProfileId.parse(id);
  return { destination: { profileId, bucket: "lab", prefix: "up/" } };
}

it("S8 keys that expire in the middle: each part under way is sent once more, signed with the next ones", async () => {
  signIn("one", 3600);
  const there = await programProfile("program");
  await rig.script({});
  const { id, key, sha256 } = await rig.upload(80 * MiB, there);
  await rig.until(id, ({ doneBytes }) => doneBytes > 0);
  signIn("two", 3600);
  await rig.rules({ rules: [{ on: { token: "one" }, times: null, fault: EXPIRED }] });
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.storedSha256(key)).toBe(sha256);
  expect(new Set(rig.errors())).toEqual(new Set(["server-failed ExpiredToken"]));
  expect(rig.count({ status: 400 })).toBeLessThanOrEqual(8);
  expect(rig.count({ op: "UploadPart", status: 200 })).toBe(16);
  expect(askedCount()).toBe(2);
});

it("S8 keys that live for a minute: are used, and their source is not asked with every request", async () => {
  signIn("short", 60);
  const there = await programProfile("short");
  await rig.script({});
  const { id, key, sha256 } = await rig.upload(80 * MiB, there);
  expect(await rig.rest(id)).toMatchObject({ state: { phase: "done" } });
  expect(await rig.storedSha256(key)).toBe(sha256);
  // The pace makes 15 s of it less than one.
  expect(askedCount()).toBeLessThanOrEqual(8);
  expect(rig.count({ status: 400 })).toBe(0);
});

it("S8 source that gives spent keys for spent keys: one try with them, and the transfer waits", async () => {
  signIn("spent-1", 3600);
  const there = await programProfile("spent");
  await rig.script({ on: { op: "UploadPart" }, times: null, fault: EXPIRED });
  const { id } = await rig.upload(5 * MiB + 1, there);
  const error = { code: "credentials-expired" };
  expect(await rig.rest(id)).toMatchObject({
    state: { phase: "paused", cause: "credentials", error },
  });
  expect(rig.count({ op: "UploadPart" })).toBeLessThanOrEqual(4);
  await rig.client.call("transfer.cancel", { id, keepParts: false });
});

it("S8 sign-in with another program: what waited for it goes on by itself, and no part that was answered is sent twice", async () => {
  signIn("morning", 3600);
  const there = await programProfile("day");
  await rig.script({ on: { op: "UploadPart" }, times: null, fault: SLOWLY });
  const { id, key, sha256 } = await rig.upload(80 * MiB, there);
  await rig.until(id, ({ doneBytes }) => doneBytes > 0);
  await rig.rules({ rules: [{ on: { token: "morning" }, times: null, fault: EXPIRED }] });
  const waiting = await rig.rest(id);
  expect(waiting).toMatchObject({ state: { phase: "paused", cause: "credentials" } });
  expect(waiting.doneBytes).toBeGreaterThan(0);
  signIn("noon", 3600);
  await rig.until(id, ({ state }) => state.phase === "done");
  expect(await rig.storedSha256(key)).toBe(sha256);
  // One or two that the store takes just as the transfer stops are not known to be there.
  expect(rig.count({ op: "UploadPart", status: 200 })).toBeGreaterThanOrEqual(16);
  expect(rig.count({ op: "UploadPart", status: 200 })).toBeLessThanOrEqual(18);
});

it("S8 keys that cannot be renewed under 6 transfers: all wait for the one profile, and one answer lets all go on", async () => {
  const { accessKeyId, secretAccessKey } = rig.keys;
  const stored = { kind: "stored", accessKeyId } as const;
  const secret = { secretAccessKey, sessionToken: "one" };
  const there = await saved("hand", stored, secret);
  await rig.script({
    on: { token: "one", op: "UploadPart" },
    skip: 3,
    times: null,
    fault: EXPIRED,
  });
  const sent: Sent[] = [];
  for (let nth = 0; nth < 6; nth += 1) sent.push(await rig.upload(20 * MiB, there));
  const waiting = await Promise.all(sent.map(async ({ id }) => await rig.rest(id)));
  for (const view of waiting) {
    const error = { code: "credentials-expired", details: { profile: "hand" } };
    expect(view.state).toMatchObject({ phase: "paused", cause: "credentials", error });
  }
  const taken = (key: string) => rig.count({ op: "UploadPart", key, status: 200 });
  const asked = rig.count({});
  // Nothing is asked for while they wait, however long.
  await new Promise((passed) => setTimeout(passed, 1000));
  expect(rig.count({})).toBe(asked);
  await saved("hand", stored, { ...secret, sessionToken: "two" });
  for (const { id, key, sha256 } of sent) {
    await rig.until(id, ({ state }) => state.phase === "done");
    expect(await rig.storedSha256(key)).toBe(sha256);
  }
  // Of the three that were taken before, one that was on its way when others were refused goes again.
  const parts = sent.reduce((sum, { key }) => sum + taken(key), 0);
  expect(parts).toBeGreaterThanOrEqual(6 * 4);
  expect(parts).toBeLessThanOrEqual(6 * 4 + 3);
});
