import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ProfileId } from "#shared/profile.ts";
import type { PlainAnswer } from "./secrets.ts";
import { SealedSecrets } from "./secrets.ts";

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "longhaul-secrets-"));
});
afterEach(() => rmSync(home, { recursive: true }));

/** Turns bytes around: enough to see that nothing is written as it is. */
function fakeKeychain(
  backend: "gnome_libsecret" | "basic_text" = "gnome_libsecret",
  isThere = true,
) {
  const turn = (bytes: Buffer) => Buffer.from(bytes.map((byte) => byte ^ 0x5a));
  return {
    isAsyncEncryptionAvailable: async () => isThere,
    encryptStringAsync: async (text: string) => turn(Buffer.from(text)),
    decryptStringAsync: async (sealed: Buffer) => ({
      result: turn(sealed).toString(),
      shouldReEncrypt: false,
    }),
    getSelectedStorageBackend: () => backend,
  };
}

const lab = ProfileId.parse("lab");
const other = ProfileId.parse("other");
const secret = { secretAccessKey: "canary-key", sessionToken: "canary-token" };
const file = () => readFileSync(join(home, "secrets-sealed.json"), "utf8");

function open(keychain = fakeKeychain(), answer: PlainAnswer = "session-only") {
  return new SealedSecrets(home, keychain, "linux", async () => answer);
}

it("keeps a secret over a restart, sealed, in a file of its user only", async () => {
  await open().set(lab, secret);
  expect(await open().get(lab)).toEqual(secret);
  expect(file()).not.toContain("canary");
  expect(statSync(join(home, "secrets-sealed.json")).mode & 0o777).toBe(0o600);
});

it("knows nothing of a profile without a secret, and forgets a removed one alone", async () => {
  const secrets = open();
  expect(await secrets.get(lab)).toBe(null);
  await secrets.remove(lab);
  await secrets.set(lab, secret);
  await secrets.set(other, secret);
  await secrets.remove(lab);
  expect([await secrets.get(lab), await secrets.get(other)]).toEqual([null, secret]);
});

it("keeps a secret in memory only where it would be readable on disk", async () => {
  const secrets = open(fakeKeychain("basic_text"));
  await secrets.set(lab, secret);
  expect(await secrets.get(lab)).toEqual(secret);
  expect(await open(fakeKeychain("basic_text")).get(lab)).toBe(null);
  expect(file).toThrow("ENOENT");
});

it("keeps it readable on disk where a person says so", async () => {
  await open(fakeKeychain("basic_text"), "keep-readable").set(lab, secret);
  expect(await open(fakeKeychain("basic_text")).get(lab)).toEqual(secret);
});

it("keeps it in memory where there is no keychain at all", async () => {
  await open(fakeKeychain("gnome_libsecret", false)).set(lab, secret);
  expect(file).toThrow("ENOENT");
});

it("takes the old one off the disk when the new one is for the session", async () => {
  await open().set(lab, secret);
  await open(fakeKeychain("basic_text")).set(lab, { secretAccessKey: "new" });
  expect(file()).toBe("{}");
});

it("says that it cannot read a secret of another keychain, without a word of it", async () => {
  await open().set(lab, secret);
  const foreign = {
    ...fakeKeychain(),
    decryptStringAsync: async () => ({ result: "canary", shouldReEncrypt: false }),
  };
  const reading = open(foreign).get(lab);
  await expect(reading).rejects.toMatchObject({ code: "credentials-missing" });
  await expect(reading).rejects.not.toThrow("canary");
});

it("never overwrites a file that it cannot read", async () => {
  writeFileSync(join(home, "secrets-sealed.json"), "{broken");
  await expect(open().set(lab, secret)).rejects.toMatchObject({ code: "credentials-missing" });
  expect(file()).toBe("{broken");
});
