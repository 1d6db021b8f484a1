import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CredentialsSource, Profile } from "#shared/profile.ts";
import { FakeClock } from "../flow/fake-clock.ts";
import { CachedCredentials } from "./cached-credentials.ts";
import { aProfile } from "./fakes.ts";
import { credentialsOf, fixedCredentials } from "./credentials.ts";
import type { CredentialPorts, Credentials } from "./credentials.ts";

const never = new AbortController().signal;

function profileOf(credentials: CredentialsSource): Profile {
  return aProfile({ credentials });
}

function portsOf(more: Partial<CredentialPorts> = {}): CredentialPorts {
  const secrets = { get: async () => null };
  return { secrets, clock: new FakeClock(), environment: {}, ...more };
}

function keys(accessKeyId: string, expiresAtMs: number | null = null): Credentials {
  return { accessKeyId, secretAccessKey: "S", sessionToken: null, expiresAtMs };
}

describe("keys that the host keeps", () => {
  const profile = profileOf({ kind: "stored", accessKeyId: "AKID" });

  it("are the profile's key id and the host's secret", async () => {
    const secrets = { get: async () => ({ secretAccessKey: "S", sessionToken: "T" }) };
    expect(await credentialsOf(profile, portsOf({ secrets })).get(never)).toEqual({
      accessKeyId: "AKID",
      secretAccessKey: "S",
      sessionToken: "T",
      expiresAtMs: null,
    });
  });

  it("are missing, by the profile's name, where this host has none", async () => {
    const got = credentialsOf(profile, portsOf()).get(never);
    await expect(got).rejects.toMatchObject({
      code: "credentials-missing",
      details: { profile: "Lab" },
    });
  });

  it("are asked for once", async () => {
    const get = vi.fn(async () => ({ secretAccessKey: "S" }));
    const provider = credentialsOf(profile, portsOf({ secrets: { get } }));
    await Promise.all([provider.get(never), provider.get(never)]);
    await provider.get(never);
    expect(get).toHaveBeenCalledTimes(1);
  });
});

describe("keys of nobody", () => {
  it("are none", async () => {
    expect(await credentialsOf(profileOf({ kind: "anonymous" }), portsOf()).get(never)).toBeNull();
    expect(await fixedCredentials(null).get(never)).toBeNull();
  });
});

describe("keys of the environment", () => {
  const profile = profileOf({ kind: "environment" });

  it("are the AWS tools' variables", async () => {
    const environment = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "S" };
    const provider = credentialsOf(profile, portsOf({ environment }));
    expect(await provider.get(never)).toEqual(keys("AKID"));
  });

  it("win over AWS_PROFILE, as in aws-cli, and bring their token", async () => {
    const environment = {
      AWS_ACCESS_KEY_ID: "AKID",
      AWS_SECRET_ACCESS_KEY: "S",
      AWS_SESSION_TOKEN: "T",
      AWS_PROFILE: "lab",
    };
    const provider = credentialsOf(profile, portsOf({ environment }));
    expect(await provider.get(never)).toMatchObject({ accessKeyId: "AKID", sessionToken: "T" });
  });
});

/** A folder that the AWS tools take for `~/.aws`; what it holds, they find. */
function useAwsFolder(): (name: string, text: string) => Promise<string> {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "longhaul-aws-"));
    vi.stubEnv("AWS_CONFIG_FILE", join(folder, "config"));
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "credentials"));
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) vi.stubEnv(name, undefined);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });
  return async (name, text) => {
    await writeFile(join(folder, name), text, { mode: 0o700 });
    return join(folder, name);
  };
}

const lab = profileOf({ kind: "aws-profile", profileName: "lab" });

describe("keys of an AWS profile", () => {
  const write = useAwsFolder();

  it("are read from its file, again once they were refused", async () => {
    await write("config", "[profile lab]\nregion = eu-west-1\n");
    await write("credentials", "[lab]\naws_access_key_id = A1\naws_secret_access_key = S\n");
    const provider = credentialsOf(lab, portsOf());
    const first = await provider.get(never);
    expect(first).toEqual(keys("A1"));
    await write("credentials", "[lab]\naws_access_key_id = A2\naws_secret_access_key = S\n");
    expect(await provider.get(never)).toEqual(keys("A1"));
    provider.forget(keys("A1"));
    expect(await provider.get(never)).toEqual(keys("A2"));
  });

  it("come from a program, with the time of their end", async () => {
    const answer = {
      Version: 1,
      AccessKeyId: "A3",
      SecretAccessKey: "S",
      SessionToken: "T",
      Expiration: "2099-01-01T00:00:00Z",
    };
    const program = await write("program", `#!/bin/sh\necho '${JSON.stringify(answer)}'\n`);
    await write("config", `[profile lab]\ncredential_process = ${program}\n`);
    await write("credentials", "");
    expect(await credentialsOf(lab, portsOf()).get(never)).toEqual({
      accessKeyId: "A3",
      secretAccessKey: "S",
      sessionToken: "T",
      expiresAtMs: Date.UTC(2099, 0, 1),
    });
  });
});

