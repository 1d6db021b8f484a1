import { chmod, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { explainError } from "#shared/error-words.ts";
import { toErrorInfo } from "#shared/errors.ts";
import { ProfileId } from "#shared/profile.ts";
import { SecretFile } from "./secret-file.ts";

const lab = ProfileId.parse("lab");
const other = ProfileId.parse("other");
const CANARY = "canary-secret-access-key";
const SECRET = { secretAccessKey: CANARY };

let folder: string;
let path: string;
let file: SecretFile;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "longhaul-secrets-"));
  path = join(folder, "secrets.json");
  file = new SecretFile(path);
});
afterEach(() => rm(folder, { recursive: true }));

describe("SecretFile", () => {
  it("gives back what was set, also to the next process", async () => {
    await file.set(lab, { ...SECRET, sessionToken: "token" });
    await file.set(other, { secretAccessKey: "second" });
    const again = new SecretFile(path);
    expect(await again.get(lab)).toEqual({ ...SECRET, sessionToken: "token" });
    expect(await again.get(other)).toEqual({ secretAccessKey: "second" });
  });

  it("has none before the first, and none after the last is removed", async () => {
    expect(await file.get(lab)).toBeNull();
    await file.remove(lab);
    await file.set(lab, SECRET);
    await file.remove(lab);
    expect(await file.get(lab)).toBeNull();
    expect(await readFile(path, "utf8")).not.toContain(CANARY);
  });

  it("is readable by its user only", async () => {
    await file.set(lab, SECRET);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("loses none of many changes at once", async () => {
    const ids = Array.from({ length: 20 }, (_, number) => ProfileId.parse(`profile-${number}`));
    await Promise.all(ids.map((id) => file.set(id, { secretAccessKey: `secret of ${id}` })));
    await Promise.all(ids.slice(0, 10).map((id) => file.remove(id)));
    const kept = await Promise.all(ids.map((id) => file.get(id)));
    expect(kept.filter((secret) => secret !== null)).toHaveLength(10);
  });

  it("begins again where a write was cut short", async () => {
    await file.set(lab, SECRET);
    await writeFile(`${path}.tmp`, "half of it", { mode: 0o644 });
    await file.set(other, SECRET);
    expect(await file.get(lab)).toEqual(SECRET);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});

describe("a file that is not used", () => {
  const refusal = (message: string) =>
    expect.objectContaining({
      code: "credentials-missing",
      message: expect.stringContaining(message),
      details: { path },
    });

  it.each([0o640, 0o604, 0o660])("because others could read it: mode %o", async (mode) => {
    await file.set(lab, SECRET);
    await chmod(path, mode);
    await expect(file.get(lab)).rejects.toThrow(refusal(`chmod 600 "${path}"`));
    await expect(file.set(other, SECRET)).rejects.toThrow(refusal("other users can read it"));
  });

  it("because it is a link", async () => {
    await writeFile(join(folder, "elsewhere"), "{}", { mode: 0o600 });
    await symlink(join(folder, "elsewhere"), path);
    await expect(file.get(lab)).rejects.toThrow(refusal("cannot be opened"));
  });

  it.each([
    ["no JSON", `{"secret": "${CANARY}`],
    ["another version", `{"version":2,"secrets":{"lab":{"secretAccessKey":"${CANARY}"}}}`],
    ["another shape", `{"version":1,"secrets":{"lab":"${CANARY}"}}`],
  ])("because it is %s, without repeating what is in it", async (_title, text) => {
    await writeFile(path, text, { mode: 0o600 });
    const error: unknown = await file.get(lab).catch((thrown: unknown) => thrown);
    expect(error).toEqual(refusal("it is damaged, or of a newer version of Longhaul"));
    expect(JSON.stringify([error, toErrorInfo(error), String(error)])).not.toContain(CANARY);
    expect(await readFile(path, "utf8")).toBe(text);
  });

  it("says so in words, with the way out", async () => {
    await file.set(lab, SECRET);
    await chmod(path, 0o644);
    const error: unknown = await file.get(lab).catch((thrown: unknown) => thrown);
    const words = explainError(toErrorInfo(error));
    expect(words.what).toBe(`The keys in ${path} are not used.`);
    expect(words.why).toContain(`run: chmod 600 "${path}"`);
    expect(JSON.stringify(words)).not.toContain(CANARY);
  });
});
