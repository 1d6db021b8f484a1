import { expect, it } from "vitest";
import { Profile } from "#shared/profile.ts";
import { identityWords, kindWords } from "./profile-words.ts";

const profile = Profile.parse({
  id: "p",
  name: "p",
  preset: "minio",
  endpoint: { kind: "url", url: "https://minio.lab:9000/s3" },
  region: "eu-1",
  addressing: "path",
  bucket: null,
  credentials: { kind: "stored", accessKeyId: "mira" },
  partSizeBytes: null,
  connections: null,
});

it("says what kind of endpoint it is, and where", () => {
  expect(kindWords(profile)).toBe("MinIO, minio.lab:9000");
  expect(kindWords({ ...profile, preset: "aws", endpoint: { kind: "aws" } })).toBe("AWS, eu-1");
});

it("says as whom requests are made", () => {
  expect(identityWords(profile)).toBe("as mira");
  expect(identityWords({ ...profile, credentials: { kind: "anonymous" } })).toBe("anonymous");
  expect(identityWords({ ...profile, preset: "practice" })).toBe("nothing leaves it");
});
