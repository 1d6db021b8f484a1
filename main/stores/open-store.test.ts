import { describe, expect, it } from "vitest";
import { ProfileId } from "#shared/profile.ts";
import type { Profile } from "#shared/profile.ts";
import { FakeClock } from "../flow/fake-clock.ts";
import { fixedCredentials } from "../profiles/credentials.ts";
import type { Credentials } from "../profiles/credentials.ts";
import { keepsConditions, listBucketsOf, openStore } from "./open-store.ts";
import type { StorePorts } from "./open-store.ts";
import type { ObjectInfo } from "./store.ts";

const never = new AbortController().signal;
const KEYS: Credentials = {
  accessKeyId: "AKID",
  secretAccessKey: "SECRET",
  sessionToken: null,
  expiresAtMs: null,
};
const OBJECT: ObjectInfo = {
  key: "k",
  sizeBytes: 1,
  etag: '"e"',
  versionId: null,
  modifiedAtMs: 0,
};

function profileOf(more: Partial<Profile> = {}): Profile {
  return {
    id: ProfileId.parse("p1"),
    name: "Lab",
    preset: "custom",
    endpoint: { kind: "url", url: "https://lab.example:9000" },
    region: "us-east-1",
    addressing: "auto",
    bucket: null,
    credentials: { kind: "anonymous" },
    partSizeBytes: null,
    connections: null,
    ...more,
  };
}

const PORTS: StorePorts = {
  credentials: () => fixedCredentials({ ...KEYS, accessKeyId: "OFPROFILE" }),
  practice: async (folder) => {
    return { endpoint: "http://127.0.0.1:40123", region: folder, credentials: KEYS };
  },
  clock: new FakeClock(),
};

function at(url: string): Profile["endpoint"] {
  return { kind: "url", url };
}

async function signedBy(profile: Profile): Promise<{ url: string; authorization: string }> {
  const store = await openStore(profile, "models", PORTS, never);
  const { request } = await store.sign({ kind: "get", object: OBJECT, range: null }, never);
  return { url: request.url, authorization: request.headers["authorization"] ?? "" };
}

async function conditionOf(profile: Profile): Promise<string | undefined> {
  const store = await openStore(profile, "models", PORTS, never);
  const put = {
    kind: "put",
    key: "k",
    sizeBytes: 1,
    sha256: "00".repeat(32),
    condition: { kind: "absent" },
  } as const;
  const { request } = await store.sign(put, never);
  return request.headers["if-none-match"];
}

describe("opening a profile's store", () => {
  it("goes where the profile says, with the profile's keys", async () => {
    const { url, authorization } = await signedBy(profileOf());
    expect(url).toBe("https://lab.example:9000/models/k");
    expect(authorization).toContain("Credential=OFPROFILE/20260101/us-east-1/s3/");
  });

  it("finds AWS by the region", async () => {
    const { url } = await signedBy(profileOf({ endpoint: { kind: "aws" }, region: "eu-west-1" }));
    expect(url).toBe("https://models.s3.eu-west-1.amazonaws.com/k");
  });

  it("finds the practice store wherever it listens now", async () => {
    const endpoint = { kind: "practice", folder: "practice-region" } as const;
    const { url, authorization } = await signedBy(profileOf({ endpoint, preset: "practice" }));
    expect(url).toBe("http://127.0.0.1:40123/models/k");
    expect(authorization).toContain("Credential=AKID/20260101/practice-region/s3/");
  });

  it.each([
    profileOf({ preset: "aws", endpoint: { kind: "aws" } }),
    profileOf({ preset: "custom", endpoint: { kind: "aws" } }),
    profileOf({ preset: "r2", endpoint: at("https://0a1b.r2.cloudflarestorage.com") }),
    profileOf({ preset: "r2", endpoint: at("https://0a1b.eu.r2.cloudflarestorage.com") }),
    profileOf({ preset: "custom", endpoint: at("https://s3.eu-west-1.amazonaws.com") }),
    profileOf({ preset: "practice", endpoint: { kind: "practice", folder: "x" } }),
  ])("leaves conditions to servers that keep them (%#)", async (profile) => {
    expect(await conditionOf(profile)).toBe("*");
  });

  it.each([
    ["https://lab.example", false],
    ["https://amazonaws.com.lab.example", false],
    ["https://xamazonaws.com", false],
    ["https://0a1b.r2.cloudflarestorage.com", true],
  ])("judges an endpoint by its address: %s", (url, isKept) => {
    expect(keepsConditions(at(url))).toBe(isKept);
  });

  it("asks first where only the preset says that conditions are kept", async () => {
    for (const preset of ["aws", "r2", "practice"] as const) {
      // Nothing listens there: that it is asked is enough.
      const profile = profileOf({ preset, endpoint: at("http://127.0.0.1:1") });
      await expect(conditionOf(profile)).rejects.toMatchObject({ code: "unreachable" });
    }
  });

  it("refuses an endpoint with a password in it", async () => {
    const endpoint = { kind: "url", url: "https://user:canary@lab.example" } as const;
    const opened = openStore(profileOf({ endpoint }), "models", PORTS, never);
    await expect(opened).rejects.toMatchObject({ code: "invalid" });
    await expect(opened).rejects.not.toThrow("canary");
  });

  it("offers a profile's only bucket without asking the server", async () => {
    expect(await listBucketsOf(profileOf({ bucket: "only" }), PORTS, never)).toEqual(["only"]);
  });
});
