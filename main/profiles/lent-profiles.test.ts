import type { LentProfile } from "#shared/local-protocol.ts";
import type { Profile } from "#shared/profile.ts";
import { expect, it } from "vitest";
import { ProfileId } from "#shared/profile.ts";
import { FakeClock } from "../flow/fake-clock.ts";
import { LentProfiles } from "./lent-profiles.ts";

const id = ProfileId.parse("command-line-1");
const profile: Profile = {
  id,
  name: "AWS",
  preset: "aws",
  endpoint: { kind: "aws" },
  region: "us-east-1",
  credentials: { kind: "environment" },
  addressing: "auto",
  bucket: null,
  partSizeBytes: null,
  connections: null,
};
const lend = (accessKeyId: string, sessionToken: string | null = null): LentProfile => ({
  profile,
  keys: { accessKeyId, secretAccessKey: "s", sessionToken, expiresAtMs: null },
});
const signal = new AbortController().signal;
const nobody = async () => null;

function open(saved?: Profile) {
  const hidden: string[] = [];
  const clock = new FakeClock();
  const hide = (secret: string) => void hidden.push(secret);
  const lent = new LentProfiles({ saved: { find: () => saved }, clock, hide });
  return { lent, hidden, clock };
}

it("gives what is lent until nobody holds it and it is dropped", async () => {
  const { lent } = open();
  expect([lent.find(id), lent.credentials(id)]).toEqual([undefined, null]);
  const release = lent.hold(lend("AK1"), nobody);
  const releaseToo = lent.hold(lend("AK1"), async () => null);
  expect(lent.find(id)).toBe(profile);
  const keys = await lent.credentials(id)?.get(signal);
  expect(keys?.accessKeyId).toBe("AK1");
  release();
  expect(lent.unheld()).toEqual([]);
  releaseToo();
  expect(lent.unheld()).toEqual([id]);
  lent.drop(id);
  expect(lent.find(id)).toBe(undefined);
});

it("never signs with the keys of two accounts for one place", () => {
  const { lent } = open();
  const release = lent.hold(lend("AK1"), nobody);
  expect(() => lent.hold(lend("AK2"), nobody)).toThrow("uses other keys for AWS");
  expect(() => lent.hold({ profile, keys: null }, nobody)).toThrow("uses other keys for AWS");
  release();
  expect(lent.unheld()).toEqual([id]);
});

it("takes newer temporary keys in place of older ones", async () => {
  const { lent } = open();
  lent.hold(lend("ASIA1", "token"), nobody);
  lent.hold(lend("ASIA2", "token"), nobody);
  const keys = await lent.credentials(id)?.get(signal);
  expect(keys?.accessKeyId).toBe("ASIA2");
});

it("prefers a saved profile, which nobody can lend other keys for", () => {
  const saved = { ...profile, name: "Saved" };
  const { lent } = open(saved);
  lent.hold(lend("AK1"), nobody);
  expect([lent.find(id), lent.credentials(id)]).toEqual([saved, null]);
});

const lasting = (minutes: number, accessKeyId: string, clock: FakeClock) => ({
  accessKeyId,
  secretAccessKey: `secret of ${accessKeyId}`,
  sessionToken: `token of ${accessKeyId}`,
  expiresAtMs: clock.wallMs() + minutes * 60_000,
});

it("asks who lent them for newer keys before they expire, once for all that need them", async () => {
  const { lent, clock } = open();
  let asked = 0;
  lent.hold({ profile, keys: lasting(20, "ASIA1", clock) }, async () => {
    asked += 1;
    return lasting(60, "ASIA2", clock);
  });
  const keys = lent.credentials(id);
  expect((await keys?.get(signal))?.accessKeyId).toBe("ASIA1");
  clock.advance(16 * 60_000);
  const both = await Promise.all([keys?.get(signal), keys?.get(signal)]);
  expect([both.map((one) => one?.accessKeyId), asked]).toEqual([["ASIA2", "ASIA2"], 1]);
});

it("has no keys any more when they expired and who lent them is gone", async () => {
  const { lent, clock } = open();
  const release = lent.hold({ profile, keys: lasting(4, "ASIA1", clock) }, async () =>
    lasting(60, "ASIA2", clock),
  );
  release();
  const keys = lent.credentials(id);
  expect((await keys?.get(signal))?.accessKeyId).toBe("ASIA1");
  clock.advance(5 * 60_000);
  await expect(keys?.get(signal)).rejects.toMatchObject({
    code: "credentials-expired",
    details: { profile: "AWS" },
  });
});

it("asks anew when the server refuses keys, and lets it say why where there are no others", async () => {
  const { lent, clock } = open();
  const answers = [lasting(60, "ASIA2", clock), lasting(60, "ASIA2", clock)];
  lent.hold({ profile, keys: lasting(60, "ASIA1", clock) }, async () => answers.shift() ?? null);
  const keys = lent.credentials(id);
  const first = await keys?.get(signal);
  if (first) keys?.forget(first);
  const second = await keys?.get(signal);
  expect(second?.accessKeyId).toBe("ASIA2");
  if (second) keys?.forget(second);
  expect((await keys?.get(signal))?.accessKeyId).toBe("ASIA2");
  expect(answers).toEqual([]);
});

it("hides what is lent, at first and anew", async () => {
  const { lent, hidden, clock } = open();
  lent.hold({ profile, keys: lasting(1, "ASIA1", clock) }, async () => lasting(60, "ASIA2", clock));
  await lent.credentials(id)?.get(signal);
  expect(hidden).toEqual([
    "secret of ASIA1",
    "token of ASIA1",
    "secret of ASIA2",
    "token of ASIA2",
  ]);
});
