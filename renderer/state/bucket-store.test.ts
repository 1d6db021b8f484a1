import { beforeEach, expect, it } from "vitest";
import { LonghaulError } from "#shared/errors.ts";
import { Profile } from "#shared/profile.ts";
import { fakeHost } from "../host/fake-host.ts";
import { loadBuckets, useBucketStore } from "./bucket-store.ts";

const profile = Profile.parse({
  id: "lab",
  name: "lab",
  preset: "minio",
  endpoint: { kind: "url", url: "http://minio.lab:9000" },
  region: "us-east-1",
  addressing: "auto",
  bucket: null,
  credentials: { kind: "anonymous" },
  partSizeBytes: null,
  connections: null,
});
const listOf = () => useBucketStore.getState().byProfile.get(profile.id);
const clientOf = (answers: Parameters<typeof fakeHost>[0]) => ({
  call: fakeHost(answers).call,
  onEvent: () => () => undefined,
});

beforeEach(() => {
  useBucketStore.setState({ byProfile: new Map() });
});

it("says that it looks, and then what is there", async () => {
  const loading = loadBuckets(clientOf({ "library.buckets": () => ["a", "b"] }), profile);
  expect(listOf()).toEqual({ phase: "loading" });
  await loading;
  expect(listOf()).toEqual({ phase: "ready", buckets: ["a", "b"] });
});

it("keeps showing the known ones while it asks again", async () => {
  await loadBuckets(clientOf({ "library.buckets": () => ["a"] }), profile);
  const again = loadBuckets(clientOf({ "library.buckets": () => ["a", "b"] }), profile);
  expect(listOf()).toEqual({ phase: "ready", buckets: ["a"] });
  await again;
  expect(listOf()).toEqual({ phase: "ready", buckets: ["a", "b"] });
});

it("keeps why it could not be asked", async () => {
  const denied = new LonghaulError("access-denied", "AccessDenied");
  await loadBuckets(clientOf({ "library.buckets": () => denied }), profile);
  expect(listOf()).toMatchObject({ phase: "failed", error: { code: "access-denied" } });
});

it("asks nobody for keys that may see one bucket only", async () => {
  await loadBuckets(clientOf({}), { ...profile, bucket: "mine" });
  expect(listOf()).toEqual({ phase: "ready", buckets: ["mine"] });
});
