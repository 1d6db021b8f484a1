import { describe, expect, it } from "vitest";
import type { Profile } from "#shared/profile.ts";
import { ProfileId } from "#shared/profile.ts";
import { draftOf, needsSecret, newDraft, readDraft, withPreset } from "./profile-draft.ts";

const id = ProfileId.parse("lab");
const typed = {
  ...newDraft("minio"),
  name: "lab",
  url: "minio.lab:9000/",
  accessKeyId: "mira",
  secretKey: " s3cret ",
};
const kept: Profile = {
  id,
  name: "lab",
  preset: "minio",
  endpoint: { kind: "url", url: "https://minio.lab:9000" },
  region: "us-east-1",
  addressing: "path",
  bucket: null,
  credentials: { kind: "stored", accessKeyId: "mira" },
  partSizeBytes: null,
  connections: null,
};

function problemsOf(change: Partial<typeof typed>, saved?: Profile) {
  const read = readDraft({ ...typed, ...change }, id, saved);
  return read.ok ? [] : Object.keys(read.problems);
}

it("reads limits with their units, and keeps none where neither way has one", () => {
  const read = (change: object) => readDraft({ ...typed, ...change }, id, undefined);
  expect(read({ upLimit: "40Mbit" })).toMatchObject({
    ok: true,
    profile: { limits: { upBytesPerSecond: 5_000_000, downBytesPerSecond: null } },
  });
  expect(problemsOf({ downLimit: "40" })).toEqual(["downLimit"]);
  const limits = { upBytesPerSecond: null, downBytesPerSecond: 1_000_000 };
  expect(readDraft(draftOf({ ...kept, limits }), id, kept)).toMatchObject({
    profile: { limits },
  });
});

describe("reading what was typed", () => {
  it("keeps what uploads say, as it was kept or is typed", () => {
    const upload = { contentType: "text/plain", encryption: { kind: "s3" } } as const;
    const access = { requesterPays: true };
    const draft = draftOf({ ...kept, upload, access });
    expect(readDraft(draft, id, kept)).toMatchObject({ ok: true, profile: { upload, access } });
    const object = { ...draft.object, contentType: "", encryption: "" as const };
    const read = readDraft({ ...draft, object }, id, kept);
    expect(read.ok ? Object.keys(read.profile) : []).not.toContain("upload");
    expect(problemsOf({ object: { ...draft.object, tags: "no pair" } })).toEqual(["object"]);
  });

  it("gives a profile, and the secret apart from it", () => {
    expect(readDraft(typed, id, undefined)).toEqual({
      ok: true,
      profile: kept,
      secret: { secretAccessKey: "s3cret" },
    });
  });

  it("takes the default for what was left empty, and units where there are some", () => {
    const read = readDraft({ ...typed, partSize: "64 MiB", connections: "12" }, id, undefined);
    expect(read).toMatchObject({ profile: { partSizeBytes: 64 * 1024 * 1024, connections: 12 } });
  });

  it("S15 takes how many parts an upload may have, where the provider takes fewer", () => {
    const read = readDraft({ ...typed, maxParts: " 1000 " }, id, undefined);
    expect(read).toMatchObject({ profile: { maxParts: 1000 } });
    const aws = readDraft({ ...typed, preset: "aws", maxParts: "1000" }, id, undefined);
    expect(aws.ok && "maxParts" in aws.profile).toBe(false);
  });

  it("takes a certificate's SHA-256 with or without colons, and an authority's file", () => {
    const pin = "AB:".repeat(31) + "AB";
    const read = readDraft({ ...typed, caFile: " /etc/ca.pem ", pinnedSha256: pin }, id, undefined);
    const trust = { caFile: "/etc/ca.pem", pinnedSha256: "ab".repeat(32) };
    expect(read).toMatchObject({ profile: { trust } });
  });

  it.each([
    ["no name", { name: " " }, "name"],
    ["no address", { url: "" }, "url"],
    ["another scheme", { url: "ftp://minio.lab" }, "url"],
    ["keys in the address", { url: "https://a:b@minio.lab" }, "url"],
    ["no region", { region: "" }, "region"],
    ["a size without a unit", { partSize: "16" }, "partSize"],
    ["parts that are too small", { partSize: "4 MiB" }, "partSize"],
    ["parts of half a MiB more", { partSize: "16.5 MiB" }, "partSize"],
    ["no connection", { connections: "0" }, "connections"],
    ["one part", { maxParts: "1" }, "maxParts"],
    ["more parts than S3 knows", { maxParts: "10001" }, "maxParts"],
    ["a pin that is no SHA-256", { pinnedSha256: "ab:cd" }, "pinnedSha256"],
    ["no access key", { accessKeyId: "" }, "accessKeyId"],
    ["no secret key", { secretKey: "" }, "secretKey"],
    ["no profile of ~/.aws", { credentials: "aws-profile" as const }, "awsProfile"],
  ])("refuses %s", (_name, change, field) => {
    expect(problemsOf(change)).toEqual([field]);
  });

  it("needs no keys where none are used", () => {
    expect(problemsOf({ credentials: "anonymous", accessKeyId: "", secretKey: "" })).toEqual([]);
  });
});

describe("the kept secret", () => {
  it("stays while the endpoint does", () => {
    expect(problemsOf({ secretKey: "", region: "eu-1" }, kept)).toEqual([]);
  });

  it("is not given to another endpoint", () => {
    const draft = { ...draftOf(kept), url: "https://elsewhere.example" };
    expect(needsSecret(draft, kept)).toBe(true);
  });

  it("never shows in a draft", () => {
    expect(draftOf(kept).secretKey).toBe("");
  });
});

describe("another kind", () => {
  it("brings its region and addressing", () => {
    expect(withPreset(newDraft("aws"), "r2")).toMatchObject({ region: "auto", addressing: "path" });
  });

  it("leaves what was changed by hand", () => {
    const draft = { ...newDraft("aws"), region: "eu-west-3" };
    expect(withPreset(draft, "ceph").region).toBe("eu-west-3");
  });
});

it("shows what is kept, and reads it back unchanged", () => {
  const full = {
    ...kept,
    bucket: "data",
    partSizeBytes: 32 * 1024 * 1024,
    connections: 8,
    maxParts: 1000,
    trust: { pinnedSha256: "ab".repeat(32) },
  };
  const read = readDraft(draftOf(full), id, full);
  expect(read).toEqual({ ok: true, profile: full, secret: null });
});
