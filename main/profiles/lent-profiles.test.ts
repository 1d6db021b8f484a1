import type { LentProfile } from "#shared/local-protocol.ts";
import type { Profile } from "#shared/profile.ts";
import { expect, it } from "vitest";
import { ProfileId } from "#shared/profile.ts";
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
const nothingSaved = { find: () => undefined };

it("gives what is lent until nobody holds it and it is dropped", async () => {
  const lent = new LentProfiles(nothingSaved);
  expect([lent.find(id), lent.credentials(id)]).toEqual([undefined, null]);
  lent.hold(lend("AK1"));
  lent.hold(lend("AK1"));
  expect(lent.find(id)).toBe(profile);
  const keys = await lent.credentials(id)?.get(new AbortController().signal);
  expect(keys?.accessKeyId).toBe("AK1");
  lent.release(id);
  expect(lent.unheld()).toEqual([]);
  lent.release(id);
  expect(lent.unheld()).toEqual([id]);
  lent.drop(id);
  expect(lent.find(id)).toBe(undefined);
});

it("never signs with the keys of two accounts for one place", () => {
  const lent = new LentProfiles(nothingSaved);
  lent.hold(lend("AK1"));
  expect(() => lent.hold(lend("AK2"))).toThrow("uses other keys for AWS");
  expect(() => lent.hold({ profile, keys: null })).toThrow("uses other keys for AWS");
  lent.release(id);
  expect(lent.unheld()).toEqual([id]);
});

it("takes newer temporary keys in place of older ones", async () => {
  const lent = new LentProfiles(nothingSaved);
  lent.hold(lend("ASIA1", "token"));
  lent.hold(lend("ASIA2", "token"));
  const keys = await lent.credentials(id)?.get(new AbortController().signal);
  expect(keys?.accessKeyId).toBe("ASIA2");
});

it("prefers a saved profile, which nobody can lend other keys for", () => {
  const saved = { ...profile, name: "Saved" };
  const lent = new LentProfiles({ find: () => saved });
  lent.hold(lend("AK1"));
  expect([lent.find(id), lent.credentials(id)]).toEqual([saved, null]);
});