describe("keys of an AWS profile that has none", () => {
  const write = useAwsFolder();

  it("are missing, without a word of what a program said", async () => {
    await write("config", "[profile lab]\ncredential_process = /bin/echo canary --token canary\n");
    await write("credentials", "");
    const got = credentialsOf(lab, portsOf()).get(never);
    await expect(got).rejects.toMatchObject({
      code: "credentials-missing",
      message: "the AWS profile lab has no usable keys",
      details: { profile: "lab" },
    });
    const failure: unknown = await got.catch((thrown: unknown) => thrown);
    expect(JSON.stringify([failure, String(failure)])).not.toContain("canary");
  });

  it("are missing where there is no such profile, or nothing in the environment", async () => {
    const missing = { code: "credentials-missing" };
    await expect(credentialsOf(lab, portsOf()).get(never)).rejects.toMatchObject(missing);
    const environment = credentialsOf(profileOf({ kind: "environment" }), portsOf());
    await expect(environment.get(never)).rejects.toMatchObject(missing);
  });

  it("of AWS_PROFILE serve the environment without keys of its own", async () => {
    vi.stubEnv("AWS_PROFILE", "lab");
    await write("credentials", "[lab]\naws_access_key_id = A4\naws_secret_access_key = S\n");
    const provider = credentialsOf(profileOf({ kind: "environment" }), portsOf());
    expect(await provider.get(never)).toEqual(keys("A4"));
  });
});

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

describe("keys that expire", () => {
  it("are asked for anew five minutes before", async () => {
    const clock = new FakeClock(START);
    const read = vi.fn(async () => keys(`K${read.mock.calls.length}`, clock.wallMs() + HOUR));
    const provider = new CachedCredentials(read, clock);
    expect(await provider.get(never)).toMatchObject({ accessKeyId: "K1" });
    clock.advance(HOUR - 5 * 60_000 - 1);
    expect(await provider.get(never)).toMatchObject({ accessKeyId: "K1" });
    clock.advance(1);
    expect(await provider.get(never)).toMatchObject({ accessKeyId: "K2" });
  });

  it("serve until their end when their source is away by then", async () => {
    const clock = new FakeClock(START);
    const read = vi.fn(async () => keys("K", START + HOUR));
    const provider = new CachedCredentials(read, clock);
    await provider.get(never);
    read.mockRejectedValue(new Error("away"));
    clock.advance(HOUR - 60_000);
    expect(await provider.get(never)).toMatchObject({ accessKeyId: "K" });
    clock.advance(60_000);
    await expect(provider.get(never)).rejects.toThrow("away");
  });

  it("that come with little time left are asked for again after 15 s, not with every request", async () => {
    const clock = new FakeClock(START);
    const read = vi.fn(async () => keys("K", clock.wallMs() + 60_000));
    const provider = new CachedCredentials(read, clock);
    for (let second = 0; second < 31; second += 1) {
      await provider.get(never);
      clock.advance(1000);
    }
    expect(read).toHaveBeenCalledTimes(3);
  });
});

describe("the source of keys", () => {
  it("is asked once, however many requests need them", async () => {
    const read = vi.fn(async () => keys("K", START));
    const provider = new CachedCredentials(read, new FakeClock(START));
    await Promise.all(Array.from({ length: 20 }, async () => provider.get(never)));
    expect(read).toHaveBeenCalledTimes(1);
  });

  it("is not asked when others were refused", async () => {
    const read = vi.fn(async () => keys("new"));
    const provider = new CachedCredentials(read, new FakeClock(START));
    await provider.get(never);
    provider.forget(keys("old"));
    await provider.get(never);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it("is asked again after a failure", async () => {
    const read = vi.fn(async () => keys("K"));
    read.mockRejectedValueOnce(new Error("first"));
    const provider = new CachedCredentials(read, new FakeClock(START));
    await expect(provider.get(never)).rejects.toThrow("first");
    expect(await provider.get(never)).toEqual(keys("K"));
  });

  it("is not waited for by who was canceled, and still answers the others", async () => {
    const { promise, resolve } = Promise.withResolvers<Credentials>();
    const provider = new CachedCredentials(async () => promise, new FakeClock(START));
    const cancel = new AbortController();
    const one = provider.get(cancel.signal);
    const other = provider.get(never);
    cancel.abort();
    await expect(one).rejects.toMatchObject({ name: "AbortError" });
    resolve(keys("K"));
    expect(await other).toEqual(keys("K"));
  });

  it("is given up when it does not answer", async () => {
    const timeout = vi
      .spyOn(AbortSignal, "timeout")
      .mockReturnValue(AbortSignal.abort(new DOMException("late", "TimeoutError")));
    const silent = async () => new Promise<Credentials>(() => undefined);
    const got = new CachedCredentials(silent, new FakeClock(START)).get(never);
    await expect(got).rejects.toMatchObject({ code: "credentials-missing" });
    expect(timeout).toHaveBeenCalledWith(30_000);
    timeout.mockRestore();
  });
});
