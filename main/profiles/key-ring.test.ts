import { expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import type { Profile } from "#shared/profile.ts";
import type { CredentialProvider, Credentials } from "./credentials.ts";
import { aProfile } from "./fakes.ts";
import { KeyRing } from "./key-ring.ts";

const never = new AbortController().signal;
const lab = aProfile({ credentials: { kind: "aws-profile", profileName: "lab" } });

function keys(accessKeyId: string): Credentials {
  return { accessKeyId, secretAccessKey: "S", sessionToken: null, expiresAtMs: null };
}

/** A ring whose source says what `said` is now. */
function ringOf(said: { now: Credentials | null }) {
  const made: Profile[] = [];
  const ring = new KeyRing((profile): CredentialProvider => {
    made.push(profile);
    return {
      get: async () => {
        if (said.now === null) throw new LonghaulError("credentials-missing", "none");
        return said.now;
      },
      forget: () => undefined,
    };
  });
  return { ring, made };
}

it("gives all stores of a profile the same provider, until the profile is another", () => {
  const { ring, made } = ringOf({ now: keys("a") });
  expect(ring.of(lab)).toBe(ring.of({ ...lab, bucket: "other" }));
  ring.of({ ...lab, credentials: { kind: "environment" } });
  ring.forget(lab.id);
  ring.of({ ...lab, credentials: { kind: "environment" } });
  expect(made).toHaveLength(3);
});

it("knows whether there are other keys than were refused, also after a restart of the source", async () => {
  const said = { now: keys("a") as Credentials | null };
  const { ring } = ringOf(said);
  expect(await ring.hasOthers(lab, never)).toBe(true);
  ring.of(lab).forget(keys("a"));
  expect(await ring.hasOthers(lab, never)).toBe(false);
  ring.forget(lab.id);
  expect(await ring.hasOthers(lab, never)).toBe(false);
  said.now = null;
  expect(await ring.hasOthers(lab, never)).toBe(false);
  said.now = keys("b");
  expect(await ring.hasOthers(lab, never)).toBe(true);
});

it("does not ask a keychain that gave nothing", async () => {
  const { ring, made } = ringOf({ now: keys("a") });
  expect(await ring.hasOthers(aProfile(), never)).toBe(false);
  expect(made).toEqual([]);
});
